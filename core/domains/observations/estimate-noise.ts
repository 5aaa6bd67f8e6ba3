import type { Plane } from '../../kernels/index.ts';
import { selectMedian, sortFloats } from '../../kernels/index.ts';

/** The sky of an image as its own pixels tell it. */
export interface NoiseEstimate {
  /** Clipped median, unit of the pixels. */
  readonly sky: number;
  /** Noise of one pixel, from second differences: free of gradients, galaxies and most stars. */
  readonly rms: number;
}

const SAMPLE = 65_536;
/** Standard deviation of a normal variable over its median absolute deviation. */
const STD_PER_MAD = 1.482602218505602;
/** Second differences are taken over this distance, because interpolation correlates direct neighbours, px. */
const SPACING = 2;

/**
 * Estimate sky level and pixel noise from a sample of the pixels.
 *
 * @returns `undefined` when there are hardly any pixels or they are all the same.
 */
export function estimateNoise(pixels: Plane): NoiseEstimate | undefined {
  const { width, height, data } = pixels;
  // An odd step against an image's width, lest the sample runs along columns.
  const step = Math.max(1, Math.floor(data.length / SAMPLE)) | 1;
  const sample = new Float32Array(Math.ceil(data.length / step));
  let count = 0;
  for (let i = 0; i < data.length; i += step) {
    const value = data[i]!;
    if (value - value === 0) sample[count++] = value;
  }
  if (count < 16) return undefined;
  const values = sortFloats(sample.subarray(0, count));
  // Sources only add light: clip the upper side until it settles.
  let kept = count;
  for (let round = 0; round < 10; round++) {
    const median = values[kept >> 1]!;
    const limit = median + 3 * STD_PER_MAD * (median - values[kept >> 2]!);
    let next = kept;
    while (next > 16 && values[next - 1]! > limit) next--;
    if (next === kept) break;
    kept = next;
  }
  const sky = values[kept >> 1]!;
  const ceiling = values[kept - 1]!;

  const differences = new Float32Array(values.length + count);
  let used = 0;
  for (let i = 0; i < data.length && used < differences.length; i += step) {
    const x = i % width;
    const y = (i - x) / width;
    if (x < SPACING || y < SPACING || x >= width - SPACING || y >= height - SPACING) continue;
    const centre = data[i]!;
    if (!(centre <= ceiling)) continue;
    const up = SPACING * width;
    const sides = data[i - SPACING]! + data[i + SPACING]! + data[i - up]! + data[i + up]!;
    const corners =
      data[i - up - SPACING]! + data[i - up + SPACING]! + data[i + up - SPACING]! + data[i + up + SPACING]!;
    // The weights' squares sum to 36.
    const curvature = (4 * centre - 2 * sides + corners) / 6;
    if (curvature - curvature === 0) differences[used++] = Math.abs(curvature);
  }
  const rms = used === 0 ? 0 : STD_PER_MAD * selectMedian(differences.subarray(0, used));
  return rms > 0 ? { sky, rms } : undefined;
}
