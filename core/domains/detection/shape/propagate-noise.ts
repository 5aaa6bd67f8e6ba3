import type { PixelsToFit } from './pixels-to-fit.ts';

/**
 * Give the covariance of parameters fitted to a difference and the pair it came from: N^-1 (A^T C A) N^-1.
 *
 * C, of residuals over their weighted sigmas, is 1 on the difference and the direct weight on the pair; a pixel of the
 * difference shares the noise of the same pixel of the science image, and with the other sign of the template.
 *
 * @param covariance N^-1, as if all pixels were independent.
 * @param slopes A by columns: rows of the difference first, then those of the pair.
 * @param pair pixels of the science image and of the template, on squares of the difference's size.
 */
export function propagateNoise(
  covariance: Float64Array,
  slopes: readonly Float64Array[],
  difference: PixelsToFit,
  pair: readonly PixelsToFit[],
  directWeight: number,
): Float64Array {
  const n = slopes.length;
  const rowAt = new Map<number, number>();
  difference.at.forEach((k, row) => {
    rowAt.set(k, row);
  });
  const noise = new Float64Array(n * n);
  const addRows = (first: number, second: number, factor: number): void => {
    for (let a = 0; a < n; a++) {
      const left = factor * slopes[a]![first]!;
      for (let b = 0; b < n; b++) noise[a * n + b]! += left * slopes[b]![second]!;
    }
  };
  for (let row = 0; row < difference.at.length; row++) addRows(row, row, 1);
  let start = difference.at.length;
  pair.forEach(({ at, weight }, index) => {
    const sign = index === 0 ? 1 : -1;
    for (let k = 0; k < at.length; k++) {
      const row = start + k;
      addRows(row, row, directWeight);
      const shared = rowAt.get(at[k]!);
      if (shared === undefined) continue;
      // Sigma of this image over that of the difference, times the root of the weight.
      const factor = (sign * directWeight * difference.weight[shared]!) / weight[k]!;
      addRows(row, shared, factor);
      addRows(shared, row, factor);
    }
    start += at.length;
  });
  return multiply(multiply(covariance, noise, n), covariance, n);
}

function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const product = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      for (let j = 0; j < n; j++) product[i * n + j]! += a[i * n + k]! * b[k * n + j]!;
    }
  }
  return product;
}
