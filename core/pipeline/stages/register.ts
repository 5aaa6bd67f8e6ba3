import { registerTemplateTask } from '../../domains/preprocessing/index.ts';
import type { Stage } from '../stage.ts';

/** Find where the template lies on the science grid, and resample it there. */
export const register: Stage<'register'> = {
  name: 'register',
  keeps: 'everything',
  planes: [{ path: 'science', kind: 'template', unit: 'e-' }],
  config: (config) => config.registration,
  run: async ({ need, config, ports, signal, report }) => {
    const { science, template } = await need('preprocess');
    report(0.1, `matching ${science.sources.length} and ${template.sources.length} sources`);
    return ports.tasks.run(
      registerTemplateTask,
      { science, template, config: config.registration },
      { signal },
    );
  },
  summarise: ({ registration, noiseCorrelationFactor, notes }) => ({
    metrics: {
      matched: registration.matched,
      rmsPx: registration.rmsPx,
      overlap: registration.overlap,
      offsetXPx: registration.offsetXPx,
      offsetYPx: registration.offsetYPx,
      noiseCorrelationFactor,
    },
    notes: [...registration.notes, ...notes],
    run: {
      registration: {
        method: registration.method,
        matched: registration.matched,
        rmsPx: registration.rmsPx,
        overlap: registration.overlap,
      },
    },
  }),
};
