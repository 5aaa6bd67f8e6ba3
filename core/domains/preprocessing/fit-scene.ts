import { selectMedian } from '../../kernels/index.ts';
import type { StarShape } from './measure-star-shape.ts';
import { errorAt, evaluateStar, STAR_TERMS } from './measure-star-shape.ts';

/** The pixels of a small part of an image. */
export interface Patch {
  /** Offsets from the patch's middle, px. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** e-, background-subtracted. */
  readonly values: Float64Array;
  /** Noise of the empty sky, e-. */
  readonly rms: number;
  readonly radiusPx: number;
}

/** A star that is fitted: offset from the patch's middle and peak, both improved by each fit. */
export interface FittedStar {
  x: number;
  y: number;
  peak: number;
  /** Terms that are fitted: of a faint star (3) peak and place only. */
  readonly terms: 3 | 6;
  /** Its own middle is saturated. */
  readonly isFull: boolean;
}

/** What a scene of stars foresees for each pixel of a patch. */
export interface SceneFit {
  readonly model: Float64Array;
  /** Variance of a pixel about the model: sky, photons, how badly stars are known. */
  readonly variance: Float64Array;
  /** Variance of the model where it was fitted without the pixel; of the residual, what the pixel took away, else. */
  readonly spread: Float64Array;
  /** Reduced chi^2 of the pixels that were used, robustly or, where that is less, plainly; 1 at least. */
  readonly excess: number;
  /** The same of the pixels where the stars' errors are most of the variance; 1 where these are too few. */
  readonly close: number;
  /** Sum of the squares of the used pixels' pulls. */
  readonly chi2: number;
  readonly used: number;
}

/** A surface of the second degree takes up galaxies' light, far wings and what is left of the sky. */
const SURFACE_TERMS = 6;
/** One of the third beside saturated stars, whose flanks are known from no other. */
const FULL_TERMS = 10;
/** Half of the squares of a Gaussian's pulls are below this. */
const MEDIAN_SQUARE = 0.455;
/** Pixels whose variance is larger than that of photons by this factor tell how true the errors are, if there are so many. */
const DOUBTFUL = 1.5;
const MIN_DOUBTFUL = 12;
/** Steps of Newton's on the stars' places, and where they end, px. */
const STEPS = 4;
const SETTLED_PX = 0.05;
const MAX_STEP_PX = 0.7;
/** Places and shapes are held as those of stars with this peak at least, sigma. */
const LEAST_PEAK = 1;

/**
 * Fit stars and a smooth surface to the pixels of a patch that are used.
 *
 * Stars have peaks, places and, held to the others' variety, shapes of their own.
 *
 * @param isUsed 1 for pixels that the fit sees.
 * @param isAsked 1 for those of which the spread is wanted.
 * @param stars improved in place.
 * @returns `undefined` where the pixels do not suffice.
 */
export function fitScene(
  patch: Patch,
  isUsed: Uint8Array,
  isAsked: Uint8Array,
  stars: readonly FittedStar[],
  shape: StarShape,
  errorScale = 1,
): SceneFit | undefined {
  const { values, rms } = patch;
  const pixels = values.length;
  const surface = stars.some(({ isFull }) => isFull) ? FULL_TERMS : SURFACE_TERMS;
  const firsts = stars.map((_star, s) => stars.slice(0, s).reduce((sum, { terms }) => sum + terms, surface));
  const n = stars.reduce((sum, { terms }) => sum + terms, surface);
  let used = 0;
  for (let i = 0; i < pixels; i++) used += isUsed[i]!;
  if (used < n + 6) return undefined;
  if (room.length < (pixels + n) * n) room = new Float64Array(2 * (pixels + n) * n);
  const design = room.subarray(0, pixels * n);
  const factor = room.subarray(pixels * n, (pixels + n) * n);
  const model = new Float64Array(pixels);
  const variance = new Float64Array(pixels);
  const solution = new Float64Array(n);
  const right = new Float64Array(n);
  fillSurface(patch, design, n, surface);
  for (let step = 0; step < STEPS; step++) {
    predictNoise(patch, stars, shape, model, variance, step === 0, design, n, firsts, errorScale);
    factor.fill(0);
    right.fill(0);
    for (let i = 0; i < pixels; i++) {
      if (isUsed[i] === 0) continue;
      const weight = 1 / variance[i]!;
      const row = i * n;
      const value = values[i]!;
      for (let a = 0; a < n; a++) {
        const scaled = weight * design[row + a]!;
        right[a]! += scaled * value;
        for (let b = 0; b <= a; b++) factor[a * n + b]! += scaled * design[row + b]!;
      }
    }
    stars.forEach((star, s) => {
      const first = firsts[s]!;
      const least = Math.max(star.peak, LEAST_PEAK * rms);
      factor[first * (n + 1)]! += (1e-3 / rms) ** 2;
      for (const k of [1, 2]) factor[(first + k) * (n + 1)]! += (1 * least) ** -2;
      for (let k = 3; k < star.terms; k++) factor[(first + k) * (n + 1)]! += (shape.variety * least) ** -2;
    });
    for (let a = 0; a < surface; a++) factor[a * (n + 1)]! += (1e-4 / rms) ** 2;
    if (!factorise(factor, n)) return undefined;
    solution.set(right);
    solveFactored(factor, n, solution);
    let moved = 0;
    stars.forEach((star, s) => {
      const first = firsts[s]!;
      const peak = solution[first]!;
      const scale = 1 / Math.max(peak, 3 * rms);
      const dx = clip(solution[first + 1]! * scale);
      const dy = clip(solution[first + 2]! * scale);
      star.peak = Math.max(0, peak);
      star.x += dx;
      star.y += dy;
      moved = Math.max(moved, Math.abs(dx), Math.abs(dy));
    });
    for (let i = 0; i < pixels; i++) {
      let sum = 0;
      for (let a = 0; a < n; a++) sum += design[i * n + a]! * solution[a]!;
      model[i] = sum;
    }
    if (moved < SETTLED_PX) break;
  }
  const spread = new Float64Array(pixels);
  const pulls = new Float32Array(used);
  let chi2 = 0;
  let at = 0;
  const doubtful = new Float32Array(used);
  let count = 0;
  let doubtfulChi2 = 0;
  for (let i = 0; i < pixels; i++) {
    if (isAsked[i] !== 0) spread[i] = spreadOf(factor, design, i * n, n, right);
    if (isUsed[i] === 0) continue;
    const pull = (values[i]! - model[i]!) ** 2 / variance[i]!;
    chi2 += pull;
    pulls[at++] = pull;
    if (!isDoubtful(variance[i]!, model[i]!, rms)) continue;
    doubtful[count++] = pull;
    doubtfulChi2 += pull;
  }
  const correction = used / (used - n) / MEDIAN_SQUARE;
  const plain = used / (used - n);
  // A median of a hundred is off by a quarter; the mean by a seventh, and where pixels stand out it is larger.
  const robust = Math.min(selectMedian(pulls) * correction, (plain * chi2) / used);
  const close =
    count < MIN_DOUBTFUL
      ? 1
      : Math.min(selectMedian(doubtful.subarray(0, count)) * correction, (plain * doubtfulChi2) / count);
  return { model, variance, spread, excess: Math.max(1, robust, close), close, chi2, used };
}

