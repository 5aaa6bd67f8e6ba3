import { computeZscale } from './compute-zscale.ts';
import type { PlaneStatistics } from './model.ts';

/** Most pixels kept for percentiles: 65 536 give the 99.5th percentile to 0.03 percentage points. */
const SAMPLE_SIZE = 65_536;

/** Turns a median absolute deviation into the standard deviation of a normal distribution. */
const MAD_TO_SIGMA = 1.4826;

/**
 * Measure what the display needs to know about a plane.
 *
 * Minimum and maximum look at every pixel; percentiles, median and sigma at a regular sample.
 *
 * @param data row-major pixels, `width * height`; NaN and infinities are left out.
 */
export function measurePlane(data: Float32Array, width: number, height: number): PlaneStatistics {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let finiteCount = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!Number.isFinite(value)) continue;
    finiteCount++;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return measureSample(takeSample(data, width).sort(), {
    isExact: true,
    min: finiteCount > 0 ? min : Number.NaN,
    max: finiteCount > 0 ? max : Number.NaN,
    finiteCount,
    zscale: computeZscale(data, width, height) ?? { lo: Number.NaN, hi: Number.NaN },
  });
}

/** Add to what is known of a plane what its ranks say: median and robust standard deviation. */
export function measureSample(
  sortedSample: Float32Array,
  facts: Omit<PlaneStatistics, 'sortedSample' | 'median' | 'sigma'>,
): PlaneStatistics {
  const median = percentileOf(sortedSample, 50);
  const deviations = sortedSample.map((value) => Math.abs(value - median)).sort();
  return { ...facts, sortedSample, median, sigma: MAD_TO_SIGMA * percentileOf(deviations, 50) };
}

/** Read a percentile from ascending values, interpolating between ranks; NaN when there are none. */
export function percentileOf(sorted: Float32Array, percent: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = (percent / 100) * (sorted.length - 1);
  const below = Math.floor(rank);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (rank - below) * (sorted[above]! - sorted[below]!);
}

/** Every n-th finite pixel; n shares no factor with the width, so that no column is preferred. */
function takeSample(data: Float32Array, width: number): Float32Array {
  let stride = Math.max(1, Math.ceil(data.length / SAMPLE_SIZE));
  while (stride > 1 && greatestCommonDivisor(stride, width) !== 1) stride++;
  const sample = new Float32Array(Math.ceil(data.length / stride));
  let count = 0;
  for (let i = 0; i < data.length; i += stride) {
    const value = data[i]!;
    if (Number.isFinite(value)) sample[count++] = value;
  }
  return sample.slice(0, count);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
