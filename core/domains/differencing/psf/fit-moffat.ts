import { EQUATION_DOUBLES, sumEquations } from '../../../kernels/index.ts';
import { solveCholesky } from '../solve-linear.ts';
import type { StarFit, StarStamp } from './fit-star.ts';
import { type Moffat, moffatPeak } from './moffat.ts';

export interface MoffatFitOptions {
  /** Pixels farther than this from a star are left out, px. */
  readonly radius: number;
  /** Error of the profile as a fraction of a star's own light. */
  readonly modelError: number;
  /** How well the starting values know the pedestal under a star, e- per pixel. */
  readonly backgroundSigma: number;
}

/** ln of the squared half widths along x and y, correlation of the axes, ln(beta - 1): nearly independent of each other. */
type Shape = readonly [number, number, number, number];

const LOCAL = 4;
const ROUNDS = 8;
/** Steps of the shape, in logarithms, too short to go on. */
const SETTLED = 3e-3;
const SOFTENING_SIGMA = 3;
const MIN_BETA = 1.5;
const MAX_BETA = 12;

function toShape(moffat: Moffat): Shape {
  const q = 2 ** (1 / moffat.beta) - 1;
  return [
    Math.log(q / moffat.cxx),
    Math.log(q / moffat.cyy),
    moffat.cxy / (2 * Math.sqrt(moffat.cxx * moffat.cyy)),
    Math.log(moffat.beta - 1),
  ];
}

function fromShape(shape: Shape): Moffat {
  const beta = 1 + Math.exp(shape[3]);
  const q = 2 ** (1 / beta) - 1;
  const cxx = q / Math.exp(shape[0]);
  const cyy = q / Math.exp(shape[1]);
  return { cxx, cyy, cxy: 2 * shape[2] * Math.sqrt(cxx * cyy), beta };
}

function limitShape(shape: readonly number[]): Shape {
  const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));
  return [
    clamp(shape[0], Math.log(0.25), Math.log(1e4)),
    clamp(shape[1], Math.log(0.25), Math.log(1e4)),
    clamp(shape[2], -0.8, 0.8),
    clamp(shape[3], Math.log(MIN_BETA - 1), Math.log(MAX_BETA - 1)),
  ];
}

/**
 * Fit one elliptical Moffat profile to many stars at once, each with its own flux, position and pedestal.
 *
 * Gauss-Newton on the pixels themselves (nothing is interpolated); the stars' own unknowns are eliminated
 * star by star, so the cost grows linearly with their number. A weak prior holds beta where the wings are
 * lost in the noise.
 *
 * @param stars stamps and starting values, one each.
 * @param start a guess of the profile.
 * @returns the profile and the stars' values, in the same order.
 */
export function fitMoffat(
  stamps: readonly StarStamp[],
  stars: readonly StarFit[],
  start: Moffat,
  options: MoffatFitOptions,
): { readonly moffat: Moffat; readonly stars: readonly StarFit[] } {
  let shape = limitShape(toShape(start));
  let fits = [...stars];
  for (let round = 0; round < ROUNDS; round++) {
    const global = new Float64Array(16);
    const globalRight = new Float64Array(4);
    // Prior: ln(beta - 1) = ln 2 +- 1, i.e. beta between 1.7 and 6.4 unless the stars say otherwise.
    global[15] += 1;
    globalRight[3] += Math.log(2) - shape[3];
    const systems = stamps.map((stamp, k) => sumStar(stamp, fits[k], stars[k].background, shape, options));
    for (const system of systems) {
      for (let a = 0; a < 16; a++) global[a] += system.reducedNormal[a];
      for (let a = 0; a < 4; a++) globalRight[a] += system.reducedRight[a];
    }
    const step = solveCholesky(global, globalRight);
    if (!step) break;
    const largest = Math.max(...Array.from(step, Math.abs));
    const damping = Math.min(1, 0.5 / largest);
    shape = limitShape(shape.map((value, a) => value + damping * step[a]));
    fits = systems.map((system, k) => stepStar(fits[k], system, step, damping));
    // The next would be a tenth of it.
    if (largest < SETTLED) break;
  }
  return { moffat: fromShape(shape), stars: fits };
}

interface StarSystem {
  /** Normal equations of the four shape parameters after the star's own unknowns were eliminated. */
  readonly reducedNormal: Float64Array;
  readonly reducedRight: Float64Array;
  readonly local: Float64Array;
  readonly localRight: Float64Array;
  /** (shape, local) */
  readonly cross: Float64Array;
}