/** Tell whether a pixel's variance is as much that of the stars' shape as of photons. */
function isDoubtful(variance: number, model: number, rms: number): boolean {
  return variance > DOUBTFUL * (rms * rms + Math.max(0, model));
}

/** The variance of the model at a pixel: the square of its row divided by Cholesky's factor. */
function spreadOf(
  factor: Float64Array,
  design: Float64Array,
  row: number,
  n: number,
  room: Float64Array,
): number {
  let spread = 0;
  for (let a = 0; a < n; a++) {
    let sum = design[row + a]!;
    for (let b = 0; b < a; b++) sum -= factor[a * n + b]! * room[b]!;
    const value = sum / factor[a * n + a]!;
    room[a] = value;
    spread += value * value;
  }
  return spread;
}

function clip(step: number): number {
  return Math.min(MAX_STEP_PX, Math.max(-MAX_STEP_PX, step));
}

function fillSurface({ x, y, radiusPx }: Patch, design: Float64Array, n: number, surface: number): void {
  for (let i = 0; i < x.length; i++) {
    const u = x[i]! / radiusPx;
    const v = y[i]! / radiusPx;
    const row = i * n;
    design[row] = 1;
    design[row + 1] = u;
    design[row + 2] = v;
    design[row + 3] = u * u;
    design[row + 4] = u * v;
    design[row + 5] = v * v;
    if (surface === SURFACE_TERMS) continue;
    design[row + 6] = u * u * u;
    design[row + 7] = u * u * v;
    design[row + 8] = u * v * v;
    design[row + 9] = v * v * v;
  }
}

const terms = new Float64Array(STAR_TERMS);
// Hundreds of patches are fitted one after the other, each several times.
let room = new Float64Array(0);

/** Fill the stars' columns and the variance; the first time the light is what was read, then the model. */
function predictNoise(
  { x, y, values, rms }: Patch,
  stars: readonly FittedStar[],
  shape: StarShape,
  model: Float64Array,
  variance: Float64Array,
  isFirst: boolean,
  design: Float64Array,
  n: number,
  firsts: readonly number[],
  errorScale: number,
): void {
  for (let i = 0; i < x.length; i++) {
    let error = 0;
    for (let s = 0; s < stars.length; s++) {
      const star = stars[s]!;
      const dx = x[i]! - star.x;
      const dy = y[i]! - star.y;
      evaluateStar(shape, dx, dy, terms);
      const first = i * n + firsts[s]!;
      for (let k = 0; k < star.terms; k++) design[first + k] = terms[k]!;
      const light = Math.max(0, terms[0]!);
      error += star.peak * errorAt(shape, dx, dy, light);
    }
    const seen = isFirst ? values[i]! : model[i]!;
    variance[i] = rms * rms + Math.max(0, seen) + (errorScale * error) ** 2;
  }
}

/** Cholesky's factor of a symmetric positive matrix, of which the lower triangle is read and written over. */
function factorise(matrix: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k]! * matrix[j * n + k]!;
      if (i !== j) matrix[i * n + j] = sum / matrix[j * n + j]!;
      else if (sum > 1e-12 * matrix[i * n + i]!) matrix[i * n + i] = Math.sqrt(sum);
      else return false;
    }
  }
  return true;
}

function solveFactored(factor: Float64Array, n: number, right: Float64Array): void {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) right[i]! -= factor[i * n + k]! * right[k]!;
    right[i]! /= factor[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) right[i]! -= factor[k * n + i]! * right[k]!;
    right[i]! /= factor[i * n + i]!;
  }
}
