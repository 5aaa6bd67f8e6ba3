import { factorCholesky, solveFactored } from '../solve-linear.ts';

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

/** Pixels from which all stars are subtracted, the one that is fitted too. */
export interface StarlessPixels {
  /** Image pixel of the first. */
  readonly left: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
  /** e-; NaN where a pixel must not be used. */
  readonly residual: Float32Array;
  /** e-^2; needed for errors only. */
  readonly variance?: Float32Array;
  /** As a stamp's. */
  readonly skyVariance: number;
}

/** A unit-flux profile as it was drawn. */
export interface DrawnProfile {
  /** (size, size), odd. */
  readonly values: Float64Array;
  readonly size: number;
  /** Image pixel under its middle. */
  readonly xMid: number;
  readonly yMid: number;
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

// Tens of thousands of stars are fitted one after the other: equations of four unknowns, and one stamp.
const normal = new Float64Array(16);
const right = new Float64Array(4);
const noise = new Float64Array(16);
const lower = new Float64Array(16);
const step = new Float64Array(4);
const column = new Float64Array(4);
let room = new Float32Array(0);

/**
 * Improve flux, position and pedestal of one star by one weighted linear least-squares step.
 *
 * @param profile unit-flux profile drawn at (start.x, start.y) into a stamp like the star's own.
 * @param options errors need a whole image: see `fitResidual`.
 * @returns the improved fit, or `undefined` if too few good pixels are left.
 */
export function fitStar(
  { xMid, yMid, size, data, variance, skyVariance }: StarStamp,
  profile: Float64Array,
  start: StarFit,
  options: Omit<StarFitOptions, 'withErrors'>,
): StarFit | undefined {
  if (room.length < size * size) room = new Float32Array(size * size);
  const residual = room;
  for (let k = 0; k < size * size; k++) {
    residual[k] = variance[k] === Number.POSITIVE_INFINITY ? Number.NaN : data[k] - start.flux * profile[k];
  }
  const half = (size - 1) / 2;
  const pixels = { left: xMid - half, bottom: yMid - half, width: size, height: size, residual, skyVariance };
  return fitResidual(pixels, { values: profile, size, xMid, yMid }, start, { ...options, withErrors: false });
}

/**
 * Do the same where the star, as it is known, is subtracted already.
 *
 * @param profile with which it was subtracted, times `start.flux`.
 */
export function fitResidual(
  pixels: StarlessPixels,
  profile: DrawnProfile,
  start: StarFit,
  options: StarFitOptions,
): StarFit | undefined {
  const used = accumulate(pixels, profile, start, options);
  if (used < 6 || !(normal[0] > 0)) return undefined;
  if (options.withErrors) {
    accumulateNoise(pixels, profile, start, options);
    mirrorLower(noise);
  }
  mirrorLower(normal);
  if (options.backgroundSigma > 0) {
    const strength = 1 / options.backgroundSigma ** 2;
    normal[15] += strength;
    noise[15] += strength;
    right[3] += (options.background - start.background) * strength;
  } else {
    fixParameter(3);
  }
  if (!options.fitPosition || !(start.flux > 0)) {
    fixParameter(1);
    fixParameter(2);
  }
  if (!factorCholesky(normal, 4, lower)) return undefined;
  solveFactored(lower, right, step);
  const flux = start.flux + step[0];
  const scale = Math.max(Math.abs(flux), Math.abs(start.flux), Number.MIN_VALUE);
  const moveX = Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, step[1] / scale));
  const moveY = Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, step[2] / scale));
  const background = options.backgroundSigma > 0 ? start.background + step[3] : options.background;
  const { withErrors } = options;
  return {
    x: start.x + moveX,
    y: start.y + moveY,
    flux,
    fluxErr: withErrors ? errorOf(0) : start.fluxErr,
    positionErr: withErrors ? Math.hypot(errorOf(1), errorOf(2)) / Math.SQRT2 / scale : start.positionErr,
    background,
  };
}

/** How far from the middle of its profile a star is fitted, px. */
function reachOf({ size }: DrawnProfile, radius: number): number {
  return Math.min((size - 1) / 2, Math.ceil(radius + 0.5));
}

