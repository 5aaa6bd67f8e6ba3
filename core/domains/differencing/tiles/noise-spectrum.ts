import { irfft2, makePlane, rfft2, type Spectrum } from '../../../kernels/index.ts';
import type { NoiseCorrelation } from '../zogy/measure-correlation.ts';
import { cutWrapped, embedStamp } from './embed-stamp.ts';

/** Least power of the noise at any frequency relative to its mean: a spectrum measured on few pixels may dip below zero. */
export const LEAST_POWER = 0.05;

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
  return squareKernel(spectrum, 1).squared;
}

/**
 * Give the spectrum of a filter's squared kernel, and the kernel's own middle.
 *
 * @param size odd side of the middle that is kept, px; smaller if the plane is.
 */
export function squareKernel(
  spectrum: Spectrum,
  size: number,
): { readonly squared: Spectrum; readonly kernel: Float64Array } {
  const plane = irfft2(spectrum);
  const largest = 2 * Math.floor((Math.min(plane.width, plane.height) - 1) / 2) + 1;
  const kernel = cutWrapped(plane, Math.min(size, largest));
  for (let k = 0; k < plane.data.length; k++) plane.data[k] *= plane.data[k];
  return { squared: rfft2(plane), kernel };
}
