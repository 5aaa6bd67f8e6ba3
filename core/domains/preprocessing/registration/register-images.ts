import type { Task, TaskContext, TaskRunner } from '../../../utils/index.ts';
import type { CalibratedExposure, RegisteredTemplate } from '../model.ts';
import { planResampling, type ResamplingPlan, type TemplateFacts } from './plan-resampling.ts';
import { registerTemplate, type SkyGrid } from './register-template.ts';
import { DEFAULT_REGISTRATION, type RegistrationConfig } from './registration-config.ts';
import { resampleTemplate } from './resample-template.ts';

interface PlanRegistrationInput {
  readonly science: SkyGrid;
  readonly template: SkyGrid & TemplateFacts;
  readonly config: RegistrationConfig;
}

/** `registerTemplate` and `planResampling` as one task for a thread. */
export const planRegistrationTask: Task<PlanRegistrationInput, ResamplingPlan> = {
  name: 'preprocessing.plan-registration',
  run: ({ science, template, config }) =>
    planResampling(science.science, template, registerTemplate(science, template, config), config),
};

/**
 * Find where the template lies under the science image, and resample it there on the runner's threads.
 *
 * @throws preprocessing/too-few-stars, preprocessing/no-overlap
 */
export async function registerImages(
  science: SkyGrid,
  template: CalibratedExposure,
  config: RegistrationConfig = DEFAULT_REGISTRATION,
  runner: TaskRunner,
  context: TaskContext = {},
): Promise<RegisteredTemplate> {
  const { fwhmPx, backgroundRmsE, noiseCorrelationFactor } = template;
  const plan = await runner.run(
    planRegistrationTask,
    {
      science: gridOf(science),
      template: { ...gridOf(template), fwhmPx, backgroundRmsE, noiseCorrelationFactor },
      config,
    },
    context,
  );
  return resampleTemplate(template, plan, config, runner, context);
}

/** Leave an exposure's pixels behind: they may go to files meanwhile. */
function gridOf({ name, wcs, sources, science: { width, height } }: SkyGrid): SkyGrid {
  return { name, wcs, sources, science: { width, height } };
}
