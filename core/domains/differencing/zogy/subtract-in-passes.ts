import type { TaskContext, TaskRunner } from '../../../utils/index.ts';
import { type LevelledPsfs, levelProfiles } from '../match/level-profiles.ts';
import type { BrightStar } from '../saturated/model-saturated.ts';
import { type CommonInput, findBrightStars, type StarLists } from '../tiles/find-bright-stars.ts';
import { learnNoise, PROBING, pickProbes } from '../tiles/probe-noise.ts';
import { runTiles } from '../tiles/run-tiles.ts';
import type { SubtractedTile } from '../tiles/subtracted-tile.ts';
import { type Cell, planTiles } from './plan-tiles.ts';
import { subtractTileTask } from './subtract-tile.ts';

/** All tiles, and with which profiles and flux ratio they were subtracted in the end. */
export interface PassResult {
  readonly tiles: readonly SubtractedTile[];
  readonly input: CommonInput;
  /** Stars whose cores were rebuilt, as in the science image. */
  readonly saturated: readonly BrightStar[];
}

/** How an image is cut. */
export interface Cut {
  /** Still being measured. */
  readonly cells: Promise<readonly Cell[]>;
  /** Largest side of a tile, and its border, px. */
  readonly sidePx: number;
  readonly borderPx: number;
}

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
  { cells: measuring, sidePx, borderPx }: Cut,
  start: CommonInput,
  stars: StarLists,
  noiseCorrelationFactor: number,
  runner: TaskRunner,
  context: TaskContext,
): Promise<PassResult> {
  const [cells, found] = await Promise.all([measuring, findBrightStars(start, stars, runner, context)]);
  const probes = pickProbes(cells, borderPx);
  const clean = stars.science.filter((star) => star.isClean);
  let input = start;
  let brightStars = found;
  let probed: readonly SubtractedTile[] = [];
  let isLevel = false;
  for (let round = 0; round < LEVELLING_ROUNDS && !isLevel; round++) {
    const common = { ...input, brightStars, ...PROBING };
    probed = await runTiles(subtractTileTask, probes, common, runner, context);
    const levelled = levelProfiles(probed, input.canvas, clean, input.sciencePsf, input.templatePsf);
    isLevel = levelled === undefined || levelled.correction < LEVEL;
    if (!levelled || isLevel) break;
    input = applyLevelling(input, levelled);
    brightStars = await findBrightStars(input, stars, runner, context);
  }
  const noise = learnNoise(probed, noiseCorrelationFactor, WHITE);
  const common = { ...input, brightStars, ...noise.input };
  const known = noise.isWhite && isLevel ? probed : [];
  const tiles = planTiles(cells, sidePx, borderPx);
  const subtracted = await runTiles(subtractTileTask, tiles, common, runner, context, known);
  return { tiles: subtracted, input, saturated: brightStars.science.filter((star) => star.coreRadius > 0) };
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
