import type { Task } from '../../../utils/index.ts';
import type { ImageSource } from '../../observations/index.ts';
import { cutStamps, type FitKernelInput, fitInMemory } from '../kernel-matching/cut-stamps.ts';
import type { KernelPlan } from '../kernel-matching/plan-kernel.ts';
import { type FittedKernel, solveKernel } from '../kernel-matching/solve-kernel.ts';
import { gatherMoments } from './gather-moments.ts';
import { makeDeltaBasis } from './make-delta-basis.ts';

/** Fits a kernel of single pixels on a thread. */
export const fitDeltaBasisTask: Task<FitKernelInput<ImageSource>, FittedKernel> = {
  name: 'differencing.fit-delta-basis',
  run: (input, context) => fitInMemory(fitDeltaBasis, input, context),
};

/** The kernel reaches so many FWHM of the broader image, within these limits, px. */
const REACH_FWHM = 2;
const LEAST_HALF_PX = 4;
const MOST_HALF_PX = 9;
/** Memory for the products of all stamps, bytes. */
const MOST_BYTES = 1e8;

/**
 * Fit a kernel whose every pixel is free, kept smooth where the stars do not say otherwise.
 *
 * @throws differencing/too-few-stamps, differencing/kernel-not-solvable
 * @see Bramich 2008, MNRAS 386, L77 (pixels as a basis); Becker et al. 2012, MNRAS 425, 1341, section 3 (smoothness);
 * Hu et al. 2022, ApJ 936, 157 (pixels with spatial variation)
 */
export function fitDeltaBasis(input: FitKernelInput): FittedKernel {
  const { plan, config, name } = input;
  const { width, height } = input.science.science;
  const half = kernelHalf(plan);
  const stamps = cutStamps(input, half).slice(0, affordableStamps(half));
  const moments = stamps.map((stamp) => gatherMoments(stamp, plan.stampHalfPx, half));
  const basis = makeDeltaBasis(half, config.smoothness);
  return solveKernel(moments, basis, { name, width, height, convolved: plan.convolved }, config);
}

/** Give how many stamps' products fit into the memory set aside for them; cells take turns, so that the rest is spread too. */
function affordableStamps(half: number): number {
  const count = (2 * half + 1) ** 2 + 2;
  return Math.floor(MOST_BYTES / (8 * count * count));
}

function kernelHalf(plan: KernelPlan): number {
  return Math.min(MOST_HALF_PX, Math.max(LEAST_HALF_PX, Math.ceil(REACH_FWHM * plan.broadFwhmPx)));
}
