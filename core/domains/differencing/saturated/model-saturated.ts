import type { Task, TaskContext } from '../../../utils/index.ts';
import { boxAround, cutImage, type ImageSource, UNUSABLE } from '../../observations/index.ts';
import { evaluatePolynomial, type ImageMatch } from '../match/image-match.ts';
import type { SpatialPsf } from '../model.ts';
import { fitStar, type StarFit, type StarStamp } from '../psf/fit-star.ts';
import { drawWidePsf } from './draw-wide-psf.ts';
import type { FoundCores, SharedCore } from './find-cores.ts';

/** A star as one image tells it, its own e-. */
export interface BrightStar {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
  /** Pedestal under it, e- per pixel. */
  readonly background: number;
  /** Radius of its saturated core in either image, px; 0 for a star that is only bright. */
  readonly coreRadius: number;
  /** It is a single star: all of its light has the profile. */
  readonly isPoint: boolean;
}

/** The stars that are saturated in one of the images, as each image tells them; same order in both. */
export interface SaturatedStars {
  readonly science: readonly BrightStar[];
  readonly template: readonly BrightStar[];
}

export interface ModelSaturatedInput {
  readonly science: ImageSource;
  readonly template: ImageSource;
  readonly sciencePsf: SpatialPsf;
  readonly templatePsf: SpatialPsf;
  readonly match: ImageMatch;
  readonly found: FoundCores;
}

/** Models saturated stars on a thread. */
export const modelSaturatedTask: Task<ModelSaturatedInput, SaturatedStars> = {
  name: 'differencing.model-saturated',
  run: modelSaturated,
};

/** A rebuilt star is felt so far beyond its core, FWHM. */
const REACH_FWHM = 4;

/** Give the radius around a saturated star within which its rebuilding may leave something, px. */
export function reachOfSaturated(star: BrightStar, fwhmPx: number): number {
  return star.coreRadius + REACH_FWHM * fwhmPx;
}

/** Steepness of a profile's wings where it is not known. */
const USUAL_BETA = 3;
const FIT_ROUNDS = 15;
/** The wings are fitted up to this far beyond the core, FWHM. */
const WINGS_FWHM = 2;
/** The profile is trusted to this fraction while wings are fitted. */
const WING_ERROR = 0.03;
/** Where the wings may move a star away from the middle of its core, px. */
const FARTHEST_PX = 3;

/**
 * Fit the wings of stars whose cores are saturated, in both images.
 *
 * A clipped core is no star to the filters: what was cut off would reappear as a ring of the two PSFs' difference.
 * With flux and position from the wings the core can be rebuilt in each image with its own PSF, and the star
 * subtracts like any other. Cores that no PSF fits (bad pixels, galaxies, trails) are left out.
 */
export function modelSaturated(input: ModelSaturatedInput, context: TaskContext = {}): SaturatedStars {
  const { science, template, sciencePsf, templatePsf, found: known } = input;
  const fwhmPx = Math.max(sciencePsf.fwhmPx, templatePsf.fwhmPx);
  const found: { science: BrightStar; template: BrightStar }[] = [];
  for (const core of known.cores) {
    const radius = core.radius + WINGS_FWHM * fwhmPx;
    const inScience = core.ownRadius.science !== undefined;
    const cut = (image: ImageSource, skyVariance: number) =>
      cutWings(image, skyVariance, core, radius, context);
    const first = inScience
      ? undefined
      : fitWings(cut(science, known.variance.science), sciencePsf, core, radius);
    // An image that is not saturated knows best where the star is.
    const templateFit = fitWings(cut(template, known.variance.template), templatePsf, first ?? core, radius);
    const scienceFit =
      first ?? fitWings(cut(science, known.variance.science), sciencePsf, templateFit ?? core, radius);
    if (!scienceFit || !templateFit) continue;
    found.push(agree(scienceFit, templateFit, core, input));
  }
  return { science: found.map((star) => star.science), template: found.map((star) => star.template) };
}

/**
 * Make one star of what both images say of it.
 *
 * Two fluxes or two places from two pairs of wings would leave their difference as a change. An image that sees
 * the core knows it; else each has a say by how far up the profile it is not saturated: profiles are known to a fraction
 * of themselves that grows as their light fades, and three FWHM out it is tens of percent.
 */
