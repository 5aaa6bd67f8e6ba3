import type { DifferencingConfig } from '../config.ts';
import type { MeasuredStar } from '../model.ts';
import { countTerms, evaluateTerms } from '../psf/psf-polynomial.ts';
import { madStd, median, medianInPlace, selectInPlace } from '../robust-statistics.ts';
import { solveCholesky } from '../solve-linear.ts';
import type { ImageMatch } from './image-match.ts';

/** Stars of both images farther apart than this are not the same star, px. */
const SAME_STAR_PX = 1.5;
/** Stars needed for each coefficient of a polynomial. */
const STARS_PER_TERM = 8;
/** Biweight: a star that deviates by this many sigma has no say. */
const CUT_SIGMA = 5;
const ROUNDS = 25;
/** Fewer of an image's clean stars than this part have met by chance. */
const LEAST_SHARE = 0.2;
/** With fewer pairs of measured positions than this, all pairs say how the images are shifted. */
const LEAST_MEASURED = 3;
/** Error of a position that was not fitted with the PSF, px. */
const UNFITTED_ERR_PX = 0.5;

/** One star seen in both images. */
export interface MatchedStar {
  readonly science: MeasuredStar;
  readonly template: MeasuredStar;
}

/** How two images compare, and the stars that agree with it. */
export interface MatchedImages {
  readonly match: ImageMatch;
  /** Stars of the science image whose flux is what the template says, within five sigma: not variable. */
  readonly constantStars: readonly MeasuredStar[];
}

/** Pair the stars of both images by position, each with its nearest and only if that is mutual. */
export function pairStars(
  science: readonly MeasuredStar[],
  template: readonly MeasuredStar[],
): readonly MatchedStar[] {
  const inScience = sortByRow(science);
  const inTemplate = sortByRow(template);
  const pairs: MatchedStar[] = [];
  science.forEach((star, k) => {
    const other = findNearest(star, template, inTemplate);
    if (other >= 0 && findNearest(template[other], science, inScience) === k)
      pairs.push({ science: star, template: template[other] });
  });
  return pairs;
}

/** Indices of the stars in each strip of the image that is as high as two of the same star may be apart. */
function sortByRow(stars: readonly MeasuredStar[]): ReadonlyMap<number, readonly number[]> {
  const rows = new Map<number, number[]>();
  stars.forEach((star, k) => {
    const row = Math.floor(star.yPx / SAME_STAR_PX);
    const known = rows.get(row);
    if (known) known.push(k);
    else rows.set(row, [k]);
  });
  return rows;
}

/** Index of the nearest star that may be the same; -1 if there is none. */
function findNearest(
  from: MeasuredStar,
  stars: readonly MeasuredStar[],
  rows: ReadonlyMap<number, readonly number[]>,
): number {
  const middle = Math.floor(from.yPx / SAME_STAR_PX);
  let best = -1;
  let least = SAME_STAR_PX ** 2;
  for (let row = middle - 1; row <= middle + 1; row++) {
    for (const k of rows.get(row) ?? []) {
      const distance2 = (stars[k].xPx - from.xPx) ** 2 + (stars[k].yPx - from.yPx) ** 2;
      if (distance2 >= least) continue;
      best = k;
      least = distance2;
    }
  }
  return best;
}

/**
 * Measure flux ratio and residual shift between the images from the stars they share.
 *
 * Robust weighted polynomials: each star has its photon noise plus a scatter that all stars share (flat fields,
 * colours) and that is found together with the fit; variable stars lose their say (Tukey's biweight). The degree
 * is the lowest that the stars cannot refute (Bayesian information criterion).
 *
 * @param science, template all stars that were measured.
 * Positions that were not fitted with the PSF say nothing of the shift where enough others do.
 *
 * @returns `undefined` if not even a fifth of the shorter list's clean stars are in the other.
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 37-39: they solve for the same unknowns in Fourier space;
 * stars fitted with the PSFs of the subtraction give the same values with an honest error and scatter.
 */
