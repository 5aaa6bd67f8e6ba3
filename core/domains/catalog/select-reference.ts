import type { ReferenceBand, ReferenceStars } from './model.ts';

/** Take some stars out of a list, in the order of `indices`. */
export function selectReference(stars: ReferenceStars, indices: readonly number[]): ReferenceStars {
  const take32 = (values: Float32Array): Float32Array => Float32Array.from(indices, (k) => values[k]!);
  return {
    count: indices.length,
    epochYr: stars.epochYr,
    raDeg: Float64Array.from(indices, (k) => stars.raDeg[k]!),
    decDeg: Float64Array.from(indices, (k) => stars.decDeg[k]!),
    pmRaMasYr: take32(stars.pmRaMasYr),
    pmDecMasYr: take32(stars.pmDecMasYr),
    bands: stars.bands.map(({ band, mag, magErr }) => ({ band, mag: take32(mag), magErr: take32(magErr) })),
    isVariable: Uint8Array.from(indices, (k) => stars.isVariable[k]!),
    ids: indices.map((k) => stars.ids[k]!),
  };
}

/** Bands from that by which most detectors see most, to the last resort. */
const BRIGHTNESS_BANDS = ['G', 'r', 'R', 'i', 'V', 'RP', 'g', 'I', 'BP', 'z', 'B', 'white'];

/**
 * Give each star one magnitude to be sorted by: the first band it has of the red-optical ones.
 *
 * @returns infinity for a star without any.
 */
export function brightnessOf(stars: {
  readonly count: number;
  readonly bands: readonly Pick<ReferenceBand, 'band' | 'mag'>[];
}): Float32Array {
  const rank = (band: string): number => {
    const at = BRIGHTNESS_BANDS.indexOf(band);
    return at < 0 ? BRIGHTNESS_BANDS.length : at;
  };
  const ordered = stars.bands.toSorted((a, b) => rank(a.band) - rank(b.band));
  const brightness = new Float32Array(stars.count).fill(Number.POSITIVE_INFINITY);
  for (let k = 0; k < stars.count; k++)
    for (const { mag } of ordered)
      if (Number.isFinite(mag[k]!)) {
        brightness[k] = mag[k]!;
        break;
      }
  return brightness;
}

/** Put stars in order of brightness and keep the first so many. */
export function brightestFirst(stars: ReferenceStars, limit = stars.count): ReferenceStars {
  const mag = brightnessOf(stars);
  const order = Array.from({ length: stars.count }, (_, k) => k).sort((a, b) => mag[a]! - mag[b]! || a - b);
  return selectReference(stars, order.slice(0, limit));
}
