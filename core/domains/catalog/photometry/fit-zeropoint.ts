import { AstridError } from '../../../utils/index.ts';
import type { Zeropoint } from '../../preprocessing/index.ts';
import { solveWeighted } from './solve-weighted.ts';

/** How a zeropoint is fitted. */
export interface PhotometryConfig {
  /** Least signal to noise of a star. Default 20. */
  readonly minSnr: number;
  /** Fewest stars for a zeropoint. Default 5. */
  readonly minStars: number;
  /** Stars for each coefficient of colour and place. Default 8. */
  readonly starsPerTerm: number;
  /** Highest order of the zeropoint over the image, 0 to 2; cross-validation chooses. Default 2. */
  readonly maxSpatialOrder: number;
  /** Least spread (robust sigma) of colours for a colour term, mag. Default 0.1. */
  readonly minColourSpread: number;
  /** Stars farther than this many sigma are left out. Default 4. */
  readonly clipSigma: number;
}

/** The defaults of `fitZeropoint`. */
export const DEFAULT_PHOTOMETRY: PhotometryConfig = {
  minSnr: 20,
  minStars: 5,
  starsPerTerm: 8,
  maxSpatialOrder: 2,
  minColourSpread: 0.1,
  clipSigma: 4,
};

/** One star: what the catalogue says and what the image measured. */
export interface PhotometricStar {
  readonly xPx: number;
  readonly yPx: number;
  /** Catalogue minus instrument: mag + 2.5 log10(e-/s). */
  readonly offsetMag: number;
  /** Of both together, without what is intrinsic. */
  readonly errorMag: number;
  /** NaN where unknown. */
  readonly colour: number;
}

/** What goes with the numbers of a zeropoint. */
export interface ZeropointFacts {
  readonly name: string;
  readonly catalog: string;
  readonly band: string;
  readonly colourName?: string | undefined;
  readonly widthPx: number;
  readonly heightPx: number;
}

interface Model {
  readonly hasColour: boolean;
  readonly order: number;
}

interface Fit {
  readonly coefficients: Float64Array;
  readonly covariance: Float64Array;
  readonly residuals: Float64Array;
  readonly intrinsic: number;
}

const FOLDS = 5;
const ROUNDS = 15;
const TUKEY = 4.685;
/** Efficiency of the biweight for a normal scatter, as a variance. */
const BIWEIGHT_EFFICIENCY = 0.95;
/** Stars within so many sigma are of the distribution, and the variance of a normal one cut there. */
const INLIER_SIGMA = 3.5;
const INLIER_VARIANCE = 0.9937;
/** Better than this no magnitude is known. */
const LEAST_ERROR_MAG = 1e-4;
/** A larger model must be better by so many standard errors of the gain: the price of a false slope is every magnitude. */
const GAIN_SIGMA = 2;

/**
 * Fit the zeropoint of an image: m_cat = m_inst + ZP + c (colour - middle colour) + polynomial(x, y).
 *
 * Reweighted least squares with Tukey's biweight; an intrinsic scatter is added to the stars' errors until their
 * pulls have unit spread, so that bright stars do not decide alone. A colour term is taken whenever colours differ
 * enough to measure it, orders of place when five-fold cross-validation proves them. `zeropointMag` is that of a star
 * of the middle colour at the middle of the image.
 *
 * @throws catalog/too-few-photometric-stars
 * @see Press et al. 2007, Numerical Recipes, 15.7, for robust estimation by reweighting
 */
