import type { TaskContext, TaskRunner } from '../../../utils/index.ts';
import { type LevelledPsfs, levelProfiles } from '../match/level-profiles.ts';
import type { MeasuredStar } from '../model.ts';
import { type BrightStar, modelSaturatedTask } from '../saturated/model-saturated.ts';
import { measureNoiseCorrelation, measureWhiteness } from './measure-correlation.ts';
import type { Tile } from './plan-tiles.ts';
import { type SubtractedTile, type SubtractTileInput, subtractTileTask } from './subtract-tile.ts';

/** What all tiles of one subtraction have in common. */
export type CommonInput = Omit<
  SubtractTileInput,
  'tile' | 'brightStars' | 'correlation' | 'noiseCorrelationFactor'
>;

/** All stars that were measured, each image's own e-. */
export interface StarLists {
  readonly science: readonly MeasuredStar[];
  readonly template: readonly MeasuredStar[];
}

/** All tiles, and with which profiles and flux ratio they were subtracted in the end. */
export interface PassResult {
  readonly tiles: readonly SubtractedTile[];
  readonly input: CommonInput;
  /** Stars whose cores were rebuilt, as in the science image. */
  readonly saturated: readonly BrightStar[];
}

/** Tiles that show how the noise of the difference is correlated and what bright stars leave. */
const PROBES = 4;
const MAX_LAG_PX = 6;
/** A smaller correlation is left alone. */
const WHITE = 0.01;
/** A smaller disagreement of the profiles is left alone, as a fraction of a star's light. */
const LEVEL = 1e-4;
const LEVELLING_ROUNDS = 3;

/**
 * Subtract a few tiles, learn from them, and subtract all tiles with what was learned.
 *
 * What can only be seen once the sky is gone: whether both profiles agree, and how the noise of
 * neighbouring pixels goes together.
 *
 * @param noiseCorrelationFactor of the template, for images that show too little of their noise.
 */
export async function subtractInPasses(
  tiles: readonly Tile[],
  start: CommonInput,
  stars: StarLists,
  noiseCorrelationFactor: number,
  runner: TaskRunner,
  context: TaskContext,
): Promise<PassResult> {
  const step = Math.max(1, tiles.length / PROBES);
  const probes = tiles.filter((_, k) => Math.floor(k / step) !== Math.floor((k - 1) / step));
  const clean = stars.science.filter((star) => star.isClean);
  let input = start;
  let brightStars = await findBrightStars(input, stars, runner, context);
  let probed: readonly SubtractedTile[] = [];
  let isLevel = false;
  for (let round = 0; round < LEVELLING_ROUNDS && !isLevel; round++) {
    const common = { ...input, brightStars, noiseCorrelationFactor: 1 };
    probed = await Promise.all(
      probes.map((tile) => runner.run(subtractTileTask, { ...common, tile }, context)),
    );
    const levelled = levelProfiles(probed, clean, input.sciencePsf, input.templatePsf);
    isLevel = levelled === undefined || levelled.correction < LEVEL;
    if (!levelled || isLevel) break;
    input = applyLevelling(input, levelled);
    brightStars = await findBrightStars(input, stars, runner, context);
  }
  const correlation = measureNoiseCorrelation(probed, MAX_LAG_PX);
  const isWhite = correlation !== undefined && measureWhiteness(probed) < WHITE;
  const common = {
    ...input,
    brightStars,
    correlation: isWhite ? undefined : correlation,
    noiseCorrelationFactor: correlation ? 1 : noiseCorrelationFactor,
  };
  const subtracted = await Promise.all(
    tiles.map((tile) => {
      const known = isWhite && isLevel ? probed[probes.indexOf(tile)] : undefined;
      return known ?? runner.run(subtractTileTask, { ...common, tile }, context);
    }),
  );
  return { tiles: subtracted, input, saturated: brightStars.science.filter((star) => star.coreRadius > 0) };
}

/** Saturated stars as the present profiles tell them, and all others, which only lose their halos. */
async function findBrightStars(
  input: CommonInput,
  stars: StarLists,
  runner: TaskRunner,
  context: TaskContext,
) {
  const { science, template, sciencePsf, templatePsf, match } = input;
  const saturated = await runner.run(
    modelSaturatedTask,
    { science, template, sciencePsf, templatePsf, match },
    context,
  );
  return {
    science: [...saturated.science, ...stars.science.map(asBright)],
    template: [...saturated.template, ...stars.template.map(asBright)],
  };
}

function asBright(star: MeasuredStar): BrightStar {
  return {
    x: star.xPx,
    y: star.yPx,
    flux: star.fluxE,
    background: 0,
    coreRadius: 0,
  };
}

function applyLevelling(input: CommonInput, levelled: LevelledPsfs): CommonInput {
  const fluxRatio = input.match.fluxRatio.map((value) => value * levelled.ratioFactor);
  return {
    ...input,
    sciencePsf: levelled.science,
    templatePsf: levelled.template,
    match: { ...input.match, fluxRatio },
  };
}
