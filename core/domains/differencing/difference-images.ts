import { type AstridError, isAstridError, type TaskContext, type TaskRunner } from '../../utils/index.ts';
import type { Held } from '../observations/index.ts';
import type { CalibratedExposure, RegisteredTemplate } from '../preprocessing/index.ts';
import { subtractWithAlardLupton } from './alard-lupton/subtract-with-alard-lupton.ts';
import { DEFAULT_DIFFERENCING_CONFIG, type DifferencingConfig } from './config.ts';
import { subtractWithDeltaBasis } from './delta-basis/subtract-with-delta-basis.ts';
import type { Engine, MeasuredPair } from './engine.ts';
import { judgeProduct } from './judge/judge-product.ts';
import { measurePair } from './measure-pair.ts';
import type { Difference, DifferenceGrade, DifferencingMethod } from './model.ts';
import { subtractWithZogy } from './zogy/subtract-with-zogy.ts';

const ENGINES: Readonly<Record<DifferencingMethod, Engine>> = {
  zogy: subtractWithZogy,
  'alard-lupton': subtractWithAlardLupton,
  'delta-basis': subtractWithDeltaBasis,
};

/** What is tried, best first, until a difference is not graded red. */
const PREFERRED: readonly DifferencingMethod[] = ['zogy', 'delta-basis', 'alard-lupton'];

/**
 * Subtract a registered template from a science image and say how well it went.
 *
 * Point-spread functions and fluxes of the stars are measured in both images, an engine subtracts tiles on the
 * runner's threads, and the score is calibrated on the sky and on constant stars. Where the result is graded red the
 * other engines are tried, too: `method` of the difference says which made it.
 *
 * @param science  e-, background-subtracted.
 * @param template on the science image's grid, its own e-.
 * @returns difference in e- on the science flux scale, score in sigma, PSFs, grade and metrics.
 * @throws differencing/shape-mismatch, differencing/too-few-psf-stars, differencing/no-common-stars,
 * differencing/no-overlap; engines with a kernel also differencing/too-few-stamps, differencing/kernel-not-solvable
 */
export async function differenceImages(
  science: Held<CalibratedExposure>,
  template: Held<RegisteredTemplate>,
  config: DifferencingConfig = DEFAULT_DIFFERENCING_CONFIG,
  runner: TaskRunner,
  context: TaskContext = {},
): Promise<Difference> {
  const pair = await measurePair(science, template, config, runner, context);
  if (config.method === 'auto') return tryInTurn(PREFERRED, pair, config, runner, context);
  const { method } = config;
  const difference = await subtractWith(method, pair, config, runner, context);
  if (difference.grade !== 'red' || !config.fallsBack) return difference;
  const others = PREFERRED.filter((other) => other !== method);
  return tryInTurn(others, pair, config, runner, context, difference);
}

async function subtractWith(
  method: DifferencingMethod,
  pair: MeasuredPair,
  config: DifferencingConfig,
  runner: TaskRunner,
  context: TaskContext,
): Promise<Difference> {
  const product = await ENGINES[method](pair, config, runner, context);
  return judgeProduct(product, pair, config, runner, context);
}

/** What became of one engine. */
export type EngineAttempt =
  | { readonly kind: 'done'; readonly method: DifferencingMethod; readonly difference: Difference }
  | { readonly kind: 'failed'; readonly method: DifferencingMethod; readonly error: AstridError };

/**
 * Subtract with every engine, on one measurement of the pair.
 *
 * @returns in the order in which they are preferred, all else equal.
 * @throws differencing/shape-mismatch, differencing/too-few-psf-stars, differencing/no-common-stars
 */
export async function differenceWithEach(
  science: Held<CalibratedExposure>,
  template: Held<RegisteredTemplate>,
  config: DifferencingConfig,
  runner: TaskRunner,
  context: TaskContext = {},
): Promise<readonly EngineAttempt[]> {
  const pair = await measurePair(science, template, config, runner, context);
  const attempts: EngineAttempt[] = [];
  for (const method of PREFERRED) {
    try {
      const difference = await subtractWith(method, pair, config, runner, context);
      attempts.push({ kind: 'done', method, difference });
    } catch (error) {
      if (!isAstridError(error) || error.code === 'internal/stopped') throw error;
      attempts.push({ kind: 'failed', method, error });
    }
  }
  return attempts;
}

/**
 * Try engines in turn until one is not graded red; keep the best, and say what was tried.
 *
 * @param first what was graded red before.
 */
async function tryInTurn(
  methods: readonly DifferencingMethod[],
  pair: MeasuredPair,
  config: DifferencingConfig,
  runner: TaskRunner,
  context: TaskContext,
  first?: Difference,
): Promise<Difference> {
  let best = first;
  let failure: unknown;
  const tried: { readonly method: DifferencingMethod; readonly fate: string }[] = [];
  const tell = (method: DifferencingMethod, fate: string) =>
    tried.push({ method, fate: `${method} ${fate}` });
  const tellRed = ({ method, gradeReasons }: Difference) =>
    tell(method, `was graded red: ${gradeReasons[0]}`);
  if (first) tellRed(first);
  for (const method of methods) {
    try {
      const difference = await subtractWith(method, pair, config, runner, context);
      if (!best || RANK[difference.grade] < RANK[best.grade]) best = difference;
      if (difference.grade !== 'red') break;
      tellRed(difference);
    } catch (error) {
      if (!isAstridError(error) || error.code === 'internal/stopped') throw error;
      failure ??= error;
      tell(method, `could not be used: ${error.message}`);
    }
  }
  if (!best) throw failure;
  const { method: kept, gradeReasons } = best;
  const others = tried.filter(({ method }) => method !== kept).map(({ fate }) => fate);
  return { ...best, gradeReasons: [...gradeReasons, ...others] };
}

const RANK: Readonly<Record<DifferenceGrade, number>> = { green: 0, yellow: 1, red: 2 };
