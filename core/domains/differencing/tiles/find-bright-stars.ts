import type { TaskContext, TaskRunner } from '../../../utils/index.ts';
import { evaluatePolynomial } from '../match/image-match.ts';
import { pairStars } from '../match/match-images.ts';
import type { MeasuredStar } from '../model.ts';
import {
  type BrightStar,
  type ModelSaturatedInput,
  modelSaturatedTask,
  type SaturatedStars,
} from '../saturated/model-saturated.ts';
import type { TileInput } from './subtracted-tile.ts';

/** What all tiles of one subtraction have in common. */
export type CommonInput = Omit<
  TileInput,
  'tile' | 'brightStars' | 'correlation' | 'noiseCorrelationFactor' | 'maxLagPx'
>;

/** All stars that were measured, each image's own e-. */
export interface StarLists {
  readonly science: readonly MeasuredStar[];
  readonly template: readonly MeasuredStar[];
}

/** A star on a saturated core, or so near to it, is that core's, px. */
const SAME_PX = 1;

/** A star whose fluxes differ by more is variable, or parted otherwise, sigma. */
const CONSTANT_SIGMA = 4;

/** Saturated stars as the present profiles tell them, and all others, which only lose their halos. */
export async function findBrightStars(
  input: ModelSaturatedInput,
  stars: StarLists,
  runner: TaskRunner,
  context: TaskContext,
): Promise<SaturatedStars> {
  const { science, template, sciencePsf, templatePsf, match } = input;
  const saturated = await runner.run(
    modelSaturatedTask,
    { science, template, sciencePsf, templatePsf, match },
    context,
  );
  const points = agreeOnFluxes(stars, input);
  return {
    science: [...saturated.science, ...listOthers(stars.science, saturated.science, points)],
    template: [...saturated.template, ...listOthers(stars.template, saturated.template, points)],
  };
}

/**
 * Give the constant stars that are clean in both images one flux, each image's own e-.
 *
 * A crowd is parted into stars otherwise in each image; what two fluxes of one star differ by must not become a change.
 */
function agreeOnFluxes(
  { science, template }: StarLists,
  { match, science: image }: ModelSaturatedInput,
): ReadonlyMap<MeasuredStar, number> {
  const { width, height } = image.science;
  const fluxes = new Map<MeasuredStar, number>();
  for (const pair of pairStars(science, template)) {
    if (!pair.science.isClean || !pair.template.isClean) continue;
    const ratio = evaluatePolynomial(match.fluxRatio, pair.science.xPx, pair.science.yPx, width, height);
    const other = ratio * pair.template.fluxE;
    const flux = (pair.science.fluxE + other) / 2;
    const allowed = Math.hypot(
      pair.science.fluxErrE,
      ratio * pair.template.fluxErrE,
      match.fluxRatioScatter * flux,
    );
    if (Math.abs(pair.science.fluxE - other) > CONSTANT_SIGMA * allowed) continue;
    fluxes.set(pair.science, flux);
    fluxes.set(pair.template, flux / ratio);
  }
  return fluxes;
}

/** Both lists may hold a star that is saturated in one image only: its light must be taken off once. */
function listOthers(
  stars: readonly MeasuredStar[],
  saturated: readonly BrightStar[],
  points: ReadonlyMap<MeasuredStar, number>,
): readonly BrightStar[] {
  const isListed = (star: MeasuredStar) =>
    saturated.some((core) => Math.hypot(core.x - star.xPx, core.y - star.yPx) < core.coreRadius + SAME_PX);
  return stars
    .filter((star) => !isListed(star))
    .map((star) => ({
      x: star.xPx,
      y: star.yPx,
      flux: points.get(star) ?? star.fluxE,
      background: 0,
      coreRadius: 0,
      isPoint: points.has(star),
    }));
}
