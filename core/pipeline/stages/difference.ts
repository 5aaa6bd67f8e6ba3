import { holdTournament } from '../../domains/detection/index.ts';
import { differenceImages, restoreFlux } from '../../domains/differencing/index.ts';
import { flattenMetrics } from '../difference-metrics.ts';
import type { Stage } from '../stage.ts';

/** Stars whose scores are kept with the run, the brightest: they show best what does not fit. */
const STARS_KEPT = 400;

/** Subtract the registered template and grade the result. */
export const difference: Stage<'difference'> = {
  name: 'difference',
  keeps: 'everything',
  planes: [
    { path: 'difference', kind: 'difference', unit: 'e-' },
    { path: 'score', kind: 'score', unit: 'sigma' },
    { path: 'variance', kind: 'difference-variance', unit: 'e-^2' },
    { path: 'mask', kind: 'mask', unit: 'bits' },
  ],
  pick: ({ flux: _flux, ...kept }) => kept,
  complete: restoreFlux,
  // Who wins a tournament depends on how stars are injected and detected.
  config: ({ differencing, detection, completeness }) =>
    differencing.method === 'auto' ? { differencing, detection, completeness } : differencing,
  run: async ({ need, config, ports, signal, report }) => {
    const { science } = await need('preprocess');
    const template = await need('register');
    const context = { signal, readFile: ports.readFile };
    if (config.differencing.method === 'auto') {
      report(0.1, 'subtracting with every engine, and injecting the same stars into each');
      return holdTournament(science, template, config, ports.tasks, context);
    }
    report(0.1, 'measuring PSFs and subtracting');
    return differenceImages(science, template, config.differencing, ports.tasks, context);
  },
  summarise: ({ grade, gradeReasons, metrics: measured, method, starScores }) => {
    const metrics = flattenMetrics(measured);
    return {
      metrics,
      notes: gradeReasons.map((reason) => `difference graded ${grade}: ${reason}`),
      run: {
        grade,
        gradeReasons,
        difference: { method, ...metrics },
        starScores: starScores?.slice(0, STARS_KEPT) ?? null,
      },
    };
  },
};
