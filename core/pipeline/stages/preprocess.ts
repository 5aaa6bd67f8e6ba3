import { type CalibratedExposure, preprocessExposureTask } from '../../domains/preprocessing/index.ts';
import type { Stage } from '../stage.ts';
import { addSeeing } from './ingest.ts';

/** Calibrate both exposures, each on its own thread: electrons, sky, noise, masks, stars. */
export const preprocess: Stage<'preprocess'> = {
  name: 'preprocess',
  keeps: 'everything',
  planes: [
    { path: 'science.science', kind: 'science', unit: 'e-' },
    { path: 'science.variance', kind: 'science-variance', unit: 'e-^2' },
  ],
  config: (config) => ({ preprocessing: config.preprocessing, calibration: config.calibration }),
  run: async ({ need, config, ports, signal, report }) => {
    const pair = await need('ingest');
    const { calibration } = pair;
    const start = (exposure: typeof pair.science) =>
      ports.tasks.run(
        preprocessExposureTask,
        { exposure, calibration, config: config.preprocessing },
        { signal },
      );
    report(0.1, 'measuring sky, noise and stars of both exposures');
    const [science, template] = await Promise.all([start(pair.science), start(pair.template)]);
    return { science, template };
  },
  summarise: ({ science, template }, { run }) => ({
    metrics: {
      sources: science.sources.length,
      templateSources: template.sources.length,
      fwhmPx: science.fwhmPx,
      templateFwhmPx: template.fwhmPx,
      backgroundE: science.backgroundE,
      backgroundRmsE: science.backgroundRmsE,
      ...science.metrics,
    },
    notes: [...newsOf(science), ...newsOf(template).map((note) => `template: ${note}`)],
    run: {
      ...(run.science ? { science: addSeeing(run.science, science.fwhmPx, science.wcs) } : {}),
      ...(run.template ? { template: addSeeing(run.template, template.fwhmPx, template.wcs) } : {}),
    },
    events: [
      { kind: 'observation.preprocessed', data: { path: run.sciencePath, role: 'science' } },
      { kind: 'observation.preprocessed', data: { path: run.templatePath, role: 'template' } },
    ],
  }),
};

/** What calibration has to say beside what was said of the file when it was read. */
function newsOf({ notes, facts }: CalibratedExposure): readonly string[] {
  return notes.filter((note) => !facts.notes.includes(note));
}
