import type { CatalogKind, ReferenceStars } from '../model.ts';

/** Magnitudes of reference stars in the band of an image, and a colour. */
export interface ReferenceMagnitudes {
  /** The band that `mag` is in, and how it was made of the catalogue's: `r`, `r from G, BP - RP`. */
  readonly band: string;
  /** AB; NaN where the catalogue does not tell. */
  readonly mag: Float64Array;
  readonly magErr: Float64Array;
  /** What `colour` is: `g - r`; absent when the catalogue has one band. */
  readonly colourName?: string | undefined;
  readonly colour?: Float64Array | undefined;
  /** Scatter of stars about the transformation that made `mag`, mag; 0 for the catalogue's own. */
  readonly transformScatter: number;
}

/**
 * Gaia's Vega magnitudes to AB.
 *
 * @see Riello et al. 2021, A&A 649, A3, table 3: zeropoints in both systems.
 */
const GAIA_AB: Readonly<Record<string, number>> = {
  G: 25.801 - 25.6874,
  BP: 25.354 - 25.3385,
  RP: 25.104 - 24.7479,
};

interface Transform {
  /** G - band as a polynomial of BP - RP, both as Gaia gives them. */
  readonly coefficients: readonly number[];
  readonly range: readonly [number, number];
  readonly scatter: number;
  /** Johnson-Cousins bands are Vega's: what brings them to AB. */
  readonly toAb: number;
}

/**
 * Gaia's bands to others.
 *
 * @see Gaia EDR3 documentation, section 5.5.1, tables 5.7 and 5.8; Vega to AB: Blanton & Roweis 2007, AJ 133, 734, table 1.
 */
const FROM_GAIA: Readonly<Record<string, Transform>> = {
  g: { coefficients: [0.2199, -0.6365, -0.1548, 0.0064], range: [0.3, 3], scatter: 0.075, toAb: 0 },
  r: { coefficients: [-0.09837, 0.08592, 0.1907, -0.1701, 0.02263], range: [0, 3], scatter: 0.074, toAb: 0 },
  i: { coefficients: [-0.293, 0.6404, -0.09609, -0.002104], range: [0.5, 2], scatter: 0.099, toAb: 0 },
  V: { coefficients: [-0.02704, 0.01424, -0.2156, 0.01426], range: [-0.5, 5], scatter: 0.03, toAb: 0.02 },
  R: {
    coefficients: [-0.02275, 0.3961, -0.1243, -0.01396, 0.003775],
    range: [0, 4],
    scatter: 0.032,
    toAb: 0.21,
  },
  I: { coefficients: [0.01753, 0.76, -0.0991], range: [-0.5, 4.5], scatter: 0.038, toAb: 0.45 },
};

/** Colours by the band of the image, from the likeliest. */
const COLOURS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  u: [
    ['u', 'g'],
    ['g', 'r'],
  ],
  g: [
    ['g', 'r'],
    ['g', 'i'],
  ],
  r: [
    ['g', 'r'],
    ['r', 'i'],
    ['g', 'i'],
  ],
  i: [
    ['r', 'i'],
    ['g', 'i'],
    ['i', 'z'],
  ],
  z: [
    ['i', 'z'],
    ['r', 'z'],
  ],
  y: [
    ['z', 'y'],
    ['i', 'y'],
  ],
  B: [
    ['B', 'V'],
    ['g', 'r'],
  ],
  V: [
    ['B', 'V'],
    ['V', 'R'],
    ['g', 'r'],
  ],
  R: [
    ['V', 'R'],
    ['R', 'I'],
    ['g', 'r'],
  ],
  I: [
    ['R', 'I'],
    ['V', 'I'],
    ['r', 'i'],
  ],
};

/** Bands that stand for one another in a catalogue that lacks the first: the colour term takes up the difference. */
const NEAREST: Readonly<Record<string, readonly string[]>> = {
  B: ['g'],
  V: ['g', 'r'],
  R: ['r'],
  I: ['i'],
  g: ['V', 'B'],
  r: ['R'],
  i: ['I'],
};

/**
 * Give the magnitudes of reference stars in the band of an image.
 *
 * The catalogue's own band when it has it; Gaia's transformed to Sloan's and Johnson's; Gaia's G or the catalogue's
 * reddest-seen band for an image without filter.
 *
 * @param band as `facts.band` names it; `clear` or absent for none.
 * @returns `undefined` when the catalogue has nothing near to it.
 */
export function chooseBand(
  stars: ReferenceStars,
  kind: CatalogKind,
  band: string | undefined,
): ReferenceMagnitudes | undefined {
  const isFree = band === undefined || band === 'clear';
  if (kind === 'gaia') return chooseFromGaia(stars, isFree ? 'G' : band);
  const wanted = isFree ? ['r', 'R', 'G', 'white', 'V', 'i', 'g'] : [band, ...(NEAREST[band] ?? [])];
  const found = wanted.map((name) => bandOf(stars, name)).find((own) => own !== undefined);
  if (found === undefined) return undefined;
  const pair = (COLOURS[found.band] ?? []).find(([a, b]) => bandOf(stars, a) && bandOf(stars, b));
  return {
    band: found.band,
    mag: Float64Array.from(found.mag),
    magErr: errorsOf(found.magErr),
    transformScatter: 0,
    ...(pair === undefined ? {} : { colourName: pair.join(' - '), colour: colourOf(stars, pair) }),
  };
}

function chooseFromGaia(stars: ReferenceStars, band: string): ReferenceMagnitudes | undefined {
  const own = bandOf(stars, band);
  const colour = bandOf(stars, 'BP') && bandOf(stars, 'RP') ? colourOf(stars, ['BP', 'RP']) : undefined;
  const colours = colour === undefined ? {} : { colourName: 'BP - RP', colour };
  if (own !== undefined && GAIA_AB[band] !== undefined)
    return {
      band,
      mag: Float64Array.from(own.mag, (mag) => mag + GAIA_AB[band]!),
      magErr: errorsOf(own.magErr),
      transformScatter: 0,
      ...colours,
    };
  const transform = FROM_GAIA[band];
  const g = bandOf(stars, 'G');
  if (transform === undefined || g === undefined || colour === undefined) return undefined;
  const { coefficients, range, toAb, scatter } = transform;
  return {
    band: `${band} from G, BP - RP`,
    mag: colour.map((x, k) =>
      x >= range[0] && x <= range[1]
        ? g.mag[k]! - coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0) + toAb
        : Number.NaN,
    ),
    magErr: errorsOf(g.magErr),
    transformScatter: scatter,
    ...colours,
  };
}

function bandOf({ bands }: ReferenceStars, name: string) {
  return bands.find(({ band }) => band === name);
}

function colourOf(stars: ReferenceStars, [a, b]: readonly [string, string]): Float64Array {
  const [first, second] = [bandOf(stars, a)!.mag, bandOf(stars, b)!.mag];
  return Float64Array.from(first, (mag, k) => mag - second[k]!);
}

/** A catalogue that tells no error is taken to be good to this. */
const UNKNOWN_ERROR = 0.02;

function errorsOf(errors: Float32Array): Float64Array {
  return Float64Array.from(errors, (value) => (Number.isFinite(value) ? value : UNKNOWN_ERROR));
}