/** Sum the normal equations of flux, x, y and pedestal (lower triangle), and count the pixels. */
function accumulate(
  { left, bottom, width, height, residual: plane, skyVariance }: StarlessPixels,
  profile: DrawnProfile,
  start: StarFit,
  options: StarFitOptions,
): number {
  const { values, size, xMid, yMid } = profile;
  const { flux, background } = start;
  const reach = reachOf(profile, options.radius);
  const radius2 = options.radius * options.radius;
  const error2 = options.modelError * options.modelError;
  const softening2 = 1 / (SOFTENING_SIGMA * SOFTENING_SIGMA);
  const last = size - 1;
  const half = last / 2;
  const fromX = Math.max(xMid - reach, left);
  const toX = Math.min(xMid + reach, left + width - 1);
  const toY = Math.min(yMid + reach, bottom + height - 1);
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
  for (let j = Math.max(yMid - reach, bottom); j <= toY; j++) {
    const dy = j - start.y;
    const row = j - yMid + half;
    const isInnerRow = row > 0 && row < last;
    const pixel = (j - bottom) * width - left;
    for (let i = fromX; i <= toX; i++) {
      const dx = i - start.x;
      if (dx * dx + dy * dy > radius2) continue;
      const residual = plane[pixel + i] - background;
      if (Number.isNaN(residual)) continue;
      const place = i - xMid + half;
      const at = row * size + place;
      const p = values[at];
      const x = place > 0 && place < last ? (values[at - 1] - values[at + 1]) / 2 : 0;
      const y = isInnerRow ? (values[at - size] - values[at + size]) / 2 : 0;
      const light = flux * p;
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
  normal[0] = pp;
  normal[4] = px;
  normal[5] = xx;
  normal[8] = py;
  normal[9] = xy;
  normal[10] = yy;
  normal[12] = p1;
  normal[13] = x1;
  normal[14] = y1;
  normal[15] = one;
  right[0] = pr;
  right[1] = xr;
  right[2] = yr;
  right[3] = r1;
  return used;
}

/**
 * Sum the covariance of the right side that the pixels' own noise makes (lower triangle).
 *
 * Not that of the normal equations: the weights also hold model errors.
 */
function accumulateNoise(
  { left, bottom, width, height, residual: plane, variance, skyVariance }: StarlessPixels,
  profile: DrawnProfile,
  start: StarFit,
  options: StarFitOptions,
): void {
  if (!variance) throw new Error('errors of a fit need the variance of the pixels');
  const { values, size, xMid, yMid } = profile;
  const reach = reachOf(profile, options.radius);
  const radius2 = options.radius * options.radius;
  const error2 = options.modelError * options.modelError;
  const softening2 = 1 / (SOFTENING_SIGMA * SOFTENING_SIGMA);
  const last = size - 1;
  const half = last / 2;
  // Named sums, as above.
  let [pp, px, xx, py, xy, yy, p1, x1, y1, one] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let j = Math.max(yMid - reach, bottom); j <= Math.min(yMid + reach, bottom + height - 1); j++) {
    for (let i = Math.max(xMid - reach, left); i <= Math.min(xMid + reach, left + width - 1); i++) {
      const u = i - start.x;
      const w = j - start.y;
      const k = (j - bottom) * width + i - left;
      const residual = plane[k] - start.background;
      if (Number.isNaN(residual) || u * u + w * w > radius2) continue;
      const row = j - yMid + half;
      const place = i - xMid + half;
      const at = row * size + place;
      const p = values[at];
      const x = place > 0 && place < last ? (values[at - 1] - values[at + 1]) / 2 : 0;
      const y = row > 0 && row < last ? (values[at - size] - values[at + size]) / 2 : 0;
      const light = start.flux * p;
      const total = skyVariance + Math.max(0, light) + error2 * light * light;
      const weight = 1 / (total + residual * residual * softening2);
      const squared = weight * weight * variance[k];
      pp += squared * p * p;
      px += squared * p * x;
      xx += squared * x * x;
      py += squared * p * y;
      xy += squared * x * y;
      yy += squared * y * y;
      p1 += squared * p;
      x1 += squared * x;
      y1 += squared * y;
      one += squared;
    }
  }
  noise.set([pp, 0, 0, 0, px, xx, 0, 0, py, xy, yy, 0, p1, x1, y1, one]);
}

function mirrorLower(matrix: Float64Array): void {
  for (let a = 0; a < 4; a++) for (let b = a + 1; b < 4; b++) matrix[a * 4 + b] = matrix[b * 4 + a];
}

/** Error of one unknown: sqrt of the diagonal of A^-1 B A^-1, A being factored. */
function errorOf(index: number): number {
  column.fill(0);
  column[index] = 1;
  solveFactored(lower, column, column);
  let variance = 0;
  for (let a = 0; a < 4; a++) {
    for (let b = 0; b < 4; b++) variance += column[a] * noise[a * 4 + b] * column[b];
  }
  return Math.sqrt(variance);
}

/** Take one unknown out of the normal equations: its step becomes zero. */
function fixParameter(index: number): void {
  for (let k = 0; k < 4; k++) {
    normal[index * 4 + k] = 0;
    normal[k * 4 + index] = 0;
  }
  normal[index * 4 + index] = 1;
  right[index] = 0;
}
