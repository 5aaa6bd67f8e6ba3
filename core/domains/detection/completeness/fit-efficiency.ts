import type { EfficiencyBin, EfficiencyCurve, Estimate } from './model.ts';

/** One trial: a star of this S/N or magnitude was found or not. */
export interface Trial {
  readonly at: number;
  readonly isFound: boolean;
}

/** What is known before any trial, so that a dozen of them do not run away. */
export interface EfficiencyPrior {
  /** Typical width of the rise; known to a factor of `widthFactor`. */
  readonly width: number;
  readonly widthFactor: number;
  /** Edges of the bins that are shown. */
  readonly edges: readonly number[];
  /** Whether efficiency rises with the number (S/N) or falls (magnitude). */
  readonly isRising: boolean;
}

/** Ceilings below one are believed as if two more of a hundred had been missed of brightest stars. */
const CEILING_MEAN = 0.98;
const CEILING_TRIALS = 5;
const ROUNDS = 100;

/**
 * Fit eps = eps0 / (1 + exp((m - m50) / w)) by maximum likelihood.
 *
 * Fisher scoring in (centre, ln w, logit eps0). Weak priors hold width and ceiling where trials say nothing of them.
 *
 * @returns the curve; `at50` and `at90` are where it reaches 0.5 and 0.9 of all, with errors from the information matrix.
 */
export function fitEfficiency(trials: readonly Trial[], prior: EfficiencyPrior): EfficiencyCurve {
  const direction = prior.isRising ? 1 : -1;
  const middle = middleOf(trials, prior);
  const parameters = startValues(trials, prior);
  let damping = 1;
  let merit = logPosterior(trials, parameters, direction, prior, middle);
  for (let round = 0; round < ROUNDS; round++) {
    const { gradient, information } = derive(trials, parameters, direction, prior, middle);
    const step = solve3(information, gradient);
    if (!step) break;
    let isBetter = false;
    for (damping = 1; damping > 1e-4; damping /= 2) {
      const next = parameters.map((value, k) => value + damping * clip(step[k]!, k, prior));
      const nextMerit = logPosterior(trials, next, direction, prior, middle);
      if (nextMerit < merit) continue;
      isBetter = nextMerit > merit + 1e-10;
      parameters.splice(0, 3, ...next);
      merit = nextMerit;
      break;
    }
    if (!isBetter) break;
  }
  const { information } = derive(trials, parameters, direction, prior, middle);
  const [centre, logWidth, logit] = parameters as [number, number, number];
  const width = Math.exp(logWidth);
  const ceiling = 1 / (1 + Math.exp(-logit));
  const crossing = (level: number) => findCrossing(level, centre, width, ceiling, direction, information);
  return {
    ceiling,
    centre,
    width,
    at50: trials.length > 0 ? crossing(0.5) : undefined,
    at90: trials.length > 0 ? crossing(0.9) : undefined,
    bins: countBins(trials, prior.edges),
  };
}

/** Give the value of a fitted curve. */
export function evaluateEfficiency(
  curve: Pick<EfficiencyCurve, 'ceiling' | 'centre' | 'width'>,
  at: number,
  isRising: boolean,
): number {
  return curve.ceiling / (1 + Math.exp(((isRising ? -1 : 1) * (at - curve.centre)) / curve.width));
}

/** Find where a curve reaches a level, and how that depends on its parameters. */
function findCrossing(
  level: number,
  centre: number,
  width: number,
  ceiling: number,
  direction: number,
  information: readonly number[],
): Estimate | undefined {
  if (ceiling <= level * 1.0001) return undefined;
  const odds = ceiling / level - 1;
  const value = centre - direction * width * Math.log(odds);
  // d/d(centre, ln w, logit eps0)
  const slope = [
    1,
    -direction * width * Math.log(odds),
    -direction * width * ((ceiling * (1 - ceiling)) / (level * odds)),
  ];
  const solved = solve3(information, slope);
  if (!solved) return undefined;
  const variance = slope.reduce((sum, part, k) => sum + part * solved[k]!, 0);
  return { value, error: Math.sqrt(Math.max(0, variance)) };
}

/** Where the rise is expected before any trial: in the range that was tried, give or take the range. */
function middleOf(trials: readonly Trial[], prior: EfficiencyPrior): Middle {
  const low = Math.min(...trials.map(({ at }) => at));
  const high = Math.max(...trials.map(({ at }) => at));
  if (!(high > low)) return { centre: Number.isFinite(low) ? low : 0, spread: 4 * prior.width };
  return { centre: (low + high) / 2, spread: high - low };
}

interface Middle {
  readonly centre: number;
  readonly spread: number;
}

function startValues(trials: readonly Trial[], prior: EfficiencyPrior): number[] {
  const sorted = [...trials].sort((a, b) => a.at - b.at);
  // As many missed on the bright side as found on the faint side: the best step.
  const found = trials.filter(({ isFound }) => isFound).length;
  const index = prior.isRising ? sorted.length - found : found;
  const at = sorted[Math.min(sorted.length - 1, Math.max(0, index))]?.at ?? 0;
  return [at, Math.log(prior.width), Math.log(CEILING_MEAN / (1 - CEILING_MEAN))];
}

function clip(step: number, k: number, prior: EfficiencyPrior): number {
  const limit = k === 0 ? 4 * prior.width : 1;
  return Math.max(-limit, Math.min(limit, step));
}

