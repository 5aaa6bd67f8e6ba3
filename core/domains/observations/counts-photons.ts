import type { Plane } from '../../kernels/index.ts';

const SAMPLE = 65_536;
const MIN_SAMPLE = 256;
/** Beyond this mean the sky's level and noise tell the gain of any detector, counts. */
const MOST_COUNTS = 10;
/** The variance of counted photons is their mean; wings of stars add to it, and clipped tails take from it. */
const LEAST_RATIO = 0.8;
const MOST_RATIO = 1.3;

/**
 * Tell whether pixels are photons counted one by one: small whole numbers, none negative, as scattered as their mean.
 *
 * Stars are clipped at five sigma above the mean to convergence.
 */
export function countsPhotons({ data }: Plane): boolean {
  // An odd step against an image's width, lest the sample runs along columns.
  const step = Math.max(1, Math.floor(data.length / SAMPLE)) | 1;
  const values: number[] = [];
  for (let i = 0; i < data.length; i += step) {
    const value = data[i]!;
    if (value - value !== 0) continue;
    if (value < 0 || !Number.isInteger(value)) return false;
    values.push(value);
  }
  if (values.length < MIN_SAMPLE) return false;
  let limit = Number.POSITIVE_INFINITY;
  for (;;) {
    let [count, sum, squares] = [0, 0, 0];
    for (const value of values) {
      if (value > limit) continue;
      count++;
      sum += value;
      squares += value * value;
    }
    const mean = sum / count;
    const variance = squares / count - mean * mean;
    // One count more, lest single photons are clipped from a dark sky.
    const next = Math.floor(mean + 5 * Math.sqrt(variance) + 1);
    if (next >= limit) {
      return mean > 0 && mean <= MOST_COUNTS && variance > LEAST_RATIO * mean && variance < MOST_RATIO * mean;
    }
    limit = next;
  }
}
