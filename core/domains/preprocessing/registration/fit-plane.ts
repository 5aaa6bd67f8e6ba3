import type { PlaneMap } from '../model.ts';
import { addSurface } from './fit-surface.ts';
import { solveNormalEquations } from './solve-normal-equations.ts';

/** Points and where they go; arrays of one length. */
export interface Correspondences {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly u: Float64Array;
  readonly v: Float64Array;
}

/** Count the terms of a polynomial of two variables: (n + 1)(n + 2) / 2. */
export function countTerms(order: number): number {
  return ((order + 1) * (order + 2)) / 2;
}

/**
 * Fit a polynomial map by weighted least squares.
 *
 * @param weights one per point; 0 leaves a point out. Default: all 1.
 * @returns `undefined` when the points do not determine it (too few, or all on a line).
 */
export function fitPlane(
  { x, y, u, v }: Correspondences,
  order: number,
  weights?: Float64Array,
): PlaneMap | undefined {
  const frame = normalise(x, y, weights);
  if (frame === undefined) return undefined;
  const terms = countTerms(order);
  const matrix = new Float64Array(terms * terms);
  const [rightU, rightV] = [new Float64Array(terms), new Float64Array(terms)];
  const basis = new Float64Array(terms);
  const { xMid, yMid, scalePx } = frame;
  let used = 0;
  for (let k = 0; k < x.length; k++) {
    const weight = weights === undefined ? 1 : weights[k]!;
    if (!(weight > 0)) continue;
    used++;
    const [uk, vk] = [u[k]!, v[k]!];
    fillBasis((x[k]! - xMid) / scalePx, (y[k]! - yMid) / scalePx, order, basis);
    for (let i = 0, row = 0; i < terms; i++, row += terms) {
      const weighted = weight * basis[i]!;
      rightU[i]! += weighted * uk;
      rightV[i]! += weighted * vk;
      for (let j = 0; j <= i; j++) matrix[row + j]! += weighted * basis[j]!;
    }
  }
  if (used < terms) return undefined;
  const solutions = solveNormalEquations(matrix, terms, [rightU, rightV]);
  if (solutions === undefined) return undefined;
  return { order, ...frame, xCoefficients: [...solutions[0]!], yCoefficients: [...solutions[1]!] };
}

/**
 * Fit shift, rotation and scale, turned over or not, by weighted least squares.
 *
 * @param isFlipped whether the map changes handedness.
 */
export function fitSimilarity({ x, y, u, v }: Correspondences, isFlipped: boolean): PlaneMap | undefined {
  const n = x.length;
  if (n < 2) return undefined;
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / n;
  const [xMid, yMid, uMid, vMid] = [mean(x), mean(y), mean(u), mean(v)];
  const flip = isFlipped ? -1 : 1;
  let [along, across, size] = [0, 0, 0];
  for (let k = 0; k < n; k++) {
    const a = x[k]! - xMid;
    const b = flip * (y[k]! - yMid);
    const c = u[k]! - uMid;
    const d = v[k]! - vMid;
    along += a * c + b * d;
    across += a * d - b * c;
    size += a * a + b * b;
  }
  if (!(size > 0)) return undefined;
  const [p, q] = [along / size, across / size];
  return {
    order: 1,
    xMid,
    yMid,
    scalePx: 1,
    xCoefficients: [uMid, p, -q * flip],
    yCoefficients: [vMid, q, p * flip],
  };
}

/** Evaluate a polynomial map at many points. */
export function evaluatePlaneAt(
  map: PlaneMap,
  x: Float64Array,
  y: Float64Array,
): { readonly x: Float64Array; readonly y: Float64Array } {
  const { order, xMid, yMid, scalePx } = map;
  const terms = countTerms(order);
  const toU = Float64Array.from(map.xCoefficients);
  const toV = Float64Array.from(map.yCoefficients);
  const basis = new Float64Array(terms);
  const u = new Float64Array(x.length);
  const v = new Float64Array(x.length);
  for (let k = 0; k < x.length; k++) {
    fillBasis((x[k]! - xMid) / scalePx, (y[k]! - yMid) / scalePx, order, basis);
    let [sumU, sumV] = [0, 0];
    for (let i = 0; i < terms; i++) {
      sumU += toU[i]! * basis[i]!;
      sumV += toV[i]! * basis[i]!;
    }
    u[k] = sumU;
    v[k] = sumV;
  }
  if (map.ripple !== undefined) addSurface(map.ripple, x, y, u, v);
  return { x: u, y: v };
}

/** Give the slopes of a map at its middle, px a px, row-major: du/dx, du/dy, dv/dx, dv/dy. */
export function linearPart(map: PlaneMap): readonly [number, number, number, number] {
  const { scalePx, xCoefficients, yCoefficients } = map;
  return [
    xCoefficients[1]! / scalePx,
    xCoefficients[2]! / scalePx,
    yCoefficients[1]! / scalePx,
    yCoefficients[2]! / scalePx,
  ];
}

function normalise(
  x: Float64Array,
  y: Float64Array,
  weights?: Float64Array,
): { xMid: number; yMid: number; scalePx: number } | undefined {
  let [xMin, xMax, yMin, yMax] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let k = 0; k < x.length; k++) {
    if (weights !== undefined && !(weights[k]! > 0)) continue;
    xMin = Math.min(xMin, x[k]!);
    xMax = Math.max(xMax, x[k]!);
    yMin = Math.min(yMin, y[k]!);
    yMax = Math.max(yMax, y[k]!);
  }
  if (!(xMax >= xMin)) return undefined;
  const scalePx = Math.max(1, (xMax - xMin) / 2, (yMax - yMin) / 2);
  return { xMid: (xMin + xMax) / 2, yMid: (yMin + yMax) / 2, scalePx };
}

function fillBasis(X: number, Y: number, order: number, basis: Float64Array): void {
  basis[0] = 1;
  let at = 1;
  for (let degree = 1; degree <= order; degree++) {
    // From the row of the degree before: each times X, and the last also times Y.
    for (let j = 0; j < degree; j++) basis[at + j] = basis[at - degree + j]! * X;
    basis[at + degree] = basis[at - 1]! * Y;
    at += degree + 1;
  }
}
