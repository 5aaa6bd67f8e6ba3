import { makePlane, type Plane } from '../../../kernels/index.ts';

/**
 * A convolution kernel that varies over the image and turns the sharper image of a pair into the broader one.
 *
 * Both images are on the science flux scale. Kernel and background are polynomials of Legendre terms in x and y,
 * brought to [-1, 1] over the image.
 */
export interface MatchingKernel {
  /** Which image is convolved. */
  readonly convolved: 'science' | 'template';
  /** Odd side of the kernel, px. */
  readonly size: number;
  readonly degree: number;
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** One stamp (size, size) for each Legendre term. */
  readonly terms: readonly Float32Array[];
  readonly backgroundDegree: number;
  /** e- per pixel, to be added to the convolved image; one for each Legendre term. */
  readonly background: readonly number[];
}

/**
 * Give the values of the Legendre terms P_i(u) P_j(v), i + j <= degree, at pixel (x, y), ordered as 1, u, v, uu, uv, vv.
 *
 * @param degree 0, 1 or 2.
 */
export function evaluateLegendre(
  degree: number,
  x: number,
  y: number,
  width: number,
  height: number,
): Float64Array {
  const u = width > 1 ? (2 * x) / (width - 1) - 1 : 0;
  const v = height > 1 ? (2 * y) / (height - 1) - 1 : 0;
  if (degree === 0) return Float64Array.of(1);
  if (degree === 1) return Float64Array.of(1, u, v);
  return Float64Array.of(1, u, v, (3 * u * u - 1) / 2, u * v, (3 * v * v - 1) / 2);
}

/** Give the kernel at pixel (x, y) of the image, (size, size). */
export function evaluateKernel(kernel: MatchingKernel, x: number, y: number): Plane {
  const plane = makePlane(kernel.size, kernel.size);
  const values = evaluateLegendre(kernel.degree, x, y, kernel.imageWidth, kernel.imageHeight);
  kernel.terms.forEach((stamp, t) => {
    for (let k = 0; k < stamp.length; k++) plane.data[k] += values[t] * stamp[k];
  });
  return plane;
}
