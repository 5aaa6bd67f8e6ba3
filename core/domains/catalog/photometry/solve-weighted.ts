/** Solution of a linear least-squares problem with the covariance of its coefficients, row-major. */
export interface WeightedSolution {
  readonly coefficients: Float64Array;
  readonly covariance: Float64Array;
}

/**
 * Solve a weighted linear least-squares problem by Gauss-Jordan elimination of its normal equations.
 *
 * @param weights inverse variances; 0 leaves a row out.
 * @returns `undefined` when the rows do not determine it.
 */
export function solveWeighted(
  rows: readonly Float64Array[],
  values: Float64Array,
  weights: Float64Array,
): WeightedSolution | undefined {
  const terms = rows[0]?.length ?? 0;
  const matrix = new Float64Array(terms * terms);
  const right = new Float64Array(terms);
  rows.forEach((row, k) => {
    for (let i = 0; i < terms; i++) {
      right[i]! += weights[k]! * row[i]! * values[k]!;
      for (let j = 0; j < terms; j++) matrix[i * terms + j]! += weights[k]! * row[i]! * row[j]!;
    }
  });
  const covariance = invert(matrix, terms);
  if (covariance === undefined) return undefined;
  const coefficients = new Float64Array(terms);
  for (let i = 0; i < terms; i++)
    for (let j = 0; j < terms; j++) coefficients[i]! += covariance[i * terms + j]! * right[j]!;
  return { coefficients, covariance };
}

function invert(matrix: Float64Array, n: number): Float64Array | undefined {
  const a = matrix.slice();
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) inverse[i * n + i] = 1;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++)
      if (Math.abs(a[row * n + column]!) > Math.abs(a[pivot * n + column]!)) pivot = row;
    const value = a[pivot * n + column]!;
    if (!(Math.abs(value) > 1e-10 * Math.abs(matrix[column * n + column]!))) return undefined;
    for (const m of [a, inverse])
      for (let j = 0; j < n; j++) {
        const kept = m[column * n + j]!;
        m[column * n + j] = m[pivot * n + j]! / value;
        if (pivot !== column) m[pivot * n + j] = kept;
      }
    for (let row = 0; row < n; row++) {
      const factor = a[row * n + column]!;
      if (row === column || factor === 0) continue;
      for (const m of [a, inverse])
        for (let j = 0; j < n; j++) m[row * n + j]! -= factor * m[column * n + j]!;
    }
  }
  return inverse;
}