function agree(
  science: StarFit,
  template: StarFit,
  core: SharedCore,
  { match, sciencePsf, templatePsf, science: { science: plane } }: ModelSaturatedInput,
): { science: BrightStar; template: BrightStar } {
  const { width, height } = plane;
  const at = (polynomial: readonly number[]) => evaluatePolynomial(polynomial, core.x, core.y, width, height);
  const ratio = at(match.fluxRatio);
  const shiftX = at(match.shiftX);
  const shiftY = at(match.shiftY);
  const { science: own, template: other } = core.ownRadius;
  const seen = own === undefined ? 1 : levelBeside(sciencePsf, own) ** 2;
  const seenByOther = other === undefined ? 1 : levelBeside(templatePsf, other) ** 2;
  const weight = own === undefined ? 1 : other === undefined ? 0 : seen / (seen + seenByOther);
  const flux = weight * science.flux + (1 - weight) * ratio * template.flux;
  const x = weight * science.x + (1 - weight) * (template.x + shiftX);
  const y = weight * science.y + (1 - weight) * (template.y + shiftY);
  const coreRadius = core.radius;
  return {
    science: { x, y, flux, background: science.background, coreRadius, isPoint: true },
    template: {
      x: x - shiftX,
      y: y - shiftY,
      flux: flux / ratio,
      background: template.background,
      coreRadius,
      isPoint: true,
    },
  };
}

/** Level of the profile, as a fraction of its peak, where an image's own saturated pixels end. */
function levelBeside({ halo, fwhmPx }: SpatialPsf, radius: number): number {
  const beta = halo?.beta ?? USUAL_BETA;
  return (1 + 4 * (2 ** (1 / beta) - 1) * (radius / fwhmPx) ** 2) ** -beta;
}

function cutWings(
  image: ImageSource,
  skyVariance: number,
  core: SharedCore,
  radius: number,
  context: TaskContext,
): StarStamp {
  const size = 2 * Math.ceil(radius + FARTHEST_PX) + 1;
  const half = (size - 1) / 2;
  const xMid = Math.round(core.x);
  const yMid = Math.round(core.y);
  const { width, height } = image.science;
  const data = new Float64Array(size * size);
  const variance = new Float64Array(size * size).fill(Number.POSITIVE_INFINITY);
  const box = boxAround(xMid, yMid, half, width, height);
  const part = cutImage(image, box, context);
  for (let j = 0, pixel = 0; j < box.height; j++) {
    const to = (box.y + j - yMid + half) * size + box.x - xMid + half;
    for (let i = 0; i < box.width; i++, pixel++) {
      if ((part.mask.data[pixel] & UNUSABLE) !== 0) continue;
      data[to + i] = part.science.data[pixel];
      variance[to + i] = part.variance.data[pixel];
    }
  }
  return { xMid, yMid, size, data, variance, skyVariance };
}

/** Fit flux, position and pedestal to the good pixels of a star. */
function fitWings(
  stamp: StarStamp,
  psf: SpatialPsf,
  start: { readonly x: number; readonly y: number },
  radius: number,
): StarFit | undefined {
  const options = {
    radius,
    modelError: WING_ERROR,
    background: 0,
    backgroundSigma: 0.3 * Math.sqrt(stamp.skyVariance),
    fitPosition: true,
  };
  let fit: StarFit = { x: start.x, y: start.y, flux: 0, fluxErr: 0, positionErr: 0, background: 0 };
  for (let round = 0; round < FIT_ROUNDS; round++) {
    const { xMid, yMid, size } = stamp;
    // Its slopes are told by the pixels beside.
    const profile = drawWidePsf(psf, fit.x, fit.y, xMid, yMid, size, fit, radius + 2);
    const next = fitStar(stamp, profile, fit, options);
    if (!next || !(next.flux > 0)) return undefined;
    if (Math.hypot(next.x - start.x, next.y - start.y) > FARTHEST_PX) return undefined;
    const moved = Math.hypot(next.x - fit.x, next.y - fit.y);
    const changed = Math.abs(next.flux / fit.flux - 1);
    fit = next;
    if (round > 1 && moved < 1e-3 && changed < 1e-3) break;
  }
  return fit;
}
