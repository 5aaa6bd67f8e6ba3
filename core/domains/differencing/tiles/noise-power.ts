import { makeStamp, rfft2OfStamp } from '../../../kernels/index.ts';
import type { NoiseCorrelation } from '../zogy/measure-correlation.ts';

/** Least power of the noise at any frequency relative to its mean: a spectrum measured on few pixels may dip below zero. */
export const LEAST_POWER = 0.05;

/** Give the power of the noise at each frequency of a plane's half spectrum, mean one, never below the least. */
export function noisePower(correlation: NoiseCorrelation, width: number, height: number): Float32Array {
  const side = 2 * correlation.maxLag + 1;
  const stamp = makeStamp(side, side);
  stamp.data.set(correlation.values);
  // The correlation is symmetric, so its transform is real.
  const { data } = rfft2OfStamp(stamp, width, height);
  return Float32Array.from({ length: data.length / 2 }, (_, k) => Math.max(LEAST_POWER, data[2 * k]));
}