export function fitZeropoint(
  stars: readonly PhotometricStar[],
  facts: ZeropointFacts,
  config: PhotometryConfig = DEFAULT_PHOTOMETRY,
): Zeropoint {
  if (stars.length < config.minStars)
    throw new AstridError(
      'catalog/too-few-photometric-stars',
      `${facts.name} gets no zeropoint: ${stars.length} stars with a magnitude in ${facts.band} are bright, unflagged and not variable; ${config.minStars} are needed.`,
      { name: facts.name, found: stars.length, needed: config.minStars },
    );
  const coloured = stars.filter(({ colour }) => Number.isFinite(colour));
  const colourMid = median(coloured.map(({ colour }) => colour));
  const spread = 1.4826 * median(coloured.map(({ colour }) => Math.abs(colour - colourMid)));
  // A star without colour would need another model: it is left out when colours are used.
  const canColour = coloured.length >= 0.7 * stars.length && spread >= config.minColourSpread;
  const pool = canColour ? coloured : stars;
  const model = chooseModel(pool, canColour, colourMid, facts, config);
  const rows = makeRows(pool, model, colourMid, facts);
  const fit = fitRows(rows, pool);
  const sigma = pool.map(({ errorMag }) => Math.hypot(errorMag, fit.intrinsic));
  const kept = sigma.flatMap((value, k) =>
    Math.abs(fit.residuals[k]!) <= config.clipSigma * value ? [k] : [],
  );
  if (kept.length < config.minStars)
    throw new AstridError(
      'catalog/too-few-photometric-stars',
      `${facts.name} gets no zeropoint: of ${pool.length} stars only ${kept.length} agree; ${config.minStars} are needed.`,
      { name: facts.name, found: kept.length, needed: config.minStars },
    );
  const terms = rows[0]!.length;
  const errorOf = (at: number): number => Math.sqrt(fit.covariance[at * terms + at]!);
  const firstSpatial = model.hasColour ? 2 : 1;
  return {
    zeropointMag: fit.coefficients[0]!,
    zeropointMagErr: errorOf(0),
    scatterMag: 1.4826 * median(kept.map((k) => Math.abs(fit.residuals[k]!))),
    intrinsicScatterMag: fit.intrinsic,
    colourTerm: model.hasColour ? fit.coefficients[1]! : 0,
    colourTermErr: model.hasColour ? errorOf(1) : 0,
    colourName: facts.colourName,
    colourMid: canColour ? colourMid : undefined,
    spatialOrder: model.order,
    spatial: [...fit.coefficients.subarray(firstSpatial)],
    widthPx: facts.widthPx,
    heightPx: facts.heightPx,
    stars: kept.length,
    rejected: pool.length - kept.length,
    band: facts.band,
    catalog: facts.catalog,
  };
}

/** Simplest first; a larger one is taken when it is surely better on stars that it was not fitted to. */
function chooseModel(
  stars: readonly PhotometricStar[],
  canColour: boolean,
  colourMid: number,
  facts: ZeropointFacts,
  config: PhotometryConfig,
): Model {
  // Filters are never quite the catalogue's: a colour term is taken whenever it can be measured.
  const hasColour = canColour && stars.length >= 2 * config.starsPerTerm;
  const models: Model[] = [];
  for (let order = 0; order <= config.maxSpatialOrder; order++) {
    const terms = ((order + 1) * (order + 2)) / 2 + (hasColour ? 1 : 0);
    if (order === 0 || stars.length >= config.starsPerTerm * terms) models.push({ hasColour, order });
  }
  if (models.length === 1) return models[0]!;
  const simplest = fitRows(makeRows(stars, models[0]!, colourMid, facts), stars);
  const scored = models.map((model) => ({
    model,
    losses: crossValidate(stars, model, colourMid, facts, simplest.intrinsic),
  }));
  let best = scored[0]!;
  for (const next of scored.slice(1)) {
    const gains = best.losses.map((loss, k) => loss - next.losses[k]!);
    const mean = gains.reduce((sum, value) => sum + value, 0) / gains.length;
    const variance =
      gains.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, gains.length - 1);
    if (mean > GAIN_SIGMA * Math.sqrt(variance / gains.length)) best = next;
  }
  return best.model;
}

function crossValidate(
  stars: readonly PhotometricStar[],
  model: Model,
  colourMid: number,
  facts: ZeropointFacts,
  intrinsic: number,
): Float64Array {
  const rows = makeRows(stars, model, colourMid, facts);
  const losses = new Float64Array(stars.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const rest = stars.flatMap((_, k) => (k % FOLDS === fold ? [] : [k]));
    const fit = fitRows(
      rest.map((k) => rows[k]!),
      rest.map((k) => stars[k]!),
      intrinsic,
    );
    for (let k = fold; k < stars.length; k += FOLDS) {
      const residual = stars[k]!.offsetMag - dot(rows[k]!, fit.coefficients);
      // One scatter for all models: their own would reward the worse.
      const ratio = Math.abs(residual) / Math.hypot(stars[k]!.errorMag, intrinsic, LEAST_ERROR_MAG);
      losses[k] = Math.min(ratio, TUKEY) ** 2;
    }
  }
  return losses;
}

function makeRows(
  stars: readonly PhotometricStar[],
  { hasColour, order }: Model,
  colourMid: number,
  facts: ZeropointFacts,
): Float64Array[] {
  return stars.map(({ xPx, yPx, colour }) =>
    Float64Array.of(1, ...(hasColour ? [colour - colourMid] : []), ...spatialTerms(xPx, yPx, order, facts)),
  );
}