export function matchImages(
  science: readonly MeasuredStar[],
  template: readonly MeasuredStar[],
  width: number,
  height: number,
  config: Pick<DifferencingConfig, 'maxMatchDegree'>,
): MatchedImages | undefined {
  // A blend in the broader image may be a clean star in the sharper one; its neighbours are subtracted in both.
  const pairs = pairStars(science, template).filter(
    (pair) => (pair.science.isClean || pair.template.isClean) && !isBlendedApart(pair),
  );
  const clean = (stars: readonly MeasuredStar[]) => stars.filter((star) => star.isClean).length;
  const expected = LEAST_SHARE * Math.min(clean(science), clean(template));
  if (pairs.length === 0 || pairs.length < expected) return undefined;
  const points = (
    of: readonly MatchedStar[],
    value: (pair: MatchedStar) => number,
    error: (pair: MatchedStar) => number,
  ): Point[] =>
    of.map((pair) => ({
      x: pair.science.xPx,
      y: pair.science.yPx,
      value: value(pair),
      error: error(pair),
    }));
  // Ratios span decades of S/N symmetrically only in their logarithm.
  const ratio = fitRobust(
    points(
      pairs,
      (pair) => Math.log(pair.science.fluxE / pair.template.fluxE),
      (pair) =>
        Math.hypot(pair.science.fluxErrE / pair.science.fluxE, pair.template.fluxErrE / pair.template.fluxE),
    ),
    width,
    height,
    config.maxMatchDegree,
    1e-4,
  );
  const measured = pairs.filter((pair) => Number.isFinite(positionErrOf(pair)));
  const [placed, errorOf] =
    measured.length >= LEAST_MEASURED
      ? [measured, positionErrOf]
      : [pairs, (pair: MatchedStar) => Math.min(positionErrOf(pair), UNFITTED_ERR_PX)];
  const fitShift = (shift: (pair: MatchedStar) => number) =>
    fitRobust(points(placed, shift, errorOf), width, height, config.maxMatchDegree, 1e-3);
  const shiftX = fitShift((pair) => pair.science.xPx - pair.template.xPx);
  const shiftY = fitShift((pair) => pair.science.yPx - pair.template.yPx);
  if (!ratio || !shiftX || !shiftY) return undefined;
  const centre = Math.exp(ratio.coefficients[0]);
  return {
    match: {
      fluxRatio: exponentiate(ratio.coefficients),
      fluxRatioErr: centre * ratio.error,
      fluxRatioScatter: ratio.scatter,
      shiftX: shiftX.coefficients,
      shiftY: shiftY.coefficients,
      sigmaXPx: shiftX.scatter,
      sigmaYPx: shiftY.scatter,
      starsUsed: pairs.length,
    },
    constantStars: pairs.filter((_, k) => ratio.pulls[k] < CUT_SIGMA).map((pair) => pair.science),
  };
}

/** Error of a pair's distance, px; infinite where one of its positions was not fitted with the PSF. */
function positionErrOf(pair: MatchedStar): number {
  return Math.hypot(pair.science.positionErrPx, pair.template.positionErrPx);
}

/** A star that lies elsewhere in one image by far more than its error is another star, or has moved. */
function isBlendedApart(pair: MatchedStar): boolean {
  const distance = Math.hypot(pair.science.xPx - pair.template.xPx, pair.science.yPx - pair.template.yPx);
  return distance > 0.5 + 5 * positionErrOf(pair);
}

/** exp of a polynomial of degree <= 2 whose varying terms are small: to second order, a polynomial again. */
function exponentiate(log: readonly number[]): readonly number[] {
  const scale = Math.exp(log[0]);
  const [, a = 0, b = 0, ...second] = log;
  const linear = log.length > 1 ? [scale, scale * a, scale * b] : [scale];
  if (second.length === 0) return linear;
  const [uu, uv, vv] = second;
  return [...linear, scale * (uu + (a * a) / 2), scale * (uv + a * b), scale * (vv + (b * b) / 2)];
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly value: number;
  readonly error: number;
}

interface RobustFit {
  readonly coefficients: readonly number[];
  /** Error of the value at the image's centre. */
  readonly error: number;
  /** Scatter of single points beyond their errors. */
  readonly scatter: number;
  /** |residual| of each point in units of its error and the scatter. */
  readonly pulls: readonly number[];
}

function fitRobust(
  points: readonly Point[],
  width: number,
  height: number,
  maxDegree: number,
  floor: number,
): RobustFit | undefined {
  const fits: DegreeFit[] = [];
  for (let degree = 0; degree <= maxDegree; degree++) {
    if (degree > 0 && points.length < STARS_PER_TERM * countTerms(degree)) break;
    const fit = fitDegree(points, width, height, degree, floor);
    if (!fit) break;
    fits.push(fit);
  }
  // The same yardstick for all: with its own scatter a fit that leaves more would forgive itself its outliers.
  const scatter = Math.min(...fits.map((fit) => fit.scatter));
  const costs = fits.map((fit) => judgeFit(points, fit, scatter));
  return fits[costs.indexOf(Math.min(...costs))];
}

/** What a polynomial leaves of the points' values, given its terms at each. */
function residuals(
  points: readonly Point[],
  terms: readonly Float64Array[],
  coefficients: readonly number[],
): Float64Array {
  const left = new Float64Array(points.length);
  for (let k = 0; k < left.length; k++) {
    const own = terms[k];
    let sum = 0;
    for (let t = 0; t < own.length; t++) sum += own[t] * coefficients[t];
    left[k] = points[k].value - sum;
  }
  return left;
}

