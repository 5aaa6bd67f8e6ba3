import type { KernelPlan } from '../kernel-matching/plan-kernel.ts';

/** One function of the basis as a product of a row and a column. */
export interface SeparableFunction {
  readonly kx: Float32Array;
  readonly ky: Float32Array;
  /** Sum of its taps. */
  readonly sum: number;
}

export interface GaussianBasis {
  /** Half side of the kernel, px. */
  readonly half: number;
  /** The first has unit sum; its multiples make the others' sums vanish. */
  readonly functions: readonly SeparableFunction[];
}

/** Degrees of the polynomials on the three Gaussians, narrowest first. */
const DEGREES = [4, 2, 2];
/** Each Gaussian is so many times as wide as the one before. */
const LADDER = 2;
/** A narrower Gaussian falls between the pixels, px; between equal profiles the kernel is a peak that only such a one can follow. */
const NARROWEST_PX = 0.7;
const NARROWEST_EQUAL_PX = 0.4;
/** A kernel reaches so many sigma of its widest Gaussian, within these limits, px. */
const REACH_SIGMA = 3;
const LEAST_HALF_PX = 10;
const MOST_HALF_PX = 17;

/**
 * Make Gaussians times Hermite polynomials, scaled by what the sharper profile lacks.
 *
 * Hermite polynomials span the same kernels as plain powers and are nearly orthogonal, with sums near zero.
 *
 * @see Alard & Lupton 1998, ApJ 503, 325, eq. 3; ladder, degrees and limits as in LSST's production of difference images
 */
export function makeGaussianBasis(plan: KernelPlan): GaussianBasis {
  const narrowest =
    plan.matchSigmaPx < NARROWEST_PX
      ? NARROWEST_EQUAL_PX
      : Math.max(NARROWEST_PX, plan.matchSigmaPx / LADDER);
  const sigmas = DEGREES.map((_, k) => narrowest * LADDER ** k);
  const widest = sigmas[sigmas.length - 1];
  const half = Math.min(MOST_HALF_PX, Math.max(LEAST_HALF_PX, Math.ceil(REACH_SIGMA * widest)));
  const functions: SeparableFunction[] = [];
  sigmas.forEach((sigma, k) => {
    const rows = Array.from({ length: DEGREES[k] + 1 }, (_, power) => hermite(power, sigma, half));
    for (let order = 0; order <= DEGREES[k]; order++) {
      for (let py = 0; py <= order; py++) {
        const kx = rows[order - py];
        const ky = rows[py];
        functions.push({ kx, ky, sum: sumOf(kx) * sumOf(ky) });
      }
    }
  });
  return { half, functions };
}

/** Hermite polynomial times a Gaussian; the lowest has unit sum, the others unit sum of their absolute values. */
function hermite(power: number, sigma: number, half: number): Float32Array {
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const t = (i - half) / sigma;
    const polynomial = [1, t, t * t - 1, t ** 3 - 3 * t, t ** 4 - 6 * t * t + 3][power];
    return polynomial * Math.exp((-t * t) / 2);
  });
  const norm = taps.reduce((sum, value) => sum + Math.abs(value), 0);
  return Float32Array.from(taps, (value) => value / norm);
}

function sumOf(taps: Float32Array): number {
  return taps.reduce((sum, value) => sum + value, 0);
}
