import { type Plane, withScratch } from '../../../kernels/index.ts';
import { AstridError, type TaskContext } from '../../../utils/index.ts';
import {
  type ImageSource,
  loadImage,
  MaskBit,
  type MaskedImage,
  UNUSABLE,
} from '../../observations/index.ts';
import type { KernelConfig } from '../config.ts';
import { evaluatePolynomial, type ImageMatch } from '../match/image-match.ts';
import type { MeasuredStar } from '../model.ts';
import type { KernelPlan } from './plan-kernel.ts';

/** What a kernel is fitted on. */
export interface FitKernelInput<Image extends ImageSource = MaskedImage> {
  /** The exposure's name, for messages. */
  readonly name: string;
  readonly science: Image;
  readonly template: Image;
  readonly match: ImageMatch;
  /** Clean and constant, of the science image. */
  readonly stars: readonly MeasuredStar[];
  readonly plan: KernelPlan;
  readonly config: KernelConfig;
}

/** Fit a kernel with the pixels of both images in memory. */
export function fitInMemory<Fitted>(
  fitKernel: (input: FitKernelInput) => Fitted,
  input: FitKernelInput<ImageSource>,
  context: TaskContext,
): Fitted {
  return withScratch((scratch) =>
    fitKernel({
      ...input,
      science: loadImage(input.science, scratch, context),
      template: loadImage(input.template, scratch, context),
    }),
  );
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

/** With fewer stamps than this, those are taken too in which some pixels have to be filled. */
const PLENTY = 40;
/** Pixels nearer to the star than this must be good, FWHM of the broader image. */
const CLEAR_FWHM = 1.5;
/** At most this part of a stamp may be filled. */
const MOST_FILLED = 0.1;

/**
 * Cut the stars that tell the kernel out of both images, spread evenly: the brightest of each cell, round by round.
 *
 * Stamps without a single unusable pixel in either image come first, within the kernel's reach too. Only where these
 * are few, stars are taken that have some away from their light, filled with the mean of what is around.
 *
 * @throws differencing/too-few-stamps
 */
export function cutStamps(input: FitKernelInput, kernelHalf: number): readonly Stamp[] {
  const { plan, config } = input;
  const reach = plan.stampHalfPx + kernelHalf;
  const ranked = rankByCell(input.stars, config.cellPx).map((star) => {
    const x = Math.round(star.xPx);
    const y = Math.round(star.yPx);
    return { x, y, damage: judgeDamage(input, x, y, reach) };
  });
  const whole = ranked.filter(({ damage }) => damage === 0);
  const usable = whole.length < PLENTY ? ranked.filter(({ damage }) => damage <= MOST_FILLED) : whole;
  if (usable.length < config.minStamps) {
    throw new AstridError(
      'differencing/too-few-stamps',
      `Only ${usable.length} of the ${input.stars.length} constant stars of ${input.name} lie clear of bad pixels ` +
        `and edges, and a convolution kernel needs ${config.minStamps}. Use the method "zogy", which needs none.`,
      {
        found: usable.length,
        needed: config.minStamps,
        stars: input.stars.length,
        exposure: input.name,
      },
    );
  }
  return usable.slice(0, config.maxStamps).map(({ x, y }) => cutStamp(input, x, y, kernelHalf));
}

/** The brightest star of every cell, then the second of every cell, and so on. */
function rankByCell(stars: readonly MeasuredStar[], cellPx: number): readonly MeasuredStar[] {
  const counts = new Map<string, number>();
  const ranked: { star: MeasuredStar; round: number }[] = [];
  for (const star of [...stars].sort((a, b) => b.fluxE - a.fluxE)) {
    const cell = `${Math.floor(star.xPx / cellPx)} ${Math.floor(star.yPx / cellPx)}`;
    const round = counts.get(cell) ?? 0;
    counts.set(cell, round + 1);
    ranked.push({ star, round });
  }
  // Sorting is stable: within a round the brightest come first.
  return ranked.sort((a, b) => a.round - b.round).map(({ star }) => star);
}

/** Part of a stamp that would have to be filled; infinite where the star itself is damaged or a saturated one is near. */
function judgeDamage(input: FitKernelInput, x: number, y: number, reach: number): number {
  const { plan, science, template } = input;
  const { width, height } = science.mask;
  const clear = CLEAR_FWHM * plan.broadFwhmPx;
  let damaged = 0;
  for (let v = -reach; v <= reach; v++) {
    for (let u = -reach; u <= reach; u++) {
      const isInside = x + u >= 0 && y + v >= 0 && x + u < width && y + v < height;
      const k = (y + v) * width + x + u;
      const bits = isInside ? science.mask.data[k] | template.mask.data[k] : MaskBit.EDGE;
      if ((bits & UNUSABLE) === 0) continue;
      if ((bits & MaskBit.SAT) !== 0 || u * u + v * v < clear * clear) return Number.POSITIVE_INFINITY;
      damaged++;
    }
  }
  return damaged / (2 * reach + 1) ** 2;
}

function cutStamp(input: FitKernelInput, x: number, y: number, kernelHalf: number): Stamp {
  const { plan, science, template } = input;
  const { width, height } = science.science;
  const ratio = evaluatePolynomial(input.match.fluxRatio, x, y, width, height);
  const [sharp, broad] = plan.convolved === 'template' ? [template, science] : [science, template];
  const [sharpScale, broadScale] = plan.convolved === 'template' ? [ratio, 1] : [1, ratio];
  const half = plan.stampHalfPx;
  const target = cut(broad, broad.science, x, y, half, broadScale);
  const variances = [
    cut(broad, broad.variance, x, y, half, broadScale ** 2),
    cut(sharp, sharp.variance, x, y, half, sharpScale ** 2),
  ];
  let noise = 0;
  for (const variance of variances) for (const value of variance) noise += value;
  for (const value of target) noise += (MODEL_ERROR * value) ** 2;
  return {
    x,
    y,
    sharp: cut(sharp, sharp.science, x, y, half + kernelHalf, sharpScale),
    broad: target,
    noise,
  };
}

/** Cut a stamp out of one plane of an image; where the image's mask says unusable, or nothing is, it is filled. */
function cut(
  { mask }: MaskedImage,
  plane: Plane,
  x: number,
  y: number,
  half: number,
  scale: number,
): Float64Array {
  const side = 2 * half + 1;
  const stamp = new Float64Array(side * side).fill(Number.NaN);
  const { width, height, data } = plane;
  let missing = side * side;
  for (let j = Math.max(0, half - y); j < Math.min(side, height - y + half); j++) {
    for (let i = Math.max(0, half - x); i < Math.min(side, width - x + half); i++) {
      const k = (y - half + j) * width + x - half + i;
      if ((mask.data[k] & UNUSABLE) !== 0 || Number.isNaN(data[k])) continue;
      stamp[j * side + i] = scale * data[k];
      missing--;
    }
  }
  // From the rim of each hole inwards; a stamp without a single good pixel stays as it is.
  for (let before = side * side; missing > 0 && missing < before; ) {
    before = missing;
    missing = fillRim(stamp, side, missing);
  }
  return stamp;
}

/** Fill every missing pixel that has good neighbours with their mean. @returns how many are missing still */
function fillRim(stamp: Float64Array, side: number, missing: number): number {
  const before = stamp.slice();
  let left = missing;
  for (let k = 0; k < stamp.length; k++) {
    if (!Number.isNaN(before[k])) continue;
    const x = k % side;
    const y = Math.floor(k / side);
    let sum = 0;
    let count = 0;
    for (let v = Math.max(0, y - 1); v <= Math.min(side - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(side - 1, x + 1); u++) {
        const value = before[v * side + u];
        if (Number.isNaN(value)) continue;
        sum += value;
        count++;
      }
    }
    if (count === 0) continue;
    stamp[k] = sum / count;
    left--;
  }
  return left;
}
