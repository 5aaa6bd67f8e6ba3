import type { TaskContext, TaskRunner } from '../../../utils/index.ts';
import type { DifferencingConfig } from '../config.ts';
import type { EngineProduct, MeasuredPair } from '../engine.ts';
import { subtractWithKernel } from '../kernel-matching/subtract-with-kernel.ts';
import { fitDeltaBasisTask } from './fit-delta-basis.ts';

/**
 * Subtract a template with a kernel whose every pixel is free.
 *
 * @throws differencing/too-few-stamps, differencing/kernel-not-solvable
 * @see Bramich 2008, MNRAS 386, L77; Hu et al. 2022, ApJ 936, 157
 */
export function subtractWithDeltaBasis(
  pair: MeasuredPair,
  config: DifferencingConfig,
  runner: TaskRunner,
  context: TaskContext,
): Promise<EngineProduct> {
  return subtractWithKernel('delta-basis', fitDeltaBasisTask, pair, config, runner, context);
}
