/** Sky frames that region files and readouts name. FK5 is that of J2000 and is taken for ICRS: they differ by 0.02 arcsec. */
export type CelestialFrame = 'icrs' | 'fk5' | 'fk4' | 'galactic' | 'ecliptic';

/** Longitude and latitude in a frame, degrees; the longitude in 0..360. */
export interface Celestial {
  readonly lonDeg: number;
  readonly latDeg: number;
}

type Vector = readonly [number, number, number];
type Matrix = readonly number[];

const RADIAN = Math.PI / 180;

/** ICRS to galactic. @see ESA 1997, The Hipparcos Catalogue, vol. 1, section 1.5.3 */
const ICRS_TO_GALACTIC: Matrix = [
  -0.0548755604162154, -0.873437090234885, -0.4838350155487132, 0.4941094278755837, -0.4448296299600112,
  0.746982244497219, -0.8676661490190047, -0.1980763734312015, 0.4559837761750669,
];

/** FK4 without E-terms at B1950 to FK5 at J2000. @see Murray 1989, A&A 218, 325, eq. 28 */
const FK4_TO_FK5: Matrix = [
  0.9999256794956877, -0.0111814832204662, -0.0048590038153592, 0.0111814832391717, 0.9999374848933135,
  -0.0000271625947142, 0.0048590037723143, -0.000027170293744, 0.9999881946023742,
];

/** E-terms of aberration at B1950, rad. @see Seidelmann 1992, Explanatory Supplement, 3.531 */
const E_TERMS: Vector = [-1.625571e-6, -0.319191e-6, -0.138434e-6];

/** Mean obliquity at J2000, IAU 2006: the ecliptic is that of J2000. */
const OBLIQUITY_RAD = (84381.406 / 3600) * RADIAN;
const ICRS_TO_ECLIPTIC: Matrix = [
  1,
  0,
  0,
  0,
  Math.cos(OBLIQUITY_RAD),
  Math.sin(OBLIQUITY_RAD),
  0,
  -Math.sin(OBLIQUITY_RAD),
  Math.cos(OBLIQUITY_RAD),
];

/** Find the frame behind a system of a region file; `undefined` for one that is not of the sky or not known here. */
export function frameOf(system: string): CelestialFrame | undefined {
  switch (system) {
    case 'icrs':
    case 'galactic':
    case 'ecliptic':
      return system;
    case 'fk5':
    case 'j2000':
      return 'fk5';
    case 'fk4':
    case 'b1950':
      return 'fk4';
    // The image's own system: what it is called matters less than that it is the image's.
    case 'wcs':
      return 'icrs';
    default:
      return undefined;
  }
}

/** Turn a place in a frame into ICRS, degrees. */
export function toIcrs(frame: CelestialFrame, lonDeg: number, latDeg: number): Celestial {
  const vector = vectorOf(lonDeg, latDeg);
  switch (frame) {
    case 'icrs':
    case 'fk5':
      return placeOf(vector);
    case 'galactic':
      return placeOf(turnBack(ICRS_TO_GALACTIC, vector));
    case 'ecliptic':
      return placeOf(turnBack(ICRS_TO_ECLIPTIC, vector));
    case 'fk4':
      return placeOf(turn(FK4_TO_FK5, withoutETerms(vector)));
  }
}

/** Turn an ICRS place into a frame, degrees: the inverse of `toIcrs`. */
export function fromIcrs(frame: CelestialFrame, raDeg: number, decDeg: number): Celestial {
  const vector = vectorOf(raDeg, decDeg);
  switch (frame) {
    case 'icrs':
    case 'fk5':
      return placeOf(vector);
    case 'galactic':
      return placeOf(turn(ICRS_TO_GALACTIC, vector));
    case 'ecliptic':
      return placeOf(turn(ICRS_TO_ECLIPTIC, vector));
    case 'fk4': {
      const wanted = turnBack(FK4_TO_FK5, vector);
      let guess = wanted;
      // The terms are 1e-6: each round gains six digits.
      for (let round = 0; round < 3; round++) {
        const found = withoutETerms(guess);
        guess = [
          guess[0] + wanted[0] - found[0],
          guess[1] + wanted[1] - found[1],
          guess[2] + wanted[2] - found[2],
        ];
      }
      return placeOf(guess);
    }
  }
}

function withoutETerms(vector: Vector): Vector {
  const along = vector[0] * E_TERMS[0] + vector[1] * E_TERMS[1] + vector[2] * E_TERMS[2];
  const reduced = vector.map((part, i) => part - E_TERMS[i]! + along * part) as unknown as Vector;
  const length = Math.hypot(...reduced);
  return [reduced[0] / length, reduced[1] / length, reduced[2] / length];
}

function turn(m: Matrix, [x, y, z]: Vector): Vector {
  return [
    m[0]! * x + m[1]! * y + m[2]! * z,
    m[3]! * x + m[4]! * y + m[5]! * z,
    m[6]! * x + m[7]! * y + m[8]! * z,
  ];
}

function turnBack(m: Matrix, [x, y, z]: Vector): Vector {
  return [
    m[0]! * x + m[3]! * y + m[6]! * z,
    m[1]! * x + m[4]! * y + m[7]! * z,
    m[2]! * x + m[5]! * y + m[8]! * z,
  ];
}

function vectorOf(lonDeg: number, latDeg: number): Vector {
  const cosine = Math.cos(latDeg * RADIAN);
  return [cosine * Math.cos(lonDeg * RADIAN), cosine * Math.sin(lonDeg * RADIAN), Math.sin(latDeg * RADIAN)];
}

function placeOf([x, y, z]: Vector): Celestial {
  const lon = Math.atan2(y, x) / RADIAN;
  const positive = lon < 0 ? lon + 360 : lon;
  // A tiny negative angle plus 360 rounds to 360.
  return { lonDeg: positive >= 360 ? 0 : positive, latDeg: Math.atan2(z, Math.hypot(x, y)) / RADIAN };
}
