import type { ScoreMetrics, ThresholdMetrics } from './measure-scores.ts';

/** What the card tells of a model. */
export interface CardFacts {
  readonly name: string;
  readonly version: string;
  readonly threshold: number;
  readonly input: { readonly features: readonly string[] };
  readonly training: {
    readonly command: string;
    readonly fit: { readonly members: number; readonly hidden: readonly number[] };
    readonly datasetCpuSeconds: number;
    readonly fitCpuSeconds: number;
    readonly examples: Readonly<
      Record<string, { readonly fields: number; readonly real: number; readonly bogus: number }>
    >;
  };
  readonly metrics: {
    readonly all: TestMetrics;
    readonly withoutVetoed: TestMetrics;
    readonly completenessByKind: Readonly<
      Record<string, { readonly count: number; readonly completeness: number }>
    >;
  };
}

type TestMetrics = ScoreMetrics & { readonly atThreshold: ThresholdMetrics };

/** Write a model's card: what it is, what it was trained on, how good it is and where it is not to be trusted. */
export function writeCard(model: CardFacts): string {
  const { training, metrics } = model;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const sets = Object.entries(training.examples).map(
    ([name, set]) => `| ${name} | ${set.fields} | ${set.real} | ${set.bogus} |`,
  );
  const column = (value: (m: TestMetrics) => string): string =>
    `${value(metrics.all)} | ${value(metrics.withoutVetoed)} |`;
  const kinds = Object.entries(metrics.completenessByKind).map(
    ([kind, { count, completeness }]) =>
      `| ${kind} | ${count} | ${count > 0 ? percent(completeness) : '-'} |`,
  );
  return `# ${model.name} ${model.version}

${training.fit.members} small dense networks (${model.input.features.length} features, hidden layers of ${training.fit.hidden.join(' and ')}; the mean of
their logits) that tell changes in the sky from artefacts. They read the numbers that the line measures of each
detection, not its pixels.

## What it was trained on

Simulated fields only (\`core/domains/observations/simulate\`), each taken through this program's own line:
calibration, registration, ZOGY subtraction, detection at 4.5 sigma; every third field carelessly (cosmic rays
and streaks unmasked, one PSF for the whole field) so that there are artefacts to learn from. A detection within
2 px and of the sign of an injected event is real; everything else is bogus, vetoed detections included; what
lies within 10 px of an event without being it is left out. Whole fields go to training, validation or test.

| set | fields | real | bogus |
|---|---|---|---|
${sets.join('\n')}

Command: \`${training.command}\` (${training.datasetCpuSeconds} processor seconds for the examples, ${training.fitCpuSeconds} for the fit).

## How good it is, on the test fields

| | all detections | without the vetoed |
|---|---|---|
| area under the ROC curve | ${column((m) => m.rocAuc.toFixed(4))}
| average precision | ${column((m) => m.averagePrecision.toFixed(4))}
| bogus kept where 99 % of the real are kept | ${column((m) => percent(m.falsePositiveRateAt99))}
| calibration error (10 bins) | ${column((m) => m.calibrationError.toFixed(3))}
| completeness at the threshold ${model.threshold} | ${column((m) => percent(m.atThreshold.completeness))}
| purity there | ${column((m) => percent(m.atThreshold.purity))}

| kind of event | detected in the test fields | above the threshold |
|---|---|---|
${kinds.join('\n')}

## What it is not

- It has seen no real image. Its figures are those of the simulator, whose point-spread functions, galaxies and
  artefacts are simpler than a telescope's; on real data expect worse, and label.
- The score is no probability: both classes weighed the same in training, and a night has other proportions.
- It does not know minor planets from supernovae: it says that something changed, not what.
- Below S/N 5 it was trained on what noise makes, and can do little more than the threshold does.
`;
}
