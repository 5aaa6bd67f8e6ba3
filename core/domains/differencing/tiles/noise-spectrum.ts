import { irfft2, makePlane, rfft2, type Spectrum } from '../../../kernels/index.ts';
import type { NoiseCorrelation } from '../zogy/measure-correlation.ts';
import { embedStamp } from './embed-stamp.ts';

/** Least power of the noise at any frequency relative to its mean: a spectrum measured on few pixels may dip below zero. */
const LEAST_POWER = 0.05;

/** Power of the noise at each frequency, mean one, never below the least. */
export function noiseSpectrum(correlation: NoiseCorrelation, width: number, height: number): Float32Array {
  const side = 2 * correlation.maxLag + 1;
  const stamp = makePlane(side, side);
  stamp.data.set(correlation.values);
  // The correlation is symmetric, so its transform is real.
  const { data } = rfft2(embedStamp(stamp, width, height));
  return Float32Array.from({ length: data.length / 2 }, (_, k) => Math.max(LEAST_POWER, data[2 * k]));
}

/** Give the spectrum of a filter's kernel squared pixel by pixel: it carries the variance of white noise. */
export function squareInImage(spectrum: Spectrum): Spectrum {
  const kernel = irfft2(spectrum);
  for (let k = 0; k < kernel.data.length; k++) kernel.data[k] *= kernel.data[k];
  return rfft2(kernel);
}