function logPosterior(
  trials: readonly Trial[],
  [centre, logWidth, logit]: readonly number[],
  direction: number,
  prior: EfficiencyPrior,
  middle: Middle,
): number {
  const width = Math.exp(logWidth!);
  const ceiling = 1 / (1 + Math.exp(-logit!));
  let sum = -0.5 * ((logWidth! - Math.log(prior.width)) / Math.log(prior.widthFactor)) ** 2;
  sum += CEILING_TRIALS * (CEILING_MEAN * Math.log(ceiling) + (1 - CEILING_MEAN) * Math.log(1 - ceiling));
  sum -= 0.5 * ((centre! - middle.centre) / middle.spread) ** 2;
  for (const { at, isFound } of trials) {
    const p = bounded(ceiling / (1 + Math.exp((-direction * (at - centre!)) / width)));
    sum += Math.log(isFound ? p : 1 - p);
  }
  return sum;
}

/** Gradient of the log posterior, and the information (3, 3) row-major. */
function derive(
  trials: readonly Trial[],
  [centre, logWidth, logit]: readonly number[],
  direction: number,
  prior: EfficiencyPrior,
  middle: Middle,
): { gradient: number[]; information: number[] } {
  const width = Math.exp(logWidth!);
  const ceiling = 1 / (1 + Math.exp(-logit!));
  const spread = Math.log(prior.widthFactor);
  const gradient = [
    -(centre! - middle.centre) / middle.spread ** 2,
    -(logWidth! - Math.log(prior.width)) / spread ** 2,
    CEILING_TRIALS * (CEILING_MEAN - ceiling),
  ];
  const information = new Array<number>(9).fill(0);
  information[0] = 1 / middle.spread ** 2;
  information[4] = 1 / spread ** 2;
  information[8] = CEILING_TRIALS * ceiling * (1 - ceiling);
  for (const { at, isFound } of trials) {
    const z = (direction * (at - centre!)) / width;
    const s = 1 / (1 + Math.exp(-z));
    const p = bounded(ceiling * s);
    const rise = ceiling * s * (1 - s);
    const slope = [(-direction * rise) / width, -z * rise, s * ceiling * (1 - ceiling)];
    const residual = ((isFound ? 1 : 0) - p) / (p * (1 - p));
    for (let a = 0; a < 3; a++) {
      gradient[a]! += residual * slope[a]!;
      for (let b = 0; b < 3; b++) information[3 * a + b]! += (slope[a]! * slope[b]!) / (p * (1 - p));
    }
  }
  return { gradient, information };
}

function bounded(p: number): number {
  return Math.min(1 - 1e-9, Math.max(1e-9, p));
}

/** Solve a symmetric (3, 3) system by Cramer's rule. */
function solve3(m: readonly number[], r: readonly number[]): readonly number[] | undefined {
  const [a, b, c, , e, f, , , i] = m as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const cofactors = [e * i - f * f, c * f - b * i, b * f - c * e];
  const determinant = a * cofactors[0]! + b * cofactors[1]! + c * cofactors[2]!;
  if (!(Math.abs(determinant) > 1e-30)) return undefined;
  const inverse = [
    cofactors[0]!, cofactors[1]!, cofactors[2]!,
    cofactors[1]!, a * i - c * c, b * c - a * f,
    cofactors[2]!, b * c - a * f, a * e - b * b,
  ]; // biome-ignore format: a matrix
  return [0, 1, 2].map((row) =>
    r.reduce((sum, value, k) => sum + (inverse[3 * row + k]! * value) / determinant, 0),
  );
}

/** Count trials between edges, with intervals. */
export function countBins(trials: readonly Trial[], edges: readonly number[]): readonly EfficiencyBin[] {
  return edges.slice(1).map((to, k) => {
    const from = edges[k]!;
    const inside = trials.filter(({ at }) => at >= from && at < to);
    const found = inside.filter(({ isFound }) => isFound).length;
    return { from, to, injected: inside.length, found, ...binomialInterval(found, inside.length) };
  });
}

/**
 * Give the central interval of a probability of which `found` of `injected` trials are known.
 *
 * @returns quantiles 15.87 and 84.13 % of Beta(found + 1/2, missed + 1/2); 0 and 1 where none or all were found.
 * @see Brown, Cai & DasGupta 2001, Statistical Science 16, 101, section 3.1.3 (Jeffreys' interval)
 */
export function binomialInterval(found: number, injected: number): { low: number; high: number } {
  const quantile = (p: number) => betaQuantile(p, found + 0.5, injected - found + 0.5);
  return {
    low: found === 0 ? 0 : quantile(0.15866),
    high: found === injected ? 1 : quantile(0.84134),
  };
}

function betaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Regularised incomplete beta function by its continued fraction. @see Abramowitz & Stegun 1964, 26.5.8 */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    a * Math.log(x) + b * Math.log(1 - x) - (logGamma(a) + logGamma(b) - logGamma(a + b)),
  );
  // From the tail to the front: 200 terms are more than any count of stars needs.
  let fraction = 1;
  for (let m = 200; m >= 1; m--) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    fraction = 1 + even / (1 + odd / fraction);
  }
  const first = (-(a + b) * x) / (a + 1);
  return front / (a * (1 + first / fraction));
}

/** ln Gamma by Stirling's series after moving the argument beyond 8. @see Abramowitz & Stegun 1964, 6.1.41 */
function logGamma(z: number): number {
  let shift = 0;
  let x = z;
  for (; x < 8; x++) shift += Math.log(x);
  const y = 1 / (x * x);
  return (
    (x - 0.5) * Math.log(x) -
    x +
    0.5 * Math.log(2 * Math.PI) +
    (1 / 12 - y * (1 / 360 - y / 1260)) / x -
    shift
  );
}
