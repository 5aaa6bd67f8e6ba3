/** Give how many terms a polynomial of two variables of this degree has. */
export function countTerms(degree: number): number {
  return ((degree + 1) * (degree + 2)) / 2;
}

/**
 * Give the values of the terms 1, u, v, u^2, uv, v^2 ... of a polynomial at pixel (x, y).
 *
 * @param width, height of the image: u and v are x and y brought to [-1, 1].
 */
export function evaluateTerms(
  degree: number,
  x: number,
  y: number,
  width: number,
  height: number,
): Float64Array {
  const u = width > 1 ? (2 * x) / (width - 1) - 1 : 0;
  const v = height > 1 ? (2 * y) / (height - 1) - 1 : 0;
  const terms = new Float64Array(countTerms(degree));
  terms[0] = 1;
  // Terms of one order are those of the order before times u, and the last of these times v.
  for (let order = 1, k = 1; order <= degree; order++) {
    for (let power = 0; power < order; power++, k++) terms[k] = terms[k - order] * u;
    terms[k] = terms[k - order - 1] * v;
    k++;
  }
  return terms;
}
