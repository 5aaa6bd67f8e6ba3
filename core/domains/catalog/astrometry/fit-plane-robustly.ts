import {
  type Correspondences,
  countTerms,
  evaluatePlaneAt,
  fitPlane,
  type PlaneMap,
} from '../../preprocessing/index.ts';

/** A map with what is left of every point. */
export interface RobustFit {
  readonly map: PlaneMap;
  readonly dx: Float64Array;
  readonly dy: Float64Array;
}

/** Tukey's biweight keeps 95 % of the efficiency for a normal scatter. */
const TUKEY = 4.685;
const ROUNDS = 12;
const FOLDS = 5;
/** Points that each pair of coefficients wants. */
const POINTS_PER_TERM = 2.5;
/** Of the cells of a 4 by 4 chart of the image, how many must hold stars for an order above 1. */
export const LEAST_CELLS = 12;

/** Fit a polynomial map with weights from errors, outliers by Tukey's biweight. Returns `undefined` when points are too few. */
export function fitPlaneRobustly(
  points: Correspondences,
  order: number,
  errors: Float64Array,
): RobustFit | undefined {
  let weights = errors.map((error) => 1 / error ** 2);
  let fit: RobustFit | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const map = fitPlane(points, order, weights);
    if (map === undefined) return fit;
    const { x, y } = evaluatePlaneAt(map, points.x, points.y);
    const dx = x.map((value, k) => points.u[k]! - value);
    const dy = y.map((value, k) => points.v[k]! - value);
    const ratios = dx.map((value, k) => Math.hypot(value, dy[k]!) / errors[k]!);
    // The median of a two-dimensional normal scatter is 1.18 sigma.
    const scale = Math.max(1e-6, median(ratios) / 1.18);
    const before = fit;
    fit = { map, dx, dy };
    weights = errors.map((error, k) => {
      const ratio = ratios[k]! / (scale * TUKEY);
      return ratio < 1 ? (1 - ratio * ratio) ** 2 / error ** 2 : 0;
    });
    if (before !== undefined && isSettled(before, fit, errors)) break;
  }
  return fit;
}

function isSettled(before: RobustFit, now: RobustFit, errors: Float64Array): boolean {
  return now.dx.every(
    (value, k) => Math.abs(value - before.dx[k]!) + Math.abs(now.dy[k]! - before.dy[k]!) < 1e-3 * errors[k]!,
  );
}

/** Count the cells of a 4 by 4 chart of the image that hold a star. */
export function countCells(
  x: Float64Array,
  y: Float64Array,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): number {
  const cellOf = (value: number, side: number): number =>
    Math.min(3, Math.max(0, Math.floor((4 * (value + 0.5)) / side)));
  return new Set(Array.from(x, (value, k) => 4 * cellOf(y[k]!, heightPx) + cellOf(value, widthPx))).size;
}

/**
 * Choose the order of the polynomial that predicts stars best which it was not fitted to.
 *
 * Five-fold cross-validation on robust losses; the simplest order that is not worse than the best by more than one
 * standard error wins. Orders above 1 need stars over most of the image: polynomials run away beyond the last one.
 *
 * @see Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, 7.10
 */
export function chooseOrder(
  points: Correspondences,
  errors: Float64Array,
  maxOrder: number,
  size: { readonly widthPx: number; readonly heightPx: number },
): number {
  const count = points.x.length;
  const covered = countCells(points.x, points.y, size);
  const orders = [1, 2, 3, 4].filter(
    (order) =>
      order <= maxOrder &&
      (order === 1 ||
        (covered >= LEAST_CELLS && (count * (FOLDS - 1)) / FOLDS >= POINTS_PER_TERM * countTerms(order))),
  );
  if (orders.length === 1) return 1;
  const start = fitPlaneRobustly(points, orders.at(-1)!, errors);
  if (start === undefined) return 1;
  const ratios = start.dx.map((value, k) => Math.hypot(value, start.dy[k]!) / errors[k]!);
  const scale = Math.max(1e-6, median(ratios) / 1.18);
  const losses = orders.map((order) => crossValidate(points, errors, order, scale));
  const means = losses.map((loss) => loss.reduce((sum, value) => sum + value, 0) / count);
  const best = means.indexOf(Math.min(...means));
  for (let at = 0; at < best; at++) {
    const worse = losses[at]!.map((value, k) => value - losses[best]![k]!);
    const mean = means[at]! - means[best]!;
    const variance = worse.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
    if (mean <= Math.sqrt(variance / count)) return orders[at]!;
  }
  return orders[best]!;
}

/** Bounded loss of every point under the fit to the other four fifths. */
function crossValidate(
  points: Correspondences,
  errors: Float64Array,
  order: number,
  scale: number,
): Float64Array {
  const count = points.x.length;
  const loss = new Float64Array(count);
  for (let fold = 0; fold < FOLDS; fold++) {
    const rest = Array.from({ length: count }, (_, k) => k).filter((k) => k % FOLDS !== fold);
    const take = (values: Float64Array): Float64Array => Float64Array.from(rest, (k) => values[k]!);
    const fit = fitPlaneRobustly(
      { x: take(points.x), y: take(points.y), u: take(points.u), v: take(points.v) },
      order,
      take(errors),
    );
    const all = fit && evaluatePlaneAt(fit.map, points.x, points.y);
    for (let k = fold; k < count; k += FOLDS) {
      const ratio =
        all === undefined
          ? Number.POSITIVE_INFINITY
          : Math.hypot(points.u[k]! - all.x[k]!, points.v[k]! - all.y[k]!) / errors[k]! / scale;
      loss[k] = Math.min(ratio, TUKEY) ** 2;
    }
  }
  return loss;
}

/** Middle of some values; 0 of none. */
export function median(values: Float64Array | readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
