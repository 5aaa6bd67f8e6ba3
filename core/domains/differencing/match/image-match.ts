import { countTerms, evaluateTerms } from '../psf/psf-polynomial.ts';

/**
 * How the registered template compares with the science image, measured on the stars they share.
 *
 * Polynomials are over the image with x and y in [-1, 1]: 1, u, v, u^2, uv, v^2.
 */
export interface ImageMatch {
  /** Science electrons for one template electron, as a polynomial. */
  readonly fluxRatio: readonly number[];
  /** At the image's centre. */
  readonly fluxRatioErr: number;
  /** Scatter of single stars about the polynomial beyond their noise, as a fraction. */
  readonly fluxRatioScatter: number;
  /** Science position minus template position, px, as polynomials. */
  readonly shiftX: readonly number[];
  readonly shiftY: readonly number[];
  /** Scatter of single stars about the shift beyond their noise, px. */
  readonly sigmaXPx: number;
  readonly sigmaYPx: number;
  /** Stars of the final fit of the flux ratio. */
  readonly starsUsed: number;
}

/** Give the value of a polynomial over an image at pixel (x, y). */
export function evaluatePolynomial(
  coefficients: readonly number[],
  x: number,
  y: number,
  width: number,
  height: number,
): number {
  if (coefficients.length === 1) return coefficients[0];
  const degree = degreeOf(coefficients.length);
  const terms = evaluateTerms(degree, x, y, width, height);
  let sum = 0;
  for (let k = 0; k < coefficients.length; k++) sum += coefficients[k] * terms[k];
  return sum;
}

/**
 * Give the values of a polynomial over an image along row `y`, at some columns.
 *
 * @param columns pixels; `values` is overwritten with one value for each.
 */
export function evaluateOnRow(
  coefficients: readonly number[],
  columns: Int32Array,
  y: number,
  width: number,
  height: number,
  values: Float64Array,
): void {
  const degree = degreeOf(coefficients.length);
  const v = height > 1 ? (2 * y) / (height - 1) - 1 : 0;
  // Along a row it is a polynomial of u alone: collect the powers of v in its coefficients.
  const along = new Float64Array(degree + 1);
  for (let order = 0, k = 0; order <= degree; order++) {
    for (let power = 0; power <= order && k < coefficients.length; power++, k++) {
      along[order - power] += coefficients[k] * v ** power;
    }
  }
  for (let i = 0; i < columns.length; i++) {
    const u = width > 1 ? (2 * columns[i]) / (width - 1) - 1 : 0;
    let value = along[degree];
    for (let power = degree - 1; power >= 0; power--) value = value * u + along[power];
    values[i] = value;
  }
}

function degreeOf(count: number): number {
  let degree = 0;
  while (countTerms(degree) < count) degree++;
  return degree;
}
