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
  /** Expected size of the local pedestal, e- per pixel: a Gaussian prior about zero. 0 fixes it at zero. */
  readonly backgroundSigma: number;
  readonly fitPosition: boolean;
}

/** Residuals beyond this many sigma count less and less (Cauchy weights): neighbours nobody detected. */
const SOFTENING_SIGMA = 3;
/** Longest step of a position in one fit, px: the model is linear only near its solution. */
const LONGEST_STEP = 0.4;

/**
 * Improve flux, position and pedestal of one star by one weighted linear least-squares step.
 *
 * @param profile unit-flux profile drawn at (start.x, start.y) into the same stamp.
 * @returns the improved fit, or `undefined` if too few good pixels are left.
 */
export function fitStar(
  stamp: StarStamp,
  profile: Float64Array,
  start: { readonly x: number; readonly y: number; readonly flux: number; readonly background: number },
  options: StarFitOptions,
): StarFit | undefined {
  const { size, data, variance } = stamp;
  const half = (size - 1) / 2;
  const reach = Math.min(half, Math.ceil(options.radius + 0.5));
  const normal = new Float64Array(16);
  const right = new Float64Array(4);
  const noise = new Float64Array(4);
  const column = new Float64Array(4);
  let used = 0;
  for (let j = half - reach; j <= half + reach; j++) {
    for (let i = half - reach; i <= half + reach; i++) {
      const k = j * size + i;
      const v = variance[k];
      const u = i + stamp.xMid - half - start.x;
      const w = j + stamp.yMid - half - start.y;
      if (v === Number.POSITIVE_INFINITY || u * u + w * w > options.radius ** 2) continue;
      const p = profile[k];
      column[0] = p;
      column[1] = i > 0 && i < size - 1 ? (profile[k - 1] - profile[k + 1]) / 2 : 0;
      column[2] = j > 0 && j < size - 1 ? (profile[k - size] - profile[k + size]) / 2 : 0;
      column[3] = 1;
      const residual = data[k] - start.flux * p - start.background;
      const total = v + (options.modelError * start.flux * p) ** 2;
      const weight = 1 / (total + (residual / SOFTENING_SIGMA) ** 2);
      for (let a = 0; a < 4; a++) {
        right[a] += weight * column[a] * residual;
        for (let b = 0; b <= a; b++) normal[a * 4 + b] += weight * column[a] * column[b];
      }
      noise[0] += (weight * p) ** 2 * v;
      noise[1] += weight * p * p;
      noise[2] += (weight * column[1]) ** 2 * v;
      noise[3] += weight * column[1] ** 2;
      used++;
    }
  }
  if (used < 6 || !(noise[1] > 0)) return undefined;
  for (let a = 0; a < 4; a++) for (let b = a + 1; b < 4; b++) normal[a * 4 + b] = normal[b * 4 + a];
  if (options.backgroundSigma > 0) {
    normal[15] += 1 / options.backgroundSigma ** 2;
    right[3] -= start.background / options.backgroundSigma ** 2;
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
  return {
    x: start.x + limit(step[1] / scale),
    y: start.y + limit(step[2] / scale),
    flux,
    fluxErr: Math.sqrt(noise[0]) / noise[1],
    positionErr:
      noise[3] > 0 && flux > 0 ? Math.sqrt(noise[2]) / (noise[3] * flux) : Number.POSITIVE_INFINITY,
    background: start.background + step[3],
  };
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
