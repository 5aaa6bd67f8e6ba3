import type { Plane, RowSource } from '../../kernels/index.ts';
import { markAbove, readPixels } from '../../kernels/index.ts';
import type { Measurable } from './measurable.ts';
import { UNUSABLE_PIXEL } from './measurable.ts';

/** A small odd-sided detection filter, row-major. */
export interface DetectionFilter {
  readonly width: number;
  readonly height: number;
  readonly weights: readonly number[];
}

/** How the filter treats missing pixels: `matched` by what is left of it, `convolution` as zeros. */
export type FilterMode = 'matched' | 'convolution';

/** Which pixels stand out of the noise. */
export interface ThresholdedImage {
  /** 1 where the filtered image is above the threshold. */
  readonly above: Uint8Array;
  /** The image smoothed by the unit-sum filter K, missing pixels being zero. */
  readonly smoothed: Float32Array;
}

/**
 * Filter an image and mark the pixels above a threshold.
 *
 * `convolution` compares the smoothed image with threshold * rms. `matched` is the same where all pixels under the
 * filter are there; where some are masked or beyond the border it compares
 * sqrt(sum K^2) sum(K I) / sqrt(sum K^2 of those left), which keeps the false-alarm rate. The noise counts as even
 * over the filter.
 *
 * @param source background-subtracted.
 * @param rms 1 sigma noise per pixel, same unit; positive.
 * @param threshold in sigma of the unfiltered image.
 * @param out written in full.
 * @see Bertin & Arnouts 1996, A&AS 117, 393, section 4; Zackay & Ofek 2017, ApJ 836, 187.
 */
export function thresholdImage(
  source: Measurable,
  rms: Plane | RowSource | number,
  filter: DetectionFilter,
  mode: FilterMode,
  threshold: number,
  out?: ThresholdedImage,
): ThresholdedImage {
  const { image, unusable } = source;
  const kernel = normaliseFilter(filter);
  const { above, smoothed } = markAbove(image, { missing: unusable, kernel, rms, threshold }, out);
  // A pixel without a value has nothing to measure, however bright its neighbours are.
  for (const at of unusable) if (!Number.isFinite(image.data[at])) above[at] = 0;
  if (mode === 'matched') renormalise(source, rms, kernel, threshold, above, smoothed);
  return { above, smoothed };
}

/** Stands in `above` for a pixel that is still to be judged. */
const UNJUDGED = 2;

/** Judge anew the pixels that have missing ones under their filter. */
function renormalise(
  source: Measurable,
  rms: Plane | RowSource | number,
  kernel: Plane,
  threshold: number,
  above: Uint8Array,
  smoothed: Float32Array,
): void {
  const { owners, image, unusable } = source;
  const { width, height } = image;
  const halfX = kernel.width >> 1;
  const halfY = kernel.height >> 1;
  let whole = 0;
  for (const tap of kernel.data) whole += tap * tap;
  const rmsAt = readPixels(rms);
  const judge = (x: number, y: number): void => {
    const at = y * width + x;
    above[at] = 0;
    if (!Number.isFinite(image.data[at])) return;
    let left = 0;
    for (let ky = -halfY; ky <= halfY; ky++) {
      for (let kx = -halfX; kx <= halfX; kx++) {
        const px = x + kx;
        const py = y + ky;
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        if (owners[py * width + px] === UNUSABLE_PIXEL) continue;
        left += kernel.data[(halfY - ky) * kernel.width + halfX - kx]! ** 2;
      }
    }
    if (left > 0 && smoothed[at]! * Math.sqrt(whole / left) > threshold * rmsAt(x, y)) above[at] = 1;
  };
  // Unusable pixels lie close together: what is around them is marked first, lest it be judged for each.
  for (const isMarking of [true, false]) {
    for (let k = 0; k < unusable.length; k++) {
      const x = unusable[k]! % width;
      const y = (unusable[k]! - x) / width;
      for (let py = Math.max(0, y - halfY); py <= Math.min(height - 1, y + halfY); py++) {
        for (let px = Math.max(0, x - halfX); px <= Math.min(width - 1, x + halfX); px++) {
          const at = py * width + px;
          if (isMarking) above[at] = UNJUDGED;
          else if (above[at] === UNJUDGED) judge(px, py);
        }
      }
    }
  }
  // A call for each stretch: of a loop that is long in few rows and short in most the engine makes code that it leaves,
  // and throws away, at every short one.
  const judgeRow = (y: number, from: number, to: number): void => {
    for (let x = from; x < to; x++) judge(x, y);
  };
  for (let y = 0; y < height; y++) {
    const isBorderRow = y < halfY || y >= height - halfY || width <= 2 * halfX;
    judgeRow(y, 0, isBorderRow ? width : halfX);
    if (!isBorderRow) judgeRow(y, width - halfX, width);
  }
}

/** The filter with unit sum, turned by half: filters are correlated with the image, not convolved. */
function normaliseFilter(filter: DetectionFilter): Plane {
  const sum = filter.weights.reduce((total, tap) => total + Math.abs(tap), 0);
  const data = Float32Array.from(filter.weights, (tap) => tap / sum).reverse();
  return { width: filter.width, height: filter.height, data };
}
