/**
 * Solve symmetric positive equations by Cholesky's method.
 *
 * @param matrix n by n, of which the lower triangle is read; it is written over.
 * @param band how far from the diagonal anything but zero is found.
 * @returns one solution a right-hand side; `undefined` when a pivot falls far below its diagonal: rank is lost, as
 *   unknowns are of one size.
 */
export function solveNormalEquations(
  matrix: Float64Array,
  n: number,
  rights: readonly Float64Array[],
  band = n,
): readonly Float64Array[] | undefined {
  for (let i = 0; i < n; i++) {
    const first = Math.max(0, i - band);
    for (let j = first; j <= i; j++) {
      const diagonal = matrix[i * n + i]!;
      let sum = matrix[i * n + j]!;
      for (let k = first; k < j; k++) sum -= matrix[i * n + k]! * matrix[j * n + k]!;
      if (i === j) {
        if (!(sum > 1e-10 * diagonal)) return undefined;
        matrix[i * n + i] = Math.sqrt(sum);
      } else matrix[i * n + j] = sum / matrix[j * n + j]!;
    }
  }
  return rights.map((right) => {
    const solution = Float64Array.from(right);
    for (let i = 0; i < n; i++) {
      for (let k = Math.max(0, i - band); k < i; k++) solution[i]! -= matrix[i * n + k]! * solution[k]!;
      solution[i]! /= matrix[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k <= Math.min(n - 1, i + band); k++)
        solution[i]! -= matrix[k * n + i]! * solution[k]!;
      solution[i]! /= matrix[i * n + i]!;
    }
    return solution;
  });
}
