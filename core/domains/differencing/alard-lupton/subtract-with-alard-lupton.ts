import type { TaskContext, TaskRunner } from '../../../utils/index.ts';
import type { DifferencingConfig } from '../config.ts';
import type { EngineProduct, MeasuredPair } from '../engine.ts';
import { subtractWithKernel } from '../kernel-matching/subtract-with-kernel.ts';
import { fitAlardLuptonTask } from './fit-alard-lupton.ts';

/**
 * Subtract a template with a kernel of Gaussians times polynomials.
 *
 * @throws differencing/too-few-stamps, differencing/kernel-not-solvable
 * @see Alard & Lupton 1998, ApJ 503, 325
 */
export function subtractWithAlardLupton(
  pair: MeasuredPair,
  config: DifferencingConfig,
  runner: TaskRunner,
  context: TaskContext,
): Promise<EngineProduct> {
  return subtractWithKernel('alard-lupton', fitAlardLuptonTask, pair, config, runner, context);
}
