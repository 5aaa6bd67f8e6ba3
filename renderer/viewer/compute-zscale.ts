import type { Limits } from './model.ts';

/** The constants of zscale; the defaults are those of DS9. */
export interface ZscaleConfig {
  /** Divides the fitted slope, 0..1; smaller shows a wider range. */
  readonly contrast: number;
  /** Pixels wanted in the sample. */
  readonly sampleSize: number;
  /** Pixels wanted from one line of the image. */
  readonly samplePerLine: number;
  /** Fewest pixels that make a fit. */
  readonly minPixels: number;
  /** Largest fraction of the sample that may be rejected. */
  readonly maxReject: number;
  /** Rejection threshold, sigma. */
  readonly kReject: number;
  readonly maxIterations: number;
}

/** DS9's zscale. */
export const DS9_ZSCALE: ZscaleConfig = {
  contrast: 0.25,
  sampleSize: 600,
  samplePerLine: 120,
  minPixels: 5,
  maxReject: 0.5,
  kReject: 2.5,
  maxIterations: 5,
};

/**
 * Find the limits that show the sky and faint sources, as DS9 does.
 *
 * A straight line is fitted to the sorted sample; its slope, divided by the contrast, is laid through
 * the median. If more than half of the sample is rejected, the sample's full range is returned.
 *
 * @param data row-major pixels, `width * height`; NaN and infinities are left out.
 * @returns `undefined` when no sampled pixel is finite.
 * @see IRAF display, zscale; DS9 follows it with the constants of `DS9_ZSCALE`.
 */
export function computeZscale(
  data: Float32Array,
  width: number,
  height: number,
  config: ZscaleConfig = DS9_ZSCALE,
): Limits | undefined {
  return zscaleOfSample(sampleGrid(data, width, height, config), config);
}

/** Find the limits from pixels taken on the grid of `zscaleGrid`, in any order; they are sorted in place. */
export function zscaleOfSample(pixels: Float32Array, config: ZscaleConfig = DS9_ZSCALE): Limits | undefined {
  const sample = pixels.sort();
  const count = sample.length;
  if (count === 0) return undefined;
  const lowest = sample[0]!;
  const highest = sample[count - 1]!;
  const centre = Math.max(1, Math.floor((count + 1) / 2));
  const median =
    count % 2 === 1 || centre >= count ? sample[centre - 1]! : (sample[centre - 1]! + sample[centre]!) / 2;
  const fit = fitLine(sample, config);
  if (fit === undefined) return { lo: lowest, hi: highest };
  const slope = fit / config.contrast;
  return {
    lo: Math.max(lowest, median - (centre - 1) * slope),
    hi: Math.min(highest, median + (count - centre) * slope),
  };
}

/** Take every `columnStep`th pixel of every `lineStep`th line; the first line is the `(lineStep + 1) / 2`th, counted from one. */
export function sampleGrid(
  data: Float32Array,
  width: number,
  height: number,
  config: ZscaleConfig = DS9_ZSCALE,
): Float32Array {
  const { columnStep, lineStep, perLine } = zscaleGrid(width, height, config);
  const sample = new Float32Array(perLine * Math.ceil(height / lineStep));
  let count = 0;
  for (let line = Math.floor((lineStep + 1) / 2); line < height; line += lineStep) {
    const start = (line - 1) * width;
    for (let column = 0; column < width; column += columnStep) {
      const value = data[start + column]!;
      if (Number.isFinite(value)) sample[count++] = value;
    }
  }
  return sample.subarray(0, count);
}

/** The grid that zscale samples: every `columnStep`th pixel of every `lineStep`th row, from row `firstRow` to the last but one. */
export function zscaleGrid(
  width: number,
  height: number,
  config: ZscaleConfig = DS9_ZSCALE,
): {
  readonly columnStep: number;
  readonly lineStep: number;
  readonly perLine: number;
  readonly firstRow: number;
} {
  const wantedPerLine = Math.max(1, Math.min(width, config.samplePerLine));
  const columnStep = Math.max(2, Math.ceil(width / wantedPerLine));
  const perLine = Math.max(1, Math.ceil(width / columnStep));
  const fewestLines = Math.max(1, Math.floor(config.sampleSize / config.samplePerLine));
  const lines = Math.max(fewestLines, Math.min(height, Math.ceil(config.sampleSize / perLine)));
  const lineStep = Math.max(2, Math.floor(height / lines));
  return { columnStep, lineStep, perLine, firstRow: Math.floor((lineStep + 1) / 2) - 1 };
}

/**
 * Fit value against rank, leaving out what lies far from the line.
 *
 * A rejected pixel takes its neighbours with it: those below it leave the fit at once, those above it
 * leave only the estimate of sigma, as in IRAF. Ranks are mapped to -1..1 so that the sums stay well conditioned.
 *
 * @returns the slope per rank, or `undefined` when too few pixels are left.
 */
function fitLine(sorted: Float32Array, config: ZscaleConfig): number | undefined {
  const count = sorted.length;
  const fewest = Math.max(config.minPixels, Math.floor(count * config.maxReject));
  if (count < fewest || count < 2) return undefined;
  const scale = 2 / (count - 1);
  const grow = Math.max(1, Math.round(count * 0.01));
  const kept = new Uint8Array(count).fill(1);
  const quiet = new Uint8Array(count).fill(1);
  let sumXx = 0;
  let sumXz = 0;
  let sumX = 0;
  let sumZ = 0;
  for (let i = 0; i < count; i++) {
    const x = i * scale - 1;
    sumXx += x * x;
    sumXz += x * sorted[i]!;
    sumZ += sorted[i]!;
  }
  let intercept = sumZ / count;
  let slope = sumXz / sumXx;
  let good = count;
  for (let pass = 0; pass < config.maxIterations; pass++) {
    const before = good;
    const threshold = config.kReject * scatter(sorted, quiet, scale, intercept, slope);
    for (let i = 0; i < count; i++) {
      if (kept[i] === 0) continue;
      const residual = sorted[i]! - (intercept + slope * (i * scale - 1));
      if (!(Math.abs(residual) > threshold)) continue;
      for (let j = Math.max(0, i - grow); j < Math.min(count, i + grow); j++) {
        if (kept[j] === 0) continue;
        quiet[j] = 0;
        if (j > i) continue;
        const x = j * scale - 1;
        sumXx -= x * x;
        sumXz -= x * sorted[j]!;
        sumX -= x;
        sumZ -= sorted[j]!;
        kept[j] = 0;
        good--;
      }
    }
    if (good > 0) {
      const ratio = sumX / sumXx;
      intercept = (sumZ - ratio * sumXz) / (good - ratio * sumX);
      slope = (sumXz - intercept * sumX) / sumXx;
    }
    if (good >= before || good < fewest) break;
  }
  return good < fewest ? undefined : slope * scale;
}

/** Standard deviation of the residuals of the pixels that no rejection has touched. */
function scatter(
  sorted: Float32Array,
  quiet: Uint8Array,
  scale: number,
  intercept: number,
  slope: number,
): number {
  let used = 0;
  let sum = 0;
  let sumSquares = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (quiet[i] === 0) continue;
    const residual = sorted[i]! - (intercept + slope * (i * scale - 1));
    used++;
    sum += residual;
    sumSquares += residual * residual;
  }
  if (used < 2) return 0;
  return Math.sqrt(Math.max(0, sumSquares / (used - 1) - (sum * sum) / (used * (used - 1))));
}
