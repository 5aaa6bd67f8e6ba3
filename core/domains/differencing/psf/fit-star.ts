import { solveCholesky } from '../solve-linear.ts';

/** Pixels around one star, ready to fit. */
export interface StarStamp {
  /** Image pixel under the stamp's middle. */
  readonly xMid: number;
  readonly yMid: number;
  /** Odd side, px. */
  readonly size: number;
  /** e-, neighbours subtracted. */
  readonly data: Float64Array;
  /** e-^2; Infinity where a pixel is masked or outside the image. */
  readonly variance: Float64Array;
  /**
   * Variance of the empty sky, e-^2.
   *
   * Weights are made from it and the model, never from `variance`, which knows each pixel's own noise: pixels
   * that happen to be bright would weigh less, and every flux would come out low by some N electrons, N being the
   * pixels under the star.
   */
  readonly skyVariance: number;
}

/** What a fit says of one star. */
export interface StarFit {
  readonly x: number;
  readonly y: number;
  /** e-, with its error from the pixels' noise alone. */
  readonly flux: number;
  readonly fluxErr: number;
  /** Error of the position along one axis from the pixels' noise alone, px. */
  readonly positionErr: number;
  /** Local pedestal, e- per pixel. */
  readonly background: number;
}

export interface StarFitOptions {
  /** Pixels farther than this from the star are left out, px. */
  readonly radius: number;
  /** Error of the profile as a fraction of the star's own light: bright stars must not be fitted by their cores alone. */
  readonly modelError: number;
  /** What is known of the local pedestal, e- per pixel: a Gaussian prior. A sigma of 0 fixes it. */
  readonly background: number;
  readonly backgroundSigma: number;
  readonly fitPosition: boolean;
  /** Work out the errors too; else the starting values' errors stay. */
  readonly withErrors: boolean;
}

/** Residuals beyond this many sigma count less and less (Cauchy weights): neighbours nobody detected. */
const SOFTENING_SIGMA = 3;
/** Longest step of a position in one fit, px: the model is linear only near its solution. */
const LONGEST_STEP = 0.4;

/**
 * Improve flux, position and pedestal of one star by one weighted linear least-squares step.
 *
 * @param profile unit-flux profile drawn at (start.x, start.y) into a stamp around the same pixel.
 * @param profileSize its odd side, at least the stamp's.
 * @returns the improved fit, or `undefined` if too few good pixels are left.
 */
export function fitStar(
  stamp: StarStamp,
  profile: Float64Array,
  start: StarFit,
  options: StarFitOptions,
  profileSize = stamp.size,
): StarFit | undefined {
  const normal = new Float64Array(16);
  const right = new Float64Array(4);
  // Covariance of the right side from the pixels' noise alone: the weights also hold model errors.
  const noise = new Float64Array(16);
  const used = accumulate(stamp, profile, profileSize, start, options, normal, right);
  if (options.withErrors) accumulateNoise(stamp, profile, profileSize, start, options, noise);
  if (used < 6 || !(normal[0] > 0)) return undefined;
  mirrorLower(normal);
  mirrorLower(noise);
  if (options.backgroundSigma > 0) {
    const strength = 1 / options.backgroundSigma ** 2;
    normal[15] += strength;
    noise[15] += strength;
    right[3] += (options.background - start.background) * strength;
  } else {
    fixParameter(normal, right, 3);
  }
  if (!options.fitPosition || !(start.flux > 0)) {
    fixParameter(normal, right, 1);
    fixParameter(normal, right, 2);
  }
  const step = solveCholesky(normal, right);
  if (!step) return undefined;
  const flux = start.flux + step[0];
  const scale = Math.max(Math.abs(flux), Math.abs(start.flux), Number.MIN_VALUE);
  const limit = (value: number) => Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, value));
  const fit = {
    x: start.x + limit(step[1] / scale),
    y: start.y + limit(step[2] / scale),
    flux,
    fluxErr: start.fluxErr,
    positionErr: start.positionErr,
    background: options.backgroundSigma > 0 ? start.background + step[3] : options.background,
  };
  if (!options.withErrors) return fit;
  const positionErr = Math.hypot(errorOf(1, normal, noise), errorOf(2, normal, noise)) / Math.SQRT2 / scale;
  return { ...fit, fluxErr: errorOf(0, normal, noise), positionErr };
}

