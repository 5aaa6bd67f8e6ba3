import { gzipSync } from 'node:zlib';
import type { ReferenceStars } from '../../core/domains/catalog/index.ts';
import {
  headerNumber,
  parseWcs,
  pixelToSky,
  type SimulatedField,
} from '../../core/domains/observations/index.ts';
import { createRandom } from '../../core/utils/index.ts';

/** What is true of the magnitudes of a listed sky. */
export interface SkyTruth {
  /** Of 1 e-/s, for a star of colour g - r = 0.6. */
  readonly zeropointMag: number;
  readonly colourTerm: number;
  /** Scatter of the catalogue about its own errors, mag. */
  readonly intrinsicMag: number;
  /** Fraction of stars whose magnitude is off by 0.3 to 1. */
  readonly outliers: number;
  /** Largest change of the zeropoint over half the image, along x. */
  readonly slopeMag: number;
}

export const SKY_TRUTH: SkyTruth = {
  zeropointMag: 25.3,
  colourTerm: 0.05,
  intrinsicMag: 0.01,
  outliers: 0,
  slopeMag: 0,
};

/** Colour g - r of the middle star. */
export const MIDDLE_COLOUR = 0.6;

/**
 * List the stars of a simulated field as a catalogue would: Pan-STARRS-like g, r, i with errors.
 *
 * @param around stars of no image, strewn so many image sides beyond the field: catalogues do not end at an image.
 */
export function listKnownSky(
  field: SimulatedField,
  { truth = SKY_TRUTH, seed = 1, around = 0.6 }: { truth?: SkyTruth; seed?: number; around?: number } = {},
): ReferenceStars {
  const random = createRandom(seed);
  const { pixels, header } = field.science;
  const wcs = parseWcs(header)!;
  const exposureS = headerNumber(header, 'EXPTIME')!;
  const stars = field.sources
    .filter(({ kind }) => kind === 'star')
    .map(({ xPx, yPx, fluxE }) => ({ xPx, yPx, fluxE }));
  const fluxes = stars.map(({ fluxE }) => fluxE);
  const side = pixels.width;
  const strangers = Math.round(stars.length * ((1 + 2 * around) ** 2 - 1));
  for (let k = 0; k < strangers; ) {
    const xPx = side * ((1 + 2 * around) * random.uniform() - around);
    const yPx = side * ((1 + 2 * around) * random.uniform() - around);
    if (xPx > -20 && yPx > -20 && xPx < side + 20 && yPx < side + 20) continue;
    stars.push({ xPx, yPx, fluxE: fluxes[random.integer(fluxes.length)]! });
    k++;
  }
  const rows = stars.map(({ xPx, yPx, fluxE }) => {
    const colour = MIDDLE_COLOUR + 0.3 * random.normal();
    const { raDeg, decDeg } = pixelToSky(wcs, xPx, yPx);
    const place = truth.slopeMag * ((2 * xPx) / (side - 1) - 1);
    const r =
      truth.zeropointMag -
      2.5 * Math.log10(fluxE / exposureS) +
      truth.colourTerm * (colour - MIDDLE_COLOUR) +
      place;
    const err = Math.hypot(0.003, 0.002 * 10 ** (0.3 * (r - 18)));
    const noise = Math.hypot(err, truth.intrinsicMag) * random.normal();
    const off =
      random.uniform() < truth.outliers
        ? (random.uniform() < 0.5 ? -1 : 1) * (0.3 + 0.7 * random.uniform())
        : 0;
    return {
      raDeg,
      decDeg,
      g: r + colour + err * random.normal() * 0.3,
      r: r + noise + off,
      i: r - 0.4 * colour,
      err,
    };
  });
  const band = (name: 'g' | 'r' | 'i') => ({
    band: name,
    mag: Float32Array.from(rows, (row) => row[name]),
    magErr: Float32Array.from(rows, ({ err }) => err),
  });
  return {
    count: rows.length,
    epochYr: 2016,
    raDeg: Float64Array.from(rows, ({ raDeg }) => raDeg),
    decDeg: Float64Array.from(rows, ({ decDeg }) => decDeg),
    pmRaMasYr: new Float32Array(rows.length).fill(Number.NaN),
    pmDecMasYr: new Float32Array(rows.length).fill(Number.NaN),
    bands: [band('g'), band('r'), band('i')],
    isVariable: new Uint8Array(rows.length),
    ids: rows.map((_, k) => String(190_361_393_344_112_000n + BigInt(k))),
  };
}

/** Write stars as MAST writes Pan-STARRS's mean objects. */
export function formatPanstarrs(stars: ReferenceStars): string {
  const column = (name: string) => stars.bands.find(({ band }) => band === name)!;
  const lines = Array.from({ length: stars.count }, (_, k) =>
    [
      stars.ids[k],
      stars.raDeg[k]!.toFixed(8),
      stars.decDeg[k]!.toFixed(8),
      57_388.5,
      ...['g', 'r', 'i'].flatMap((name) => [
        column(name).mag[k]!.toFixed(4),
        column(name).magErr[k]!.toFixed(4),
      ]),
    ].join(),
  );
  return [
    'objID,raMean,decMean,epochMean,gMeanPSFMag,gMeanPSFMagErr,rMeanPSFMag,rMeanPSFMagErr,iMeanPSFMag,iMeanPSFMagErr',
    ...lines,
  ].join('\n');
}

/** Write stars as the Gaia archive does, gzipped: G = r, BP and RP half a colour to either side. */
export function formatGaia(stars: ReferenceStars): Uint8Array {
  const r = stars.bands.find(({ band }) => band === 'r')!;
  const g = stars.bands.find(({ band }) => band === 'g')!;
  const lines = Array.from({ length: stars.count }, (_, k) => {
    const colour = g.mag[k]! - r.mag[k]!;
    return [
      `59${stars.ids[k]}`,
      2016,
      stars.raDeg[k]!.toFixed(10),
      stars.decDeg[k]!.toFixed(10),
      '',
      '',
      r.mag[k]!.toFixed(5),
      (1.0857 / r.magErr[k]!).toFixed(1),
      (r.mag[k]! + 0.5 * colour).toFixed(5),
      (r.mag[k]! - 0.5 * colour).toFixed(5),
      'NOT_AVAILABLE',
    ].join();
  });
  const head =
    'source_id,ref_epoch,ra,dec,pmra,pmdec,phot_g_mean_mag,phot_g_mean_flux_over_error,phot_bp_mean_mag,phot_rp_mean_mag,phot_variable_flag';
  return gzipSync([head, ...lines].join('\n'));
}
