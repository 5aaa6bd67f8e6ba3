import type { Plane } from '../../kernels/index.ts';

const BINS = 50;
/** A pile at the top has at least this many pixels and this many times the density below it. */
const MIN_PILE = 8;
const MIN_EXCESS = 4;
/** Pixels looked at together. */
const STRETCH = 2048;

/**
 * Find the level at which pixels pile up below the brightest one, as they do where a detector saturates.
 *
 * The cores of stars thin out towards the brightest pixel; a clipped detector ends in a crowd. The range
 * from sky to maximum is cut in 50; the top bins count as a pile while each holds four times the mean of the
 * bins from half to nine tenths.
 *
 * @param sky level that the range starts from, unit of the pixels.
 * @returns the lower edge of the pile, or `undefined` if there is none.
 */
export function estimateSaturation(pixels: Plane, sky: number): number | undefined {
  const { data } = pixels;
  // Of each stretch, so that few of them need be looked at again.
  const tops = Array.from({ length: Math.ceil(data.length / STRETCH) }, (_, k) =>
    highestOf(data, k * STRETCH),
  );
  const highest = tops.reduce((most, top) => Math.max(most, top), Number.NEGATIVE_INFINITY);
  if (!(highest > sky)) return undefined;
  const counts = new Float64Array(BINS);
  const scale = BINS / (highest - sky);
  const middle = sky + (highest - sky) / 2;
  tops.forEach((top, k) => {
    if (top < middle) return;
    for (let i = k * STRETCH; i < Math.min(data.length, (k + 1) * STRETCH); i++) {
      const value = data[i]!;
      if (value < middle || !(value <= highest)) continue;
      counts[Math.min(Math.floor((value - sky) * scale), BINS - 1)]!++;
    }
  });
  const below = counts.subarray(BINS / 2, (BINS * 9) / 10);
  const density = below.reduce((sum, count) => sum + count, 0) / below.length;
  const needed = Math.max(1, MIN_EXCESS * density);
  let pile = 0;
  let lowest = BINS;
  for (let bin = BINS - 1; bin >= (BINS * 9) / 10 && counts[bin]! >= needed; bin--) {
    pile += counts[bin]!;
    lowest = bin;
  }
  // Half the frame at the top is no star field but a bright sky or an inverted image.
  if (pile < MIN_PILE || pile > data.length / 4) return undefined;
  return sky + lowest / scale;
}

/** The highest finite number of a stretch. */
function highestOf(data: Float32Array, first: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  const end = Math.min(data.length, first + STRETCH);
  for (let i = first; i < end; i++) {
    const value = data[i]!;
    if (value > highest && value < Number.POSITIVE_INFINITY) highest = value;
  }
  return highest;
}
