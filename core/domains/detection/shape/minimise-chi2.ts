import { solveCholesky } from '../../differencing/index.ts';

/** A model at some parameters: what it leaves of the data, and how that changes with each parameter. */
export interface ModelState {
  /** (data - model) / sigma of each pixel. */
  readonly residuals: Float64Array;
  /** Derivative of model / sigma with respect to each parameter, one array a parameter. */
  readonly slopes: readonly Float64Array[];
}

/** The best fit of a model. */
export interface Minimum {
  readonly parameters: Float64Array;
  readonly chi2: number;
  /** Covariance of the parameters, (n, n) row-major. */
  readonly covariance: Float64Array;
}

const MOST_STEPS = 30;
/** A step that lowers chi^2 by less is the last. */
const ENOUGH = 1e-3;
const LARGEST_DAMPING = 1e8;

/**
 * Find the parameters at which a model fits best.
 *
 * @param evaluate gives the model at parameters; `undefined` where they make no sense.
 * @param start parameters that make sense.
 * @returns `undefined` where the parameters are degenerate.
 * @see Marquardt 1963, SIAM J. Appl. Math. 11, 431
 */
export function minimiseChi2(
  evaluate: (parameters: Float64Array) => ModelState | undefined,
  start: Float64Array,
): Minimum | undefined {
  let parameters = start;
  let state = evaluate(start);
  if (!state) return undefined;
  let chi2 = sumOfSquares(state.residuals);
  let damping = 1e-3;
  for (let step = 0; step < MOST_STEPS && damping < LARGEST_DAMPING; ) {
    const { normal, right } = formNormal(state);
    const n = parameters.length;
    for (let k = 0; k < n; k++) normal[k * n + k]! *= 1 + damping;
    const change = solveCholesky(normal, right);
    if (!change) return undefined;
    const next = parameters.map((value, k) => value + change[k]!);
    const tried = evaluate(next);
    const better = tried ? sumOfSquares(tried.residuals) : Number.POSITIVE_INFINITY;
    if (!(better < chi2)) {
      damping *= 10;
      continue;
    }
    const gain = chi2 - better;
    [parameters, state, chi2] = [next, tried!, better];
    damping /= 10;
    step++;
    if (gain < ENOUGH) break;
  }
  const covariance = invert(formNormal(state).normal, parameters.length);
  return covariance && { parameters, chi2, covariance };
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

function formNormal({ residuals, slopes }: ModelState) {
  const n = slopes.length;
  const normal = new Float64Array(n * n);
  const right = new Float64Array(n);
  for (let a = 0; a < n; a++) {
    const first = slopes[a]!;
    for (let b = 0; b <= a; b++) {
      const second = slopes[b]!;
      let sum = 0;
      for (let k = 0; k < first.length; k++) sum += first[k]! * second[k]!;
      normal[a * n + b] = sum;
      normal[b * n + a] = sum;
    }
    let sum = 0;
    for (let k = 0; k < first.length; k++) sum += first[k]! * residuals[k]!;
    right[a] = sum;
  }
  return { normal, right };
}

function invert(normal: Float64Array, n: number): Float64Array | undefined {
  const inverse = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const unit = new Float64Array(n);
    unit[k] = 1;
    const column = solveCholesky(normal, unit);
    if (!column) return undefined;
    for (let j = 0; j < n; j++) inverse[j * n + k] = column[j]!;
  }
  return inverse;
}
