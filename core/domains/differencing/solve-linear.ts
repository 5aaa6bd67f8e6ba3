/**
 * Solve A x = b for a small symmetric positive definite matrix, by Cholesky's method.
 *
 * @param matrix (n, n) row-major, left as it was.
 * @returns x, or `undefined` where the matrix is not positive definite.
 */
export function solveCholesky(matrix: Float64Array, right: Float64Array): Float64Array | undefined {
  const lower = factorCholesky(matrix, right.length);
  return lower && solveFactored(lower, right);
}

/**
 * Factor a symmetric positive definite matrix into a lower triangle times its transpose.
 *
 * @param matrix (n, n) row-major, left as it was; only its lower triangle is read.
 * @param lower where the factor is written; what lies above its diagonal is left as it was.
 * @returns the lower triangle, or `undefined` where the matrix is not positive definite.
 */
export function factorCholesky(
  matrix: Float64Array,
  n: number,
  lower: Float64Array = new Float64Array(n * n),
): Float64Array | undefined {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j <= i; j++) {
      const other = j * n;
      let sum = matrix[row + j];
      for (let k = 0; k < j; k++) sum -= lower[row + k] * lower[other + k];
      if (i === j) {
        if (!(sum > 1e-14 * Math.abs(matrix[row + i]))) return undefined;
        lower[row + i] = Math.sqrt(sum);
      } else {
        lower[row + j] = sum / lower[other + j];
      }
    }
  }
  return lower;
}

/**
 * Solve L L' x = b with the factor L of `factorCholesky`.
 *
 * @param x where the solution is written; may be `right` itself.
 */
export function solveFactored(
  lower: Float64Array,
  right: Float64Array,
  x: Float64Array = new Float64Array(right.length),
): Float64Array {
  const n = right.length;
  for (let i = 0; i < n; i++) x[i] = right[i];
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= lower[i * n + k] * x[k];
    x[i] /= lower[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    x[i] /= lower[i * n + i];
    // Along the row: down a column of a large matrix every step misses the cache.
    for (let k = 0; k < i; k++) x[k] -= lower[i * n + k] * x[i];
  }
  return x;
}
