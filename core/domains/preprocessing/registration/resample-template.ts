import { lendMaskPlane, lendPlane } from '../../../kernels/index.ts';
import { AstridError, type Task, type TaskContext, type TaskRunner } from '../../../utils/index.ts';
import type { MaskedImage } from '../../observations/index.ts';
import type { CalibratedExposure, RegisteredTemplate } from '../model.ts';
import type { ResamplingPlan } from './plan-resampling.ts';
import { DEFAULT_REGISTRATION, type RegistrationConfig } from './registration-config.ts';
import { cutRows, makeRows } from './resample-rows.ts';

type MakeRowsInput = Readonly<Record<'template' | 'out', MaskedImage>> & {
  readonly plan: ResamplingPlan;
  readonly rows: Parameters<typeof makeRows>[2];
  readonly config: RegistrationConfig;
};

/** `makeRows` as a task for a thread, which writes planes that all share. */
export const resampleRowsTask: Task<MakeRowsInput, number> = {
  name: 'preprocessing.resample-rows',
  // The nodes of a map, and scratch planes are given back.
  litterBytes: 1 << 20,
  run: ({ template, plan, rows, out, config }) => makeRows(template, plan, rows, out, config),
};

/**
 * Bring the template onto the science grid as planned: Lanczos-3 with the Jacobian, so that flux is conserved.
 *
 * @returns planes of the grid's size: e- of the template per science pixel; finite everywhere, NO_DATA where there is none.
 * @throws preprocessing/no-overlap
 * @see Bertin et al. 2002, ASP Conf. Ser. 281, 228 (SWarp), for the method
 */
export async function resampleTemplate(
  template: MaskedImage & Pick<CalibratedExposure, 'name'>,
  plan: ResamplingPlan,
  config: RegistrationConfig = DEFAULT_REGISTRATION,
  runner: TaskRunner,
  context: TaskContext = {},
): Promise<RegisteredTemplate> {
  const { grid, method, ...facts } = plan;
  const { width, height } = grid;
  const out = {
    science: lendPlane(width, height),
    variance: lendPlane(width, height),
    mask: lendMaskPlane(width, height),
  };
  const { science, variance, mask, name } = template;
  // Threads are told what they need: not the lists of stars.
  const common = {
    template: { science, variance, mask },
    plan: { ...plan, sources: [], registration: { ...plan.registration, residuals: undefined } },
    out,
    config,
  };
  const present = await Promise.all(
    cutRows(plan).map((rows) => runner.run(resampleRowsTask, { ...common, rows }, context)),
  );
  if (present.every((pixels) => pixels === 0))
    throw new AstridError(
      'preprocessing/no-overlap',
      `${name} has no pixel on the science image of ${width} x ${height} px. Choose a template of this field.`,
      { width, height },
    );
  return { ...out, ...facts };
}
