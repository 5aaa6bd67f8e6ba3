import type { MaskPlane, Plane } from '../../kernels/index.ts';

/** A small odd-sided detection filter, row-major. */
export interface DetectionFilter {
  readonly width: number;
  readonly height: number;
  readonly weights: readonly number[];
}

/** Which pixels stand out of the noise. */
export interface ThresholdedImage {
  readonly width: number;
  readonly height: number;
  /** 1 where the filtered image is above the threshold. */
  readonly above: Uint8Array;
  /** The image smoothed by the unit-sum filter; defined only where `above`. */
  readonly smoothed: Float32Array;
}

/**
 * Filter an image and mark the pixels above a threshold.
 *
 * With an rms plane the filter is matched: sum(K I / s^2) / sqrt(sum(K^2 / s^2)) is compared with the
 * threshold. With one rms for all, the smoothed image is compared with threshold * rms.
 *
 * @param image background-subtracted.
 * @param rms 1 sigma noise per pixel, same unit; positive.
 * @param excluded mask bits of pixels that count as nothing.
 * @param threshold in sigma.
 * @see Bertin & Arnouts 1996, A&AS 117, 393, section 4; the SEP documentation, "Matched filter".
 */
export function thresholdImage(
  image: Plane,
  rms: Plane | number,
  mask: MaskPlane | undefined,
  excluded: number,
  filter: DetectionFilter,
  threshold: number,
): ThresholdedImage {
  const { width, height } = image;
  const halfX = filter.width >> 1;
  const halfY = filter.height >> 1;
  const taps = Float64Array.from(filter.weights);
  const sum = taps.reduce((total, tap) => total + Math.abs(tap), 0);
  for (let i = 0; i < taps.length; i++) taps[i] = taps[i]! / sum;

  // A ring of as many zero-padded rows as the filter is high.
  const stride = width + 2 * halfX;
  const values = new Float32Array(stride * filter.height);
  const weighted = new Float32Array(stride * filter.height);
  const inverse = new Float32Array(stride * filter.height);
  const above = new Uint8Array(width * height);
  const smoothed = new Float32Array(width * height);
  const smooth = new Float32Array(width);
  const numerator = new Float32Array(width);
  const denominator = new Float32Array(width);
  const isMatched = typeof rms !== 'number';
  const level = isMatched ? threshold : threshold * rms;

  const loadRow = (y: number): void => {
    const base = (y % filter.height) * stride + halfX;
    const start = y * width;
    for (let x = 0; x < width; x++) {
      const value = image.data[start + x]!;
      const unusable =
        value - value !== 0 || (mask !== undefined && (mask.data[start + x]! & excluded) !== 0);
      values[base + x] = unusable ? 0 : value;
      if (!isMatched) continue;
      const sigma = rms.data[start + x]!;
      const weight = unusable ? 0 : 1 / (sigma * sigma);
      inverse[base + x] = weight;
      weighted[base + x] = weight === 0 ? 0 : value * weight;
    }
  };

  for (let y = 0; y < Math.min(halfY, height); y++) loadRow(y);
  for (let y = 0; y < height; y++) {
    if (y + halfY < height) loadRow(y + halfY);
    smooth.fill(0);
    numerator.fill(0);
    denominator.fill(0);
    for (let ky = -halfY; ky <= halfY; ky++) {
      if (y + ky < 0 || y + ky >= height) continue;
      const rowBase = ((y + ky) % filter.height) * stride + halfX;
      for (let kx = -halfX; kx <= halfX; kx++) {
        const tap = taps[(ky + halfY) * filter.width + kx + halfX]!;
        if (tap === 0) continue;
        const base = rowBase + kx;
        if (isMatched) {
          const squared = tap * tap;
          for (let x = 0; x < width; x++) {
            numerator[x]! += tap * weighted[base + x]!;
            denominator[x]! += squared * inverse[base + x]!;
          }
        }
        for (let x = 0; x < width; x++) smooth[x]! += tap * values[base + x]!;
      }
    }
    const start = y * width;
    for (let x = 0; x < width; x++) {
      const isAbove = isMatched
        ? denominator[x]! > 0 && numerator[x]! > level * Math.sqrt(denominator[x]!)
        : smooth[x]! > level;
      if (isAbove) {
        above[start + x] = 1;
        smoothed[start + x] = smooth[x]!;
      }
    }
  }
  return { width, height, above, smoothed };
}
