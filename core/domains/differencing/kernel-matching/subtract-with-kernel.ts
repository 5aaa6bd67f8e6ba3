import type { Task, TaskContext, TaskRunner } from '../../../utils/index.ts';
import { type ImageSource, pixelsOf } from '../../observations/index.ts';
import type { DifferencingConfig } from '../config.ts';
import type { EngineProduct, MeasuredPair } from '../engine.ts';
import type { DifferencingMethod } from '../model.ts';
import { joinTilePsfs, makeCanvas } from '../tiles/assemble-difference.ts';
import { findBrightStars } from '../tiles/find-bright-stars.ts';
import { measureCells } from '../tiles/measure-cells.ts';
import { learnNoise, PROBING, pickProbes } from '../tiles/probe-noise.ts';
import { runTiles } from '../tiles/run-tiles.ts';
import { borderFor, planCells, planTiles } from '../zogy/plan-tiles.ts';
import type { FitKernelInput } from './cut-stamps.ts';
import { planKernel } from './plan-kernel.ts';
import type { FittedKernel } from './solve-kernel.ts';
import { type KernelTileInput, subtractTileWithKernelTask } from './subtract-tile-with-kernel.ts';

/** A kernel that lifts some frequencies by more than this sharpens one image instead of blurring the other. */
const SHARPENING = 1.3;
/** What is wrong with a rebuilt core or beyond the rim, a convolution carries farther than a profile alone. */
const KERNEL_GROWTH = 1.5;
/** A smaller correlation is left alone; a hundredth at every lag of a matched filter is four hundredths of its sigma. */
const WHITE = 0.003;

/**
 * Subtract a template by a convolution kernel, whichever way it is fitted.
 *
 * The kernel comes from the images' own pixels around constant stars; only the matched filter, after the
 * subtraction, needs the science image's measured point-spread function.
 *
 * @throws differencing/too-few-stamps, differencing/kernel-not-solvable
 */
export async function subtractWithKernel(
  method: DifferencingMethod,
  fitTask: Task<FitKernelInput<ImageSource>, FittedKernel>,
  pair: MeasuredPair,
  config: DifferencingConfig,
  runner: TaskRunner,
  context: TaskContext,
): Promise<EngineProduct> {
  const { name, science, template, sciencePsf, templatePsf, match, sigmaXPx, sigmaYPx, stars } = pair;
  const { width, height } = science.science;
  const plan = planKernel(pair);
  const fitKernel = (convolved: 'science' | 'template') =>
    runner.run(
      fitTask,
      {
        name,
        science: pixelsOf(science),
        template: pixelsOf(template),
        match,
        stars: pair.constantStars,
        plan: { ...plan, convolved },
        config: config.kernel,
      },
      context,
    );
  const [first, brightStars] = await Promise.all([
    fitKernel(plan.convolved),
    findBrightStars(pair, stars, runner, context),
  ]);
  const { kernel, metrics } = await pickBetter(first, fitKernel);
  const canvas = makeCanvas(width, height);
  const start = {
    science,
    template,
    canvas,
    sciencePsf,
    templatePsf,
    match,
    sigmaXPx,
    sigmaYPx,
    saturationGrowthPx: KERNEL_GROWTH * config.saturationGrowthFwhm * plan.broadFwhmPx,
    brightStars,
    kernel,
  };
  const psfs = [sciencePsf, templatePsf];
  // A kernel may vary where the profiles do not.
  const square = { ...config, cellWidthPx: config.cellSidePx };
  const cells = await measureCells(planCells(width, height, psfs, square), pair, runner, context);
  const border = borderFor(psfs);
  const tiles = planTiles(cells, config.tileSidePx, border);
  const run = runTiles<KernelTileInput>;
  const probes = pickProbes(cells, border);
  const probed = await run(subtractTileWithKernelTask, probes, { ...start, ...PROBING }, runner, context);
  const noise = learnNoise(probed, pair.noiseCorrelationFactor, WHITE);
  const known = noise.isWhite ? probed : [];
  const common = { ...start, ...noise.input };
  const subtracted = await run(subtractTileWithKernelTask, tiles, common, runner, context, known);
  const scale = kernel.convolved === 'template' ? metrics.sum : 1 / metrics.sum;
  return {
    method,
    assembled: { ...canvas, tiles: subtracted },
    psf: joinTilePsfs(subtracted, width, height, { science: sciencePsf, template: templatePsf }),
    sciencePsf,
    templatePsf,
    match: { ...match, fluxRatio: match.fluxRatio.map((value) => value * scale) },
    saturated: brightStars.science.filter((star) => star.coreRadius > 0),
    kernel: metrics,
  };
}

/** Try the other direction where a kernel sharpens, and give the one that fits better. */
async function pickBetter(
  first: FittedKernel,
  fitOther: (convolved: 'science' | 'template') => Promise<FittedKernel>,
): Promise<FittedKernel> {
  if (first.metrics.largestGain <= SHARPENING) return first;
  const second = await fitOther(first.kernel.convolved === 'science' ? 'template' : 'science');
  return second.metrics.misfit < first.metrics.misfit ? second : first;
}
