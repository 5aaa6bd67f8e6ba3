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
 * Give the coefficients that a polynomial over an image, of degree 2 at most, has along row `y`: of 1, u and u^2, with u in
 * [-1, 1] along x.
 */
export function collectAlongRow(
  coefficients: readonly number[],
  y: number,
  height: number,
): readonly [number, number, number] {
  const v = height > 1 ? (2 * y) / (height - 1) - 1 : 0;
  const [one, u = 0, v1 = 0, u2 = 0, uv = 0, v2 = 0] = coefficients;
  return [one + v1 * v + v2 * (v * v), u + uv * v, u2];
}

function degreeOf(count: number): number {
  let degree = 0;
  while (countTerms(degree) < count) degree++;
  return degree;
}