/** chi^2 + terms * ln(points), with residuals capped so that outliers cost the same in every degree. */
function judgeFit(points: readonly Point[], { left, coefficients }: DegreeFit, scatter: number): number {
  let cost = coefficients.length * Math.log(points.length);
  points.forEach((point, k) => {
    cost += Math.min(left[k] ** 2 / (point.error ** 2 + scatter ** 2), CUT_SIGMA ** 2);
  });
  return cost;
}

interface DegreeFit extends RobustFit {
  /** What it leaves of each point. */
  readonly left: Float64Array;
}

function fitDegree(
  points: readonly Point[],
  width: number,
  height: number,
  degree: number,
  floor: number,
): DegreeFit | undefined {
  const count = countTerms(degree);
  const terms = points.map((point) => evaluateTerms(degree, point.x, point.y, width, height));
  let coefficients: number[] = [weightedMedian(points), ...new Array<number>(count - 1).fill(0)];
  let scatter = Math.max(floor, madStd(points.map((point) => point.value)));
  let error = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const left = residuals(points, terms, coefficients);
    scatter = findScatter(left, points, floor);
    const normal = new Float64Array(count * count);
    const right = new Float64Array(count);
    points.forEach((point, k) => {
      const variance = point.error ** 2 + scatter ** 2;
      const pull = left[k] / Math.sqrt(variance) / CUT_SIGMA;
      const weight = Math.abs(pull) < 1 ? (1 - pull * pull) ** 2 / variance : 0;
      const own = terms[k];
      for (let a = 0; a < count; a++) {
        const weighted = weight * own[a];
        right[a] += weighted * point.value;
        // Only the lower triangle is looked at.
        for (let b = 0; b <= a; b++) normal[a * count + b] += weighted * own[b];
      }
    });
    const solved = solveCholesky(normal, right);
    if (!solved) return undefined;
    const moved = Math.max(...coefficients.map((value, a) => Math.abs(value - solved[a])));
    coefficients = Array.from(solved);
    const unit = new Float64Array(count);
    unit[0] = 1;
    error = Math.sqrt(solveCholesky(normal, unit)?.[0] ?? Number.POSITIVE_INFINITY);
    if (moved < 1e-7) break;
  }
  const left = residuals(points, terms, coefficients);
  const pulls = Array.from(left, (value, k) => Math.abs(value) / Math.hypot(points[k].error, scatter));
  return { coefficients, error, scatter, pulls, left };
}

function weightedMedian(points: readonly Point[]): number {
  const sorted = [...points].sort((a, b) => a.value - b.value);
  const weight = (point: Point) => 1 / (point.error ** 2 + 1e-4);
  const total = sorted.reduce((sum, point) => sum + weight(point), 0);
  let passed = 0;
  for (const point of sorted) {
    passed += weight(point);
    if (passed >= total / 2) return point.value;
  }
  return median(points.map((point) => point.value));
}

/** Median of a normal deviate's size, sigma. */
const TYPICAL_PULL = 0.6745;
/** Rounding of a difference of squares, as a part of the largest, with room to spare. */
const ROUNDING = 1e-13;

/** Scatter s for which the median of |residual| / sqrt(error^2 + s^2) is a normal deviate's, 0.6745; at least `floor`. */
function findScatter(left: Float64Array, points: readonly Point[], floor: number): number {
  const count = left.length;
  const pulls = new Float64Array(count);
  const isBeyond = (scatter: number): boolean => {
    for (let k = 0; k < count; k++) {
      pulls[k] = Math.abs(left[k]) / Math.sqrt(points[k].error ** 2 + scatter * scatter);
    }
    return medianInPlace(pulls, count) > TYPICAL_PULL;
  };
  let high = floor;
  for (let k = 0; k < count; k++) high = Math.max(high, Math.abs(left[k]));
  let low = floor;
  if (!isBeyond(low)) return low;
  // The squared scatter at which each point's own pull is that: half of them are larger than the one that is looked for.
  const crossings = new Float64Array(count);
  let largest = 0;
  for (let k = 0; k < count; k++) {
    const square = (left[k] / TYPICAL_PULL) ** 2;
    crossings[k] = square - points[k].error ** 2;
    largest = Math.max(largest, square);
  }
  const upper = selectInPlace(crossings, count >> 1, count);
  let lower = upper;
  if (count % 2 === 0) {
    lower = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < count >> 1; k++) lower = Math.max(lower, crossings[k]);
  }
  for (let step = 0; step < 40; step++) {
    const middle = Math.sqrt(low * high);
    const square = middle * middle;
    const error = ROUNDING * (largest + square);
    // Too near to a crossing to be sure, or between the middle two.
    const isHigher = square < lower - error || (square <= upper + error && isBeyond(middle));
    if (isHigher) low = middle;
    else high = middle;
  }
  return high;
}
