import { pixelScale, type RegistrationResidual, registerImages } from '../../domains/preprocessing/index.ts';
import type { Stage } from '../stage.ts';
import { calibrateTemplateAgain } from './preprocess.ts';

/** Stars whose residuals are kept with the run: enough to see a pattern. */
const RESIDUALS_KEPT = 400;

/** Find where the template lies on the science grid, and resample it there. */
export const register: Stage<'register'> = {
  name: 'register',
  keeps: 'everything',
  images: [''],
  lastToNeed: ['ingest', 'preprocess.template'],
  planes: [{ path: 'science', kind: 'template', unit: 'e-' }],
  config: (config) => config.registration,
  run: async (context) => {
    const { config, ports, signal, report } = context;
    const { science, template = await calibrateTemplateAgain(context) } = await context.need('preprocess');
    report(0.1, `matching ${science.sources.length} and ${template.sources.length} sources`);
    return registerImages(science, template, config.registration, ports.tasks, { signal });
  },
  summarise: ({ registration, science, noiseCorrelationFactor, notes }) => ({
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
        templateScale: pixelScale(registration.map, science.width / 2, science.height / 2),
        residuals: registration.residuals?.slice(0, RESIDUALS_KEPT).map(roundResidual),
      },
    },
  }),
};

/** Digits beyond these are finer than any star is measured. */
function roundResidual({ xPx, yPx, dxPx, dyPx }: RegistrationResidual): RegistrationResidual {
  return {
    xPx: Number(xPx.toFixed(2)),
    yPx: Number(yPx.toFixed(2)),
    dxPx: Number(dxPx.toFixed(4)),
    dyPx: Number(dyPx.toFixed(4)),
  };
}
