import { AstridError } from '../../../utils/index.ts';
import { type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import type { KernelConfig } from '../config.ts';
import { evaluatePolynomial, type ImageMatch } from '../match/image-match.ts';
import type { MeasuredStar } from '../model.ts';
import type { KernelPlan } from './plan-kernel.ts';

/** What a kernel is fitted on. */
export interface FitKernelInput {
  /** The exposure's name, for messages. */
  readonly name: string;
  readonly science: MaskedImage;
  readonly template: MaskedImage;
  readonly match: ImageMatch;
  /** Clean and constant, of the science image. */
  readonly stars: readonly MeasuredStar[];
  readonly plan: KernelPlan;
  readonly config: KernelConfig;
}

/** One star as both images show it, on the science flux scale. */
export interface Stamp {
  /** Middle pixel in the image. */
  readonly x: number;
  readonly y: number;
  /** The image to be convolved, (wide, wide), where wide = 2 (stampHalf + kernelHalf) + 1. */
  readonly sharp: Float64Array;
  /** The image to be reached, (narrow, narrow), where narrow = 2 stampHalf + 1. */
  readonly broad: Float64Array;
  /** Expected sum of squared noise over `broad`, e-^2, the profile's own error included. */
  readonly noise: number;
}

/** A kernel reproduces a star to this part of its light at best: the brightest must not have all the say. */
const MODEL_ERROR = 0.01;

/**
 * Cut the stars that tell the kernel out of both images, spread evenly: the brightest of each cell, round by round.
 *
 * A stamp with a single unusable pixel in either image is left out, within the kernel's reach too.
 *
 * @throws differencing/too-few-stamps
 */
export function cutStamps(input: FitKernelInput, kernelHalf: number): readonly Stamp[] {
  const { plan, config } = input;
  const { width, height } = input.science.science;
  const reach = plan.stampHalfPx + kernelHalf;
  const ranked = rankByCell(input.stars, config.cellPx, config.starsPerCell);
  const stamps: Stamp[] = [];
  for (const star of ranked) {
    if (stamps.length === config.maxStamps) break;
    const x = Math.round(star.xPx);
    const y = Math.round(star.yPx);
    if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue;
    if (!isUsable(input.science, x, y, reach) || !isUsable(input.template, x, y, reach)) continue;
    stamps.push(cutStamp(input, x, y, kernelHalf));
  }
  if (stamps.length < config.minStamps) {
    throw new AstridError(
      'differencing/too-few-stamps',
      `Only ${stamps.length} of the ${input.stars.length} constant stars of ${input.name} lie clear of bad pixels ` +
        `and edges, and a convolution kernel needs ${config.minStamps}. Use the method "zogy", which needs none.`,
      {
        found: stamps.length,
        needed: config.minStamps,
        stars: input.stars.length,
        exposure: input.name,
      },
    );
  }
  return stamps;
}

/** The brightest star of every cell, then the second of every cell, and so on. */
function rankByCell(stars: readonly MeasuredStar[], cellPx: number, most: number): readonly MeasuredStar[] {
  const counts = new Map<string, number>();
  const ranked: { star: MeasuredStar; round: number }[] = [];
  for (const star of [...stars].sort((a, b) => b.fluxE - a.fluxE)) {
    const cell = `${Math.floor(star.xPx / cellPx)} ${Math.floor(star.yPx / cellPx)}`;
    const round = counts.get(cell) ?? 0;
    if (round === most) continue;
    counts.set(cell, round + 1);
    ranked.push({ star, round });
  }
  // Sorting is stable: within a round the brightest come first.
  return ranked.sort((a, b) => a.round - b.round).map(({ star }) => star);
}

function isUsable({ mask }: MaskedImage, x: number, y: number, reach: number): boolean {
  for (let v = y - reach; v <= y + reach; v++) {
    for (let k = v * mask.width + x - reach; k <= v * mask.width + x + reach; k++) {
      if ((mask.data[k] & UNUSABLE) !== 0) return false;
    }
  }
  return true;
}

function cutStamp(input: FitKernelInput, x: number, y: number, kernelHalf: number): Stamp {
  const { plan, science, template } = input;
  const { width, height } = science.science;
  const ratio = evaluatePolynomial(input.match.fluxRatio, x, y, width, height);
  const [sharp, broad] = plan.convolved === 'template' ? [template, science] : [science, template];
  const [sharpScale, broadScale] = plan.convolved === 'template' ? [ratio, 1] : [1, ratio];
  const half = plan.stampHalfPx;
  const target = cut(broad.science, x, y, half, broadScale);
  const variances = [
    cut(broad.variance, x, y, half, broadScale ** 2),
    cut(sharp.variance, x, y, half, sharpScale ** 2),
  ];
  let noise = 0;
  for (const variance of variances) for (const value of variance) noise += value;
  for (const value of target) noise += (MODEL_ERROR * value) ** 2;
  return { x, y, sharp: cut(sharp.science, x, y, half + kernelHalf, sharpScale), broad: target, noise };
}

function cut(
  plane: { readonly width: number; readonly data: Float32Array },
  x: number,
  y: number,
  half: number,
  scale: number,
): Float64Array {
  const side = 2 * half + 1;
  const stamp = new Float64Array(side * side);
  for (let j = 0; j < side; j++) {
    const from = (y - half + j) * plane.width + x - half;
    for (let i = 0; i < side; i++) stamp[j * side + i] = scale * plane.data[from + i];
  }
  return stamp;
}
