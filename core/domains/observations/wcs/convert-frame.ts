import type { SkyFrame } from './model.ts';

/** A rotation of three-vectors, nine numbers row-major. */
export type Rotation = readonly number[];

const RADIAN = Math.PI / 180;
const ARCSEC = RADIAN / 3600;

const IDENTITY: Rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** ICRS to galactic, transposed below. @see ESA 1997, The Hipparcos Catalogue, vol. 1, section 1.5.3 */
const ICRS_TO_GALACTIC: Rotation = [
  -0.0548755604162154, -0.873437090234885, -0.4838350155487132, 0.4941094278755837, -0.4448296299600112,
  0.746982244497219, -0.8676661490190047, -0.1980763734312015, 0.4559837761750669,
];

/** FK4 without E-terms at B1950 to FK5 at J2000. @see Murray 1989, A&A 218, 325, eq. 28 */
const FK4_TO_FK5: Rotation = [
  0.9999256794956877, -0.0111814832204662, -0.0048590038153592, 0.0111814832391717, 0.9999374848933135,
  -0.0000271625947142, 0.0048590037723143, -0.000027170293744, 0.9999881946023742,
];

/** E-terms of aberration at B1950, rad. @see Seidelmann 1992, Explanatory Supplement, 3.531 */
const E_TERMS: readonly [number, number, number] = [-1.625571e-6, -0.319191e-6, -0.138434e-6];

/** Mean obliquity at J2000, IAU 2006. */
const OBLIQUITY_RAD = 84381.406 * ARCSEC;

/** Multiply two rotations: first `second`, then `first`. */
export function multiplyRotations(first: Rotation, second: Rotation): Rotation {
  const product = new Array<number>(9).fill(0);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++)
      for (let k = 0; k < 3; k++) product[i * 3 + j]! += first[i * 3 + k]! * second[k * 3 + j]!;
  return product;
}

/**
 * Give the rotation from a frame to ICRS.
 *
 * FK5 at J2000 is taken for ICRS: they differ by 0.02 arcsec, less than FK5's own zone errors, and half of
 * the headers that say FK5 were fitted to ICRS catalogues. FK5 of another equinox is precessed to J2000.
 * FK4 is no rotation: see `fk4ToIcrs`.
 *
 * @see Capitaine, Wallace & Chapront 2003, A&A 412, 567, eq. 40-41, for the precession.
 */
export function rotationToIcrs(frame: Exclude<SkyFrame, 'FK4'>, equinox: number): Rotation {
  switch (frame) {
    case 'ICRS':
      return IDENTITY;
    case 'FK5':
      return equinox === 2000 ? IDENTITY : transpose(precessionFromJ2000(equinox));
    case 'galactic':
      return transpose(ICRS_TO_GALACTIC);
    case 'ecliptic':
      return rotationX(-OBLIQUITY_RAD);
    default: {
      const unknown: never = frame;
      throw new Error(`Unhandled frame ${String(unknown)}.`);
    }
  }
}

/** Turn an FK4 B1950 unit vector into ICRS, in place: the E-terms of aberration off, then the rotation. */
export function fk4ToIcrs(vector: Float64Array): void {
  removeETerms(vector);
  rotate(FK4_TO_FK5, vector);
}

/** Turn an ICRS unit vector into FK4 B1950, in place: the inverse of `fk4ToIcrs`. */
export function icrsToFk4(vector: Float64Array): void {
  rotateBack(FK4_TO_FK5, vector);
  const [x, y, z] = [vector[0]!, vector[1]!, vector[2]!];
  const trial = new Float64Array(3);
  // The terms are 1e-6: each round gains six digits.
  for (let round = 0; round < 4; round++) {
    trial.set(vector);
    removeETerms(trial);
    vector[0]! += x - trial[0]!;
    vector[1]! += y - trial[1]!;
    vector[2]! += z - trial[2]!;
    normalize(vector);
  }
}

/** Apply a rotation to a vector, in place. */
export function rotate(r: Rotation, vector: Float64Array): void {
  const [x, y, z] = [vector[0]!, vector[1]!, vector[2]!];
  vector[0] = r[0]! * x + r[1]! * y + r[2]! * z;
  vector[1] = r[3]! * x + r[4]! * y + r[5]! * z;
  vector[2] = r[6]! * x + r[7]! * y + r[8]! * z;
}

/** Apply the inverse of a rotation to a vector, in place. */
export function rotateBack(r: Rotation, vector: Float64Array): void {
  const [x, y, z] = [vector[0]!, vector[1]!, vector[2]!];
  vector[0] = r[0]! * x + r[3]! * y + r[6]! * z;
  vector[1] = r[1]! * x + r[4]! * y + r[7]! * z;
  vector[2] = r[2]! * x + r[5]! * y + r[8]! * z;
}

function removeETerms(vector: Float64Array): void {
  const along = vector[0]! * E_TERMS[0] + vector[1]! * E_TERMS[1] + vector[2]! * E_TERMS[2];
  for (let i = 0; i < 3; i++) vector[i] = vector[i]! - E_TERMS[i]! + along * vector[i]!;
  normalize(vector);
}

function precessionFromJ2000(equinox: number): Rotation {
  const t = (equinox - 2000) / 100;
  const series = (...terms: readonly number[]): number =>
    terms.reduceRight((sum, term) => sum * t + term, 0) * ARCSEC;
  const zeta = series(2.650545, 2306.083227, 0.2988499, 0.01801828, -5.971e-6, -3.173e-7);
  const z = series(-2.650545, 2306.077181, 1.0927348, 0.01826837, -2.8596e-5, -2.904e-7);
  const theta = series(0, 2004.191903, -0.4294934, -0.04182264, -7.089e-6, -1.274e-7);
  return multiplyRotations(multiplyRotations(rotationZ(-z), rotationY(theta)), rotationZ(-zeta));
}

function rotationX(angle: number): Rotation {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [1, 0, 0, 0, c, s, 0, -s, c];
}

function rotationY(angle: number): Rotation {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c, 0, -s, 0, 1, 0, s, 0, c];
}

function rotationZ(angle: number): Rotation {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c, s, 0, -s, c, 0, 0, 0, 1];
}

function transpose(r: Rotation): Rotation {
  return [r[0]!, r[3]!, r[6]!, r[1]!, r[4]!, r[7]!, r[2]!, r[5]!, r[8]!];
}

function normalize(vector: Float64Array): void {
  const length = Math.hypot(vector[0]!, vector[1]!, vector[2]!);
  for (let i = 0; i < 3; i++) vector[i]! /= length;
}