/** Sum one star's normal equations of shape and its own unknowns, and eliminate these. */
function sumStar(
  stamp: StarStamp,
  fit: StarFit,
  background: number,
  shape: Shape,
  options: MoffatFitOptions,
): StarSystem {
  const normal = new Float64Array(64);
  const right = new Float64Array(8);
  sumEquations(
    stamp.size * stamp.size,
    (rows) => writeEquations(stamp, fit, shape, options, rows),
    normal,
    right,
  );
  for (let a = 0; a < 8; a++) for (let b = a + 1; b < 8; b++) normal[a * 8 + b] = normal[b * 8 + a];
  normal[63] += 1 / options.backgroundSigma ** 2;
  right[7] += (background - fit.background) / options.backgroundSigma ** 2;

  const local = new Float64Array(LOCAL * LOCAL);
  const localRight = right.slice(4, 8);
  const cross = new Float64Array(4 * LOCAL);
  const reducedNormal = new Float64Array(16);
  const reducedRight = right.slice(0, 4);
  for (let a = 0; a < 4; a++) {
    for (let b = 0; b < 4; b++) {
      reducedNormal[a * 4 + b] = normal[a * 8 + b];
      cross[a * 4 + b] = normal[a * 8 + 4 + b];
      local[a * 4 + b] = normal[(a + 4) * 8 + 4 + b];
    }
  }
  const solvedRight = solveCholesky(local, localRight);
  if (!solvedRight)
    return {
      reducedNormal: new Float64Array(16),
      reducedRight: new Float64Array(4),
      local,
      localRight,
      cross,
    };
  for (let a = 0; a < 4; a++) {
    const solvedCross = solveCholesky(local, cross.slice(a * 4, a * 4 + 4)) ?? new Float64Array(4);
    for (let b = 0; b < 4; b++) {
      for (let k = 0; k < 4; k++) reducedNormal[a * 4 + b] -= solvedCross[k] * cross[b * 4 + k];
    }
    for (let k = 0; k < 4; k++) reducedRight[a] -= cross[a * 4 + k] * solvedRight[k];
  }
  return { reducedNormal, reducedRight, local, localRight, cross };
}

function stepStar(fit: StarFit, system: StarSystem, shapeStep: Float64Array, damping: number): StarFit {
  const right = Float64Array.from(system.localRight);
  for (let b = 0; b < 4; b++) {
    for (let a = 0; a < 4; a++) right[b] -= damping * system.cross[a * 4 + b] * shapeStep[a];
  }
  const step = solveCholesky(system.local, right);
  if (!step) return fit;
  const limit = (value: number) => Math.max(-0.4, Math.min(0.4, value));
  const flux = fit.flux + step[0];
  return {
    ...fit,
    flux: flux > 0 ? flux : fit.flux / 2,
    x: fit.x + limit(step[1]),
    y: fit.y + limit(step[2]),
    background: fit.background + step[3],
  };
}

/** Write the equations of a star's pixels, of the four shape parameters, flux, x, y and pedestal, and give how many. */
function writeEquations(
  { size, xMid, yMid, data, variance, skyVariance }: StarStamp,
  { x, y, flux, background }: StarFit,
  shape: Shape,
  { radius, modelError }: MoffatFitOptions,
  rows: Float64Array,
): number {
  const moffat = fromShape(shape);
  const { cxx, cyy, cxy, beta } = moffat;
  const peak = moffatPeak(moffat);
  const rho = shape[2];
  const cross = 2 * Math.sqrt(cxx * cyy);
  // Where the width at half maximum stays, a larger beta makes the ellipse larger.
  const root = 2 ** (1 / beta);
  const growth = (-root * Math.LN2) / (beta * beta * (root - 1));
  const half = (size - 1) / 2;
  const error2 = modelError * modelError;
  const softening2 = 1 / (SOFTENING_SIGMA * SOFTENING_SIGMA);
  let at = 0;
  for (let j = 1; j < size - 1; j++) {
    for (let i = 1; i < size - 1; i++) {
      const k = j * size + i;
      const u = i - half + xMid - x;
      const v = j - half + yMid - y;
      if (variance[k] === Number.POSITIVE_INFINITY || u * u + v * v > radius * radius) continue;
      const alongX = cxx * u * u;
      const alongY = cyy * v * v;
      const both = cxy * u * v;
      const q = alongX + both + alongY;
      const logL = Math.log1p(q);
      const p = peak * Math.exp(-beta * logL);
      const slope = beta / (1 + q);
      const light = flux * p;
      rows[at] = light * (slope * (alongX + both / 2) - 0.5);
      rows[at + 1] = light * (slope * (alongY + both / 2) - 0.5);
      rows[at + 2] = -light * (slope * cross * u * v + rho / (1 - rho * rho));
      rows[at + 3] = light * (beta - 1) * (1 / (beta - 1) + growth * (1 - slope * q) - logL);
      rows[at + 4] = p;
      rows[at + 5] = light * slope * (2 * cxx * u + cxy * v);
      rows[at + 6] = light * slope * (2 * cyy * v + cxy * u);
      rows[at + 7] = 1;
      const residual = data[k] - light - background;
      const total = skyVariance + Math.max(0, light) + error2 * light * light;
      rows[at + 8] = residual;
      rows[at + 9] = 1 / (total + residual * residual * softening2);
      at += EQUATION_DOUBLES;
    }
  }
  return at / EQUATION_DOUBLES;
}
