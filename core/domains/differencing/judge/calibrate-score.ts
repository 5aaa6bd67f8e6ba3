import { UNUSABLE } from '../../observations/index.ts';
import type { MeasuredStar } from '../model.ts';
import { madStd, median } from '../robust-statistics.ts';
import type { AssembledDifference } from '../zogy/assemble-difference.ts';

/** What it took to make the score's noise honest. */
export interface ScoreCalibration {
  /** Light of a constant star that the subtraction leaves, rms, as a fraction of the star. */
  readonly modelError: number;
  /** The same for the wings of bright stars, as a fraction of the light there. */
  readonly wingError: number;
  /** Robust sigma and median of the score over unmasked pixels, before the rescaling. */
  readonly madStd: number;
  readonly median: number;
}

/** Stars must share this much light, sigma, to tell a model error from noise. */
const BRIGHT_SIGMA = 30;
const ENOUGH_STARS = 8;

/**
 * Give the score its honest noise, in place: the model's own error, then unit scatter of the sky.
 *
 * Point-spread functions are known to a percent at best, so a star of S/N 1000 leaves ten sigma of photon noise
 * where nothing changed. How much constant stars really leave is measured on them, robustly, and enters the
 * variance in proportion to the light that both images share; where the template is empty nothing is lost.
 *
 * @param stars constant or not: variable ones are outliers.
 * @param expected model error to assume where too few stars are bright enough to tell.
 * @param radiusPx how far from a star its residuals are looked at.
 */
export function calibrateScore(
  assembled: AssembledDifference,
  stars: readonly MeasuredStar[],
  expected: number,
  radiusPx: number,
): ScoreCalibration {
  const { score, shared, wings, fluxErr, variance, mask } = assembled;
  const modelError = measureModelError(assembled, stars, radiusPx) ?? expected;
  const wingError = measureWingError(assembled, modelError);
  for (let k = 0; k < score.data.length; k++) {
    const inflation = Math.sqrt(1 + (modelError * shared.data[k]) ** 2 + (wingError * wings.data[k]) ** 2);
    score.data[k] /= inflation;
    shared.data[k] /= inflation;
    fluxErr.data[k] *= inflation;
  }
  const sample = sampleScore(score.data, mask.data);
  const spread = madStd(sample);
  const usable = spread > 0 && Number.isFinite(spread);
  if (usable) {
    for (let k = 0; k < score.data.length; k++) {
      score.data[k] /= spread;
      shared.data[k] /= spread;
      fluxErr.data[k] *= spread;
      variance.data[k] *= spread * spread;
    }
  }
  return {
    modelError,
    wingError,
    madStd: usable ? spread : 1,
    median: sample.length > 0 ? median(sample) : 0,
  };
}

/** Wings of fewer sigma are not told from noise; fewer pixels do not tell. */
const LEAST_WINGS = 8;
const ENOUGH_PIXELS = 200;
/** Where nothing is bright enough to show it. */
const USUAL_WING_ERROR = 0.05;

/** Find the wing error with which the median |score| in bright stars' wings is that of a normal deviate, 0.6745. */
function measureWingError(assembled: AssembledDifference, modelError: number): number {
  const { score, shared, wings, mask } = assembled;
  const squares: number[] = [];
  const weights: number[] = [];
  const known: number[] = [];
  for (let k = 0; k < score.data.length; k++) {
    if (wings.data[k] < LEAST_WINGS || (mask.data[k] & UNUSABLE) !== 0) continue;
    squares.push(score.data[k] ** 2);
    weights.push(wings.data[k] ** 2);
    known.push(1 + (modelError * shared.data[k]) ** 2);
  }
  if (squares.length < ENOUGH_PIXELS) return USUAL_WING_ERROR;
  const typical = (error: number) =>
    Math.sqrt(median(squares.map((square, i) => square / (known[i] + error * error * weights[i]))));
  let low = 0;
  let high = 1;
  if (typical(low) <= 0.6745) return low;
  for (let step = 0; step < 20; step++) {
    const middle = (low + high) / 2;
    if (typical(middle) > 0.6745) low = middle;
    else high = middle;
  }
  return high;
}

/** Unmasked scores, at most a quarter of a million of them, evenly spread. */
function sampleScore(score: Float32Array, mask: Uint16Array): Float64Array {
  // A step prime to usual widths does not walk down one column.
  const step = Math.max(1, Math.floor(score.length / 250_000)) | 1;
  const values: number[] = [];
  for (let k = 0; k < score.length; k += step) if ((mask[k] & UNUSABLE) === 0) values.push(score[k]);
  return Float64Array.from(values);
}

function measureModelError(
  assembled: AssembledDifference,
  stars: readonly MeasuredStar[],
  radiusPx: number,
): number | undefined {
  const squares: number[] = [];
  for (const star of stars) {
    const square = squaredErrorAt(assembled, star, radiusPx);
    if (square !== undefined) squares.push(square);
  }
  if (squares.length < ENOUGH_STARS) return undefined;
  squares.sort((a, b) => a - b);
  // Half of the stars leave less than the median; the rms of a normal deviate is 1 / 0.6745 of its median size.
  const robust = Math.max(0, squares[squares.length >> 1]) / 0.6745 ** 2;
  const kept = squares.filter((square) => square < 9 * robust);
  const mean = kept.reduce((sum, square) => sum + square, 0) / Math.max(1, kept.length);
  return Math.sqrt(Math.max(robust, mean, 0));
}

/** Least-squares slope of score^2 - 1 against shared^2 around one star: its squared model error. */
function squaredErrorAt(
  assembled: AssembledDifference,
  star: MeasuredStar,
  radiusPx: number,
): number | undefined {
  const { width, height } = assembled.score;
  const reach = Math.ceil(radiusPx);
  const x0 = Math.round(star.xPx);
  const y0 = Math.round(star.yPx);
  if (x0 < 0 || y0 < 0 || x0 >= width || y0 >= height) return undefined;
  if (assembled.shared.data[y0 * width + x0] < BRIGHT_SIGMA) return undefined;
  let along = 0;
  let norm = 0;
  for (let y = Math.max(0, y0 - reach); y <= Math.min(height - 1, y0 + reach); y++) {
    for (let x = Math.max(0, x0 - reach); x <= Math.min(width - 1, x0 + reach); x++) {
      if ((x - x0) ** 2 + (y - y0) ** 2 > radiusPx * radiusPx) continue;
      const k = y * width + x;
      if ((assembled.mask.data[k] & UNUSABLE) !== 0) return undefined;
      const q2 = assembled.shared.data[k] ** 2;
      along += (assembled.score.data[k] ** 2 - 1) * q2;
      norm += q2 * q2;
    }
  }
  return along / norm;
}