/** Terms of place: U, V, U^2, UV, V^2 with U and V in [-1, 1] over the image. */
export function spatialTerms(
  xPx: number,
  yPx: number,
  order: number,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): readonly number[] {
  const U = (2 * xPx) / (widthPx - 1) - 1;
  const V = (2 * yPx) / (heightPx - 1) - 1;
  if (order === 0) return [];
  return order === 1 ? [U, V] : [U, V, U * U, U * V, V * V];
}

/**
 * Reweighted least squares; the intrinsic scatter is found on the way, unless it is given.
 *
 * The covariance is that of the stars within `INLIER_SIGMA`, divided by the biweight's efficiency.
 */
function fitRows(rows: readonly Float64Array[], stars: readonly PhotometricStar[], given?: number): Fit {
  const terms = rows[0]!.length;
  const values = Float64Array.from(stars, ({ offsetMag }) => offsetMag);
  const middle = median(values);
  let coefficients: Float64Array = Float64Array.from(rows[0]!, (_, k) => (k === 0 ? middle : 0));
  let residuals: Float64Array = values.map((value) => value - middle);
  let intrinsic = given ?? 0;
  const sigmaOf = (k: number): number => Math.hypot(stars[k]!.errorMag, intrinsic, LEAST_ERROR_MAG);
  for (let round = 0; round < ROUNDS; round++) {
    if (given === undefined)
      intrinsic = findIntrinsic(residuals, stars, terms, round < 3 ? undefined : intrinsic);
    const weights = Float64Array.from(residuals, (residual, k) => {
      const ratio = residual / (TUKEY * sigmaOf(k));
      return Math.abs(ratio) < 1 ? (1 - ratio * ratio) ** 2 / sigmaOf(k) ** 2 : 0;
    });
    const next = solveWeighted(rows, values, weights);
    if (next === undefined) break;
    const change = next.coefficients.reduce(
      (most, value, k) => Math.max(most, Math.abs(value - coefficients[k]!)),
      0,
    );
    coefficients = next.coefficients;
    residuals = values.map((value, k) => value - dot(rows[k]!, coefficients));
    if (round > 4 && change < 1e-6) break;
  }
  const inliers = Float64Array.from(residuals, (residual, k) =>
    Math.abs(residual) < INLIER_SIGMA * sigmaOf(k) ? BIWEIGHT_EFFICIENCY / sigmaOf(k) ** 2 : 0,
  );
  const covariance =
    solveWeighted(rows, values, inliers)?.covariance ?? new Float64Array(terms * terms).fill(Number.NaN);
  return { coefficients, covariance, residuals, intrinsic };
}

/**
 * Scatter to add to the errors so that pulls have unit spread.
 *
 * First from the median of all, which outliers cannot move far; then from the mean square of those within
 * `INLIER_SIGMA` of the last estimate, which is twice as sharp and which outliers do not touch.
 */
function findIntrinsic(
  residuals: Float64Array,
  stars: readonly PhotometricStar[],
  terms: number,
  last: number | undefined,
): number {
  // Residuals are smaller than the scatter by the degrees of freedom that the fit took.
  const free = Math.max(1, stars.length - terms) / stars.length;
  const pullOf = (k: number, intrinsic: number): number =>
    residuals[k]! / Math.hypot(stars[k]!.errorMag, intrinsic, LEAST_ERROR_MAG);
  const all = Array.from(stars.keys());
  const inliers = last === undefined ? all : all.filter((k) => Math.abs(pullOf(k, last)) < INLIER_SIGMA);
  const spread = (intrinsic: number): number =>
    last === undefined
      ? (1.4826 * median(all.map((k) => Math.abs(pullOf(k, intrinsic))))) ** 2 / free
      : inliers.reduce((sum, k) => sum + pullOf(k, intrinsic) ** 2, 0) /
        (inliers.length * free * INLIER_VARIANCE);
  if (spread(0) <= 1) return 0;
  let [low, high] = [0, 0.5];
  while (spread(high) > 1 && high < 64) high *= 2;
  for (let step = 0; step < 16; step++) {
    const middle = (low + high) / 2;
    if (spread(middle) > 1) low = middle;
    else high = middle;
  }
  return high;
}

function dot(row: Float64Array, coefficients: Float64Array): number {
  return row.reduce((sum, value, k) => sum + value * coefficients[k]!, 0);
}

function median(values: Float64Array | readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
