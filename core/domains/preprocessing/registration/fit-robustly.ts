import type { PlaneMap } from '../model.ts';
import { type Correspondences, evaluatePlaneAt } from './fit-plane.ts';

/** Fits a map to points with weights. */
export type Solve = (weights: Float64Array) => PlaneMap | undefined;

const MOST_ROUNDS = 12;
/** Weights that change by less have settled. */
const SETTLED = 0.01;

/**
 * Fit a map by iteratively reweighted least squares, with Tukey's biweight at six sigma of the scatter seen.
 *
 * @param errors of each point, px.
 * @param start weights to begin from, relative to one over the squared error, and the points to leave out: a fit to
 *   nearly the same points settles at once.
 * @returns the map and the weights it settled on, 0 to 1; `undefined` when the points do not determine it.
 */
export function fitRobustly(
  points: Correspondences,
  errors: Float64Array,
  solve: Solve,
  start?: { readonly trust: Float64Array; readonly isUsed: (k: number) => boolean },
): { readonly plane: PlaneMap; readonly trust: Float64Array } | undefined {
  const prior = errors.map((error, k) => (start === undefined || start.isUsed(k) ? 1 / (error * error) : 0));
  let trust = start?.trust ?? new Float64Array(errors.length).fill(1);
  let plane: PlaneMap | undefined;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = solve(prior.map((value, k) => value * trust[k]!));
    if (next === undefined) break;
    plane = next;
    const { dx, dy } = offsetsFrom(plane, points);
    const ratios = dx.map((value, k) => Math.hypot(value, dy[k]!) / errors[k]!);
    const scale = Math.max(0.1, median(ratios.filter((_, k) => prior[k]! > 0)) / 1.18);
    const before = trust;
    trust = ratios.map((ratio) => {
      const t = ratio / (6 * scale);
      return t < 1 ? (1 - t * t) ** 2 : 0;
    });
    if (trust.every((value, k) => Math.abs(value - before[k]!) < SETTLED)) break;
  }
  return plane && { plane, trust };
}

/** Offsets of points from where a map sends them, px. */
export function offsetsFrom(
  plane: PlaneMap,
  { x, y, u, v }: Correspondences,
): { dx: Float64Array; dy: Float64Array } {
  const mapped = evaluatePlaneAt(plane, x, y);
  return { dx: u.map((value, k) => value - mapped.x[k]!), dy: v.map((value, k) => value - mapped.y[k]!) };
}

/** Median of values; 0 of none. */
export function median(values: Float64Array): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
