import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { convolve, makePlane } from '../../kernels/index.ts';

/** A small odd-sided detection filter, row-major. */
export interface DetectionFilter {
  readonly width: number;
  readonly height: number;
  readonly weights: readonly number[];
}

/** How the filtered image is compared with the noise. */
export type FilterMode = 'matched' | 'convolution';

/** Which pixels stand out of the noise. */
export interface ThresholdedImage {
  readonly width: number;
  readonly height: number;
  /** 1 where the filtered image is above the threshold. */
  readonly above: Uint8Array;
  /** The image smoothed by the unit-sum filter. */
  readonly smoothed: Float32Array;
}

/**
 * Filter an image and mark the pixels above a threshold.
 *
 * `convolution` compares the image, smoothed by the unit-sum filter K, with threshold * rms. `matched` weights
 * each pixel by its inverse variance: sqrt(sum K^2) sum(K I / s^2) / sqrt(sum(K^2 / s^2)) > threshold, which is the
 * same where the noise is even, and right where it is not or pixels are masked. (SEP leaves out the first factor:
 * its matched threshold of 1.5 is ours of 0.56 for the default filter, and finds noise.)
 *
 * @param image background-subtracted.
 * @param rms 1 sigma noise per pixel, same unit; positive.
 * @param excluded mask bits of pixels that count as nothing.
 * @param threshold in sigma of the unfiltered image.
 * @see Bertin & Arnouts 1996, A&AS 117, 393, section 4; Zackay & Ofek 2017, ApJ 836, 187.
 */
export function thresholdImage(
  image: Plane,
  rms: Plane | number,
  mask: MaskPlane | undefined,
  excluded: number,
  filter: DetectionFilter,
  mode: FilterMode,
  threshold: number,
): ThresholdedImage {
  const { width, height } = image;
  const kernel = normaliseFilter(filter);
  const values = padUsable(image, mask, excluded, filter);
  const smooth = convolve(values, kernel);
  const above = new Uint8Array(width * height);
  const smoothed = new Float32Array(width * height);
  const stride = values.width;
  const offset = (filter.height >> 1) * stride + (filter.width >> 1);
  for (let y = 0; y < height; y++) {
    const from = offset + y * stride;
    smoothed.set(smooth.data.subarray(from, from + width), y * width);
  }
  if (typeof rms === 'number' || mode === 'convolution') {
    const level = typeof rms === 'number' ? threshold * rms : 0;
    const levels = typeof rms === 'number' ? undefined : rms.data;
    for (let i = 0; i < smoothed.length; i++) {
      if (smoothed[i]! > (levels === undefined ? level : threshold * levels[i]!)) above[i] = 1;
    }
    return { width, height, above, smoothed };
  }

  const weights = makePlane(values.width, values.height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const to = offset + y * stride + x;
      const value = image.data[i]!;
      if (value - value !== 0 || (mask !== undefined && (mask.data[i]! & excluded) !== 0)) continue;
      const weight = 1 / (rms.data[i]! * rms.data[i]!);
      weights.data[to] = weight;
      values.data[to] = value * weight;
    }
  }
  const squares = { width: kernel.width, height: kernel.height, data: kernel.data.map((tap) => tap * tap) };
  const numerator = convolve(values, kernel, smooth).data;
  const denominator = convolve(weights, squares).data;
  const squareSum = squares.data.reduce((sum, tap) => sum + tap, 0);
  const scale = threshold / Math.sqrt(squareSum);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = offset + y * stride + x;
      const weight = denominator[from]!;
      if (weight > 0 && numerator[from]! > scale * Math.sqrt(weight)) above[y * width + x] = 1;
    }
  }
  return { width, height, above, smoothed };
}

/** The filter with unit sum, turned by half: filters are correlated with the image, not convolved. */
function normaliseFilter(filter: DetectionFilter): Plane {
  const sum = filter.weights.reduce((total, tap) => total + Math.abs(tap), 0);
  const data = Float32Array.from(filter.weights, (tap) => tap / sum).reverse();
  return { width: filter.width, height: filter.height, data };
}

/** Copy an image into a frame of zeros half a filter wide, with zeros for pixels that do not count. */
function padUsable(
  image: Plane,
  mask: MaskPlane | undefined,
  excluded: number,
  filter: DetectionFilter,
): Plane {
  const { width, height } = image;
  const halfX = filter.width >> 1;
  const halfY = filter.height >> 1;
  const out = makePlane(width + 2 * halfX, height + 2 * halfY);
  for (let y = 0; y < height; y++) {
    const to = (y + halfY) * out.width + halfX;
    const from = y * width;
    for (let x = 0; x < width; x++) {
      const value = image.data[from + x]!;
      if (value - value !== 0 || (mask !== undefined && (mask.data[from + x]! & excluded) !== 0)) continue;
      out.data[to + x] = value;
    }
  }
  return out;
}
