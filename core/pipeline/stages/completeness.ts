import type { Completeness } from '../../domains/detection/index.ts';
import { recoverInjectionsTask, summariseCompleteness } from '../../domains/detection/index.ts';
import type { CompletenessSummary } from '../ports.ts';
import type { Stage } from '../stage.ts';
import { calibrateFluxes } from './compare-with-catalogs.ts';

/**
 * Inject stars into the pair and tell which changes the line finds in it, and which it cannot.
 *
 * It comes last: people see the candidates before.
 */
export const completeness: Stage<'completeness'> = {
  name: 'completeness',
  keeps: 'everything',
  config: (config, ports) => ({
    completeness: config.completeness,
    detection: config.detection,
    scoring: config.scoring,
    modelVersion: ports.modelVersion,
  }),
  run: async (context) => {
    const { need, config, ports, signal, report } = context;
    if (!config.completeness.isMeasured) return {};
    const { science } = await need('preprocess');
    const template = await need('register');
    const difference = await need('difference');
    report(0.1, `injecting ${config.completeness.injections} stars`);
    const recovered = await ports.tasks.run(
      recoverInjectionsTask,
      {
        input: { difference, science, template },
        detection: config.detection,
        config: config.completeness,
      },
      { signal, readFile: ports.readFile },
    );
    const found = recovered.recoveries.filter(({ detection }) => detection !== undefined);
    report(0.8, `scoring ${found.length} of them`);
    const { scores } = await ports.score(
      found.map(({ detection }) => detection!),
      found.map(({ triplet }) => triplet!),
    );
    const scoreOf = new Map(found.map(({ injection }, k) => [injection.id, scores[k]!]));
    const { width, height } = science.science;
    return {
      completeness: summariseCompleteness(recovered, config.completeness, config.detection, {
        width,
        height,
        exposureS: science.facts.exposureS,
        magnitudeAt: await calibrateFluxes(science, difference, context),
        scores: recovered.recoveries.map(({ injection }) => scoreOf.get(injection.id)),
        minScore: config.scoring.minScore,
        realScore: ports.scoreThreshold,
      }),
    };
  },
  summarise: ({ completeness: measured }) => {
    if (!measured) return { metrics: {}, run: { completeness: null } };
    const { at50, at90 } = measured.bySnr;
    return {
      metrics: {
        injected: measured.injected,
        found: measured.found,
        ...(measured.calledReal === undefined ? {} : { calledReal: measured.calledReal }),
        ...(at50 && { snr50: at50.value, snr50Err: at50.error }),
        ...(at90 && { snr90: at90.value, snr90Err: at90.error }),
        ...(measured.byMag.at50 && { mag50: measured.byMag.at50.value }),
        ...(measured.byMag.at90 && { mag90: measured.byMag.at90.value }),
        pullSigma: measured.pullSigma.value,
      },
      notes: [describeCompleteness(measured)],
      run: { completeness: summaryOf(measured) },
    };
  },
};

/** Leave out the single stars: what lists, screens and reports show. */
export function summaryOf({ injections: _injections, ...summary }: Completeness): CompletenessSummary {
  return summary;
}

/** Say in one line how deep an image is. */
export function describeCompleteness(measured: CompletenessSummary): string {
  const { bySnr, byMag, magnitudes, injected } = measured;
  if (!bySnr.at50) {
    return injected < 10
      ? `completeness: only ${injected} stars found room among the masked pixels; too few to tell`
      : 'completeness: less than half of the injected stars are found, however bright';
  }
  const limit = (value: number | undefined) => (value === undefined ? 'not reached' : value.toFixed(2));
  const kind = magnitudes === 'instrumental' ? ' (instrumental)' : '';
  return [
    `50 % at S/N ${bySnr.at50.value.toFixed(2)} ± ${bySnr.at50.error.toFixed(2)}`,
    `90 % at ${bySnr.at90 ? bySnr.at90.value.toFixed(2) : 'none'}`,
    `m50 ${limit(byMag.at50?.value)}, m90 ${limit(byMag.at90?.value)}${kind}`,
    `${injected} stars injected`,
  ].join('; ');
}
