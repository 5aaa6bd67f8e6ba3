import { UNUSABLE } from '../../observations/index.ts';
import { SourceFlag } from '../measure-source.ts';
import type { Source } from '../model.ts';
import { median } from './fit-robustly.ts';
import type { IndexPairs } from './verify-alignment.ts';

/** How many stars a map wants. */
export interface CleanestConfig {
  /** Brighter stars that suffice to leave fainter ones aside. Default 100. */
  readonly plentyStars: number;
  /** Stars that suffice to leave aside what may be none. Default 30. */
  readonly enoughStars: number;
  /** Most stars used, brightest first. Default 1500. */
  readonly maxStars: number;
}

/**
 * Take the cleanest kind of star of which there are enough: unsaturated, uncut, of a star's size and bright; then
 * fainter, as a lens wants stars in every corner; then of any size; then whatever matched. Deblended stars stay: in a crowded field they are the best there
 * are.
 */
export function chooseCleanest(
  science: readonly Source[],
  template: readonly Source[],
  pairs: IndexPairs,
  { plentyStars, enoughStars, maxStars }: CleanestConfig,
): IndexPairs {
  const isWhole = (source: Source): boolean =>
    (source.flags & (SourceFlag.SATURATED | SourceFlag.TRUNCATED)) === 0 &&
    (source.maskBits & UNUSABLE) === 0;
  // Pairs come brightest first: the first whole ones tell a star's size.
  const sizeOf = (sources: readonly Source[], indices: readonly number[]): number =>
    median(
      Float64Array.from(indices.filter((k) => isWhole(sources[k]!)).slice(0, 100), (k) => sources[k]!.fwhmPx),
    );
  const scienceSize = sizeOf(science, pairs.science);
  const templateSize = sizeOf(template, pairs.template);
  const isStar = (source: Source, size: number): boolean =>
    isWhole(source) && source.fwhmPx > 0.65 * size && source.fwhmPx < 1.5 * size;
  const kinds: { is: (source: Source, size: number) => boolean; needed: number }[] = [
    { is: (source, size) => isStar(source, size) && source.snr >= 20, needed: plentyStars },
    { is: (source, size) => isStar(source, size) && source.snr >= 10, needed: plentyStars },
    { is: isStar, needed: enoughStars },
    { is: isWhole, needed: enoughStars },
  ];
  const take = (kept: readonly number[]): IndexPairs => ({
    science: kept.slice(0, maxStars).map((at) => pairs.science[at]!),
    template: kept.slice(0, maxStars).map((at) => pairs.template[at]!),
  });
  for (const { is, needed } of kinds) {
    const kept = pairs.science.flatMap((k, at) =>
      is(science[k]!, scienceSize) && is(template[pairs.template[at]!]!, templateSize) ? [at] : [],
    );
    if (kept.length >= needed) return take(kept);
  }
  return take(Array.from(pairs.science.keys()));
}

/** Estimate the centroid error of a star under background noise, px: about 0.6 FWHM over its signal-to-noise. */
export function centroidError(source: Source): number {
  const fwhmPx = Math.min(20, Math.max(1, source.fwhmPx || 1));
  return (0.6 * fwhmPx) / Math.max(1, source.snr);
}
