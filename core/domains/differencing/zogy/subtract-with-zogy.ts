import type { TaskContext, TaskRunner } from '../../../utils/index.ts';
import type { DifferencingConfig } from '../config.ts';
import type { EngineProduct, MeasuredPair } from '../engine.ts';
import { joinTilePsfs, makeCanvas } from '../tiles/assemble-difference.ts';
import { measureCells } from '../tiles/measure-cells.ts';
import { borderFor, planCells } from './plan-tiles.ts';
import { subtractInPasses } from './subtract-in-passes.ts';

/**
 * Subtract a template with ZOGY: optimal for point sources where both point-spread functions are known.
 *
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27
 */
export async function subtractWithZogy(
  pair: MeasuredPair,
  config: DifferencingConfig,
  runner: TaskRunner,
  context: TaskContext,
): Promise<EngineProduct> {
  const { science, template, sciencePsf, templatePsf, match, sigmaXPx, sigmaYPx } = pair;
  const { width, height } = science.science;
  const broadest = Math.max(sciencePsf.fwhmPx, templatePsf.fwhmPx);
  const canvas = makeCanvas(width, height);
  const psfs = [sciencePsf, templatePsf];
  const cells = measureCells(planCells(width, height, psfs, config), pair, runner, context);
  const { tiles, input, saturated } = await subtractInPasses(
    { cells, sidePx: config.tileSidePx, borderPx: borderFor(psfs) },
    {
      science,
      template,
      canvas,
      sciencePsf,
      templatePsf,
      match,
      sigmaXPx,
      sigmaYPx,
      saturationGrowthPx: config.saturationGrowthFwhm * broadest,
    },
    pair.stars,
    pair.noiseCorrelationFactor,
    runner,
    context,
  );
  return {
    method: 'zogy',
    assembled: { ...canvas, tiles },
    psf: joinTilePsfs(tiles, width, height, { science: sciencePsf, template: templatePsf }),
    sciencePsf: input.sciencePsf,
    templatePsf: input.templatePsf,
    match: input.match,
    saturated,
  };
}
