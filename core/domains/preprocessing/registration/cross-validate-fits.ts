import type { PlaneMap } from '../model.ts';
import type { Correspondences } from './fit-plane.ts';
import { fitRobustly, median, offsetsFrom, type Solve } from './fit-robustly.ts';

/** A way to describe the map, and what it gives on all stars. */
export interface Fit {
  /** Order of the polynomial; -1 for the start itself. */
  readonly order: number;
  /** Absent for the start itself. */
  readonly solve?: Solve | undefined;
  readonly plane?: PlaneMap | undefined;
  /** Weights that the robust fit settled on, 0 to 1. */
  readonly trust?: Float64Array | undefined;
  /** Offsets of every star, template minus map. */
  readonly dx: Float64Array;
  readonly dy: Float64Array;
}

/** Parts into which the stars are divided to see how a map fares on stars it was not fitted to. */
const FOLDS = 5;
/** Losses, in squared sigma, are cut here: a wrong pair tells no more than that. */
const WORST_LOSS = 9;

/**
 * Measure what each fit says of stars it has not seen: squared offsets in units of the scatter, cut at nine.
 *
 * @param fits from the simplest to the freest, whose scatter is the unit.
 */
export function crossValidate(
  fits: readonly Fit[],
  points: Correspondences,
  errors: Float64Array,
): Float64Array[] {
  const n = points.x.length;
  const freest = fits.at(-1)!;
  const scale = Math.max(
    0.1,
    median(freest.dx.map((value, k) => Math.hypot(value, freest.dy[k]!) / errors[k]!)) / 1.18,
  );
  const lossOf = (dx: number, dy: number, k: number): number =>
    Math.min(WORST_LOSS, (dx * dx + dy * dy) / (errors[k]! * scale) ** 2);
  return fits.map((fit) => {
    const loss = new Float64Array(n).fill(WORST_LOSS);
    if (fit.solve === undefined) return loss.map((_, k) => lossOf(fit.dx[k]!, fit.dy[k]!, k));
    for (let fold = 0; fold < FOLDS; fold++) {
      // Pairs come brightest first: every fold gets stars of every brightness.
      const fitted = fitRobustly(points, errors, fit.solve, {
        trust: fit.trust!,
        isUsed: (k) => k % FOLDS !== fold,
      });
      if (fitted === undefined) continue;
      const { dx, dy } = offsetsFrom(fitted.plane, points);
      for (let k = fold; k < n; k += FOLDS) loss[k] = lossOf(dx[k]!, dy[k]!, k);
    }
    return loss;
  });
}

/** How much worse a simpler map may be than the best, standard errors. */
export interface Margins {
  readonly affineMarginSigma: number;
  readonly polynomialMarginSigma: number;
}

/**
 * Choose the simplest fit that is not worse than the best by more than its margin.
 *
 * @param fits from the simplest to the freest.
 * @param losses one row a fit.
 * @see Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, 7.10, for the one-standard-error rule
 */
export function chooseSimplest(
  fits: readonly Fit[],
  losses: readonly Float64Array[],
  { affineMarginSigma, polynomialMarginSigma }: Margins,
): Fit {
  const totals = losses.map((loss) => loss.reduce((sum, value) => sum + value, 0));
  const best = totals.indexOf(Math.min(...totals));
  const n = losses[best]!.length;
  for (let at = 0; at < best; at++) {
    const excess = losses[at]!.map((value, k) => value - losses[best]![k]!);
    const mean = excess.reduce((sum, value) => sum + value, 0) / n;
    const variance = excess.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, n - 1);
    const margin = fits[at]!.order <= 1 ? affineMarginSigma : polynomialMarginSigma;
    if (mean <= margin * Math.sqrt(variance / n)) return fits[at]!;
  }
  return fits[best]!;
}
