import type { Task } from '../../../utils/index.ts';
import type { CalibratedExposure, RegisteredTemplate } from '../model.ts';
import { registerTemplate, type SkyGrid } from './register-template.ts';
import type { RegistrationConfig } from './registration-config.ts';
import { resampleTemplate } from './resample-template.ts';

/** `registerTemplate` and `resampleTemplate` as one task for a thread. */
export const registerTemplateTask: Task<
  {
    readonly science: SkyGrid;
    readonly template: CalibratedExposure;
    readonly config: RegistrationConfig;
  },
  RegisteredTemplate
> = {
  name: 'preprocessing.register-template',
  run: ({ science, template, config }) =>
    resampleTemplate(science.science, template, registerTemplate(science, template, config), config),
};
