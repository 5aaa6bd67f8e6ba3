import type { Plane } from '../../kernels/index.ts';

/** The sky of an image as its own pixels tell it. */
export interface NoiseEstimate {
  /** Clipped median, unit of the pixels. */
  readonly sky: number;
  /** Noise of one pixel, from differences of neighbours: free of gradients and of most sources. */
  readonly rms: number;
}

const SAMPLE = 200_000;
/** Standard deviation of a normal variable over its median absolute deviation. */
const STD_PER_MAD = 1.482602218505602;

/**
 * Estimate sky level and pixel noise from the pixels alone.
 *
 * Differences are taken between pixels two apart, because interpolation correlates direct neighbours.
 *
 * @returns `undefined` when no two usable pixels differ.
 */
export function estimateNoise(pixels: Plane): NoiseEstimate | undefined {
  const { width, data } = pixels;
  const step = Math.max(1, Math.floor(data.length / SAMPLE));
  const values: number[] = [];
  for (let i = 0; i < data.length; i += step) if (Number.isFinite(data[i]!)) values.push(data[i]!);
  if (values.length < 16) return undefined;
  let sorted: Float32Array = Float32Array.from(values).sort();
  // Sources only add light: clip the upper side until it settles.
  for (let round = 0; round < 10; round++) {
    const median = sorted[sorted.length >> 1]!;
    const lowerQuartile = sorted[Math.floor(sorted.length * 0.25)]!;
    const limit = median + 3 * STD_PER_MAD * (median - lowerQuartile);
    let kept = sorted.length;
    while (kept > 16 && sorted[kept - 1]! > limit) kept--;
    if (kept === sorted.length) break;
    sorted = sorted.subarray(0, kept);
  }
  const sky = sorted[sorted.length >> 1]!;
  const ceiling = sorted[sorted.length - 1]!;
  const differences: number[] = [];
  for (let i = 0; i + 2 < data.length; i += step) {
    if (i % width > width - 3) continue;
    const first = data[i]!;
    const second = data[i + 2]!;
    if (first <= ceiling && second <= ceiling) differences.push(Math.abs(second - first));
  }
  const spread = Float32Array.from(differences).sort()[differences.length >> 1] ?? 0;
  const rms = (STD_PER_MAD * spread) / Math.SQRT2;
  return rms > 0 ? { sky, rms } : undefined;
}