/** Sum the normal equations of flux, x, y and pedestal (lower triangle), and count the pixels. */
function accumulate(
  stamp: StarStamp,
  profile: Float64Array,
  profileSize: number,
  start: StarFit,
  options: StarFitOptions,
  normal: Float64Array,
  right: Float64Array,
): number {
  const { size, data, variance, skyVariance } = stamp;
  const { flux, background } = start;
  const half = (size - 1) / 2;
  const margin = (profileSize - size) / 2;
  const reach = Math.min(half, Math.ceil(options.radius + 0.5));
  const radius2 = options.radius * options.radius;
  const error2 = options.modelError * options.modelError;
  const softening2 = 1 / (SOFTENING_SIGMA * SOFTENING_SIGMA);
  const last = profileSize - 1;
  // Named sums: a list would be written to memory at every pixel.
  let pp = 0;
  let px = 0;
  let xx = 0;
  let py = 0;
  let xy = 0;
  let yy = 0;
  let p1 = 0;
  let x1 = 0;
  let y1 = 0;
  let one = 0;
  let pr = 0;
  let xr = 0;
  let yr = 0;
  let r1 = 0;
  let used = 0;
  for (let j = half - reach; j <= half + reach; j++) {
    const dy = j + stamp.yMid - half - start.y;
    const isInnerRow = j + margin > 0 && j + margin < last;
    for (let i = half - reach; i <= half + reach; i++) {
      const k = j * size + i;
      const dx = i + stamp.xMid - half - start.x;
      if (variance[k] === Number.POSITIVE_INFINITY || dx * dx + dy * dy > radius2) continue;
      const at = (j + margin) * profileSize + i + margin;
      const p = profile[at];
      const x = i + margin > 0 && i + margin < last ? (profile[at - 1] - profile[at + 1]) / 2 : 0;
      const y = isInnerRow ? (profile[at - profileSize] - profile[at + profileSize]) / 2 : 0;
      const light = flux * p;
      const residual = data[k] - light - background;
      const total = skyVariance + Math.max(0, light) + error2 * light * light;
      const weight = 1 / (total + residual * residual * softening2);
      const wp = weight * p;
      const wx = weight * x;
      const wy = weight * y;
      pp += wp * p;
      px += wx * p;
      xx += wx * x;
      py += wy * p;
      xy += wy * x;
      yy += wy * y;
      p1 += wp;
      x1 += wx;
      y1 += wy;
      one += weight;
      pr += wp * residual;
      xr += wx * residual;
      yr += wy * residual;
      r1 += weight * residual;
      used++;
    }
  }
  normal.set([pp, 0, 0, 0, px, xx, 0, 0, py, xy, yy, 0, p1, x1, y1, one]);
  right.set([pr, xr, yr, r1]);
  return used;
}

/** Sum the covariance of the right side that the pixels' own noise makes (lower triangle). */
function accumulateNoise(
  stamp: StarStamp,
  profile: Float64Array,
  profileSize: number,
  start: StarFit,
  options: StarFitOptions,
  noise: Float64Array,
): void {
  const { size, data, variance } = stamp;
  const half = (size - 1) / 2;
  const margin = (profileSize - size) / 2;
  const reach = Math.min(half, Math.ceil(options.radius + 0.5));
  const last = profileSize - 1;
  const column = new Float64Array(4);
  for (let j = half - reach; j <= half + reach; j++) {
    for (let i = half - reach; i <= half + reach; i++) {
      const k = j * size + i;
      const u = i + stamp.xMid - half - start.x;
      const w = j + stamp.yMid - half - start.y;
      const v = variance[k];
      if (v === Number.POSITIVE_INFINITY || u * u + w * w > options.radius * options.radius) continue;
      const row = j + margin;
      const column0 = i + margin;
      const at = row * profileSize + column0;
      const p = profile[at];
      column[0] = p;
      column[1] = column0 > 0 && column0 < last ? (profile[at - 1] - profile[at + 1]) / 2 : 0;
      column[2] = row > 0 && row < last ? (profile[at - profileSize] - profile[at + profileSize]) / 2 : 0;
      column[3] = 1;
      const light = start.flux * p;
      const residual = data[k] - light - start.background;
      const total = stamp.skyVariance + Math.max(0, light) + (options.modelError * light) ** 2;
      const weight = 1 / (total + (residual / SOFTENING_SIGMA) ** 2);
      const squared = weight * weight * v;
      for (let a = 0; a < 4; a++) {
        for (let b = 0; b <= a; b++) noise[a * 4 + b] += squared * column[a] * column[b];
      }
    }
  }
}

function mirrorLower(matrix: Float64Array): void {
  for (let a = 0; a < 4; a++) for (let b = a + 1; b < 4; b++) matrix[a * 4 + b] = matrix[b * 4 + a];
}

/** Error of one unknown: sqrt of the diagonal of A^-1 B A^-1. */
function errorOf(index: number, normal: Float64Array, noise: Float64Array): number {
  const unit = new Float64Array(4);
  unit[index] = 1;
  const row = solveCholesky(normal, unit);
  if (!row) return Number.POSITIVE_INFINITY;
  let variance = 0;
  for (let a = 0; a < 4; a++) for (let b = 0; b < 4; b++) variance += row[a] * noise[a * 4 + b] * row[b];
  return Math.sqrt(variance);
}

/** Take one unknown out of normal equations: its step becomes zero. */
function fixParameter(normal: Float64Array, right: Float64Array, index: number): void {
  const n = right.length;
  for (let k = 0; k < n; k++) {
    normal[index * n + k] = 0;
    normal[k * n + index] = 0;
  }
  normal[index * n + index] = 1;
  right[index] = 0;
}
