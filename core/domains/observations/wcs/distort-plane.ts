import type { Distortion, PlanePolynomial } from './model.ts';

/** Value and slopes of a distorted point: x', y', dx'/dx, dx'/dy, dy'/dx, dy'/dy. */
export type DistortedPoint = Float64Array;

const ITERATIONS = 50;

/** Build a polynomial from its terms `[power of x, power of y, coefficient]`. */
export function makePlanePolynomial(
  terms: readonly (readonly [number, number, number])[],
  radial: readonly number[] = [],
  domain: { xMid: number; yMid: number; xScale: number; yScale: number } = {
    xMid: 0,
    yMid: 0,
    xScale: 1,
    yScale: 1,
  },
): PlanePolynomial {
  const order = terms.reduce((highest, [i, j]) => Math.max(highest, i, j), 0);
  const coefficients = new Array<number>((order + 1) ** 2).fill(0);
  for (const [i, j, value] of terms) coefficients[j * (order + 1) + i]! += value;
  const lastRadial = radial.findLastIndex((value) => value !== 0);
  return { order, coefficients, radial: radial.slice(0, lastRadial + 1), ...domain };
}

/** Apply a distortion to a point and give the slopes with it. */
export function distortPoint(distortion: Distortion, x: number, y: number, out: DistortedPoint): void {
  evaluate(distortion.dx, x, y, out, 0);
  evaluate(distortion.dy, x, y, out, 3);
  const dxValue = out[0]!;
  const dxByX = out[1]!;
  const dxByY = out[2]!;
  const dyValue = out[3]!;
  const dyByX = out[4]!;
  const dyByY = out[5]!;
  out[0] = x + dxValue;
  out[1] = y + dyValue;
  out[2] = 1 + dxByX;
  out[3] = dxByY;
  out[4] = dyByX;
  out[5] = 1 + dyByY;
}

/**
 * Find the point that a distortion sends to (x, y), by Newton's method with exact slopes.
 *
 * Starts at (x, y): distortions are small beside the field. The way must keep the Jacobian's sign at the
 * reference point, since polynomials fold far outside the detector.
 *
 * @param out receives the point in `[0], [1]`.
 * @returns false when there is no such point or the iteration does not converge.
 */
export function undistortPoint(distortion: Distortion, x: number, y: number, out: DistortedPoint): boolean {
  distortPoint(distortion, 0, 0, out);
  const handedness = Math.sign(out[2]! * out[5]! - out[3]! * out[4]!);
  let u = x;
  let v = y;
  let previous = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ITERATIONS; i++) {
    distortPoint(distortion, u, v, out);
    const errorX = x - out[0]!;
    const errorY = y - out[1]!;
    const determinant = out[2]! * out[5]! - out[3]! * out[4]!;
    if (!(determinant * handedness > 0)) return false;
    const stepX = (errorX * out[5]! - errorY * out[3]!) / determinant;
    const stepY = (errorY * out[2]! - errorX * out[4]!) / determinant;
    u += stepX;
    v += stepY;
    const step = Math.abs(stepX) + Math.abs(stepY);
    const size = Math.abs(u) + Math.abs(v);
    // Rounding floor: steps stop shrinking once they are a few units in the last place.
    if (step <= 4e-16 * size || (step <= 1e-12 * (1e-3 + size) && step >= previous / 2)) {
      out[0] = u;
      out[1] = v;
      return true;
    }
    previous = step;
  }
  return false;
}

/** Horner in x inside Horner in y, with both slopes; the radial powers are added after. */
function evaluate(polynomial: PlanePolynomial, x: number, y: number, out: Float64Array, at: number): void {
  const { order, coefficients, radial, xMid, yMid, xScale, yScale } = polynomial;
  const X = (x - xMid) * xScale;
  const Y = (y - yMid) * yScale;
  let value = 0;
  let byX = 0;
  let byY = 0;
  for (let j = order; j >= 0; j--) {
    let row = 0;
    let rowByX = 0;
    for (let i = order; i >= 0; i--) {
      rowByX = rowByX * X + row;
      row = row * X + coefficients[j * (order + 1) + i]!;
    }
    byY = byY * Y + value;
    value = value * Y + row;
    byX = byX * Y + rowByX;
  }
  byX *= xScale;
  byY *= yScale;
  if (radial.length > 0) {
    const radius = Math.hypot(x, y);
    if (radius > 0) {
      let power = radius;
      for (let k = 0; k < radial.length; k++) {
        value += radial[k]! * power;
        const slope = (radial[k]! * (2 * k + 1) * power) / (radius * radius);
        byX += slope * x;
        byY += slope * y;
        power *= radius * radius;
      }
    }
  }
  out[at] = value;
  out[at + 1] = byX;
  out[at + 2] = byY;
}
