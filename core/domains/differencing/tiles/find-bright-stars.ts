import type { TaskContext, TaskRunner } from '../../../utils/index.ts';
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
  return {
    science: [...saturated.science, ...listOthers(stars.science, saturated.science)],
    template: [...saturated.template, ...listOthers(stars.template, saturated.template)],
  };
}

/** Both lists may hold a star that is saturated in one image only: its light must be taken off once. */
function listOthers(stars: readonly MeasuredStar[], saturated: readonly BrightStar[]): readonly BrightStar[] {
  const isListed = (star: MeasuredStar) =>
    saturated.some((core) => Math.hypot(core.x - star.xPx, core.y - star.yPx) < core.coreRadius + SAME_PX);
  return stars.filter((star) => !isListed(star)).map(asBright);
}

function asBright(star: MeasuredStar): BrightStar {
  return {
    x: star.xPx,
    y: star.yPx,
    flux: star.fluxE,
    background: 0,
    coreRadius: 0,
    isPoint: star.isClean,
  };
}
