/**
 * Train the real-bogus model on simulated fields that went through our own line.
 *
 *   node models/train-real-bogus.ts [--version 1] [--fields 40] [--size 768] [--seed 20260] [--out models]
 *                                   [--examples FILE]
 *
 * With --examples the labelled detections are kept in FILE, or read from it where it exists, so that another fit
 * need not simulate again. Writes models/real-bogus/<version>/{model.onnx,manifest.json,card.md}. The same options give the same model.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createThreadRunner } from '../core/adapters/threads/index.ts';
import { FEATURE_NAMES } from '../core/domains/detection/index.ts';
import type { LabelledDetection } from './training/build-dataset.ts';
import { labelField, planFields } from './training/build-dataset.ts';
import { exportNetwork } from './training/export-network.ts';
import type { Example } from './training/fit-network.ts';
import { fitNetwork } from './training/fit-network.ts';
import { measureScores, measureThreshold } from './training/measure-scores.ts';
import { mergeNetworks } from './training/merge-networks.ts';
import { predict } from './training/network.ts';
import { measurePreparation, prepareFeatures } from './training/prepare-features.ts';
import { writeCard } from './training/write-card.ts';

const { values: options } = parseArgs({
  options: {
    version: { type: 'string', default: '1' },
    fields: { type: 'string', default: '40' },
    size: { type: 'string', default: '768' },
    seed: { type: 'string', default: '20260' },
    examples: { type: 'string' },
    out: { type: 'string', default: join(import.meta.dirname, '.') },
  },
});
const fieldCount = Number(options.fields);
const sizePx = Number(options.size);
const seed = Number(options.seed);

/** How the network is fitted; part of the manifest. */
const FIT = {
  /** Networks that differ in their seed; the mean of their logits is steadier where examples are few. */
  members: 6,
  hidden: [24, 12],
  epochs: 50,
  batch: 64,
  learningRate: 3e-3,
  weightDecay: 3e-3,
  labelSmoothing: 0.01,
  seed: seed + 1_000_000,
};

// Where a detection lies and how crowded its surroundings are say how it was found, not what it is.
const LEFT_OUT: readonly string[] = ['edgeDistance', 'isNegative', 'peaksInFootprint', 'scienceSnr'];
const columns = FEATURE_NAMES.map((name, index) => ({ name, index })).filter(
  ({ name }) => !LEFT_OUT.includes(name),
);

// Processor seconds, all threads: what it costs, whoever else uses the machine.
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const started = cpuSeconds();
const plans = planFields(fieldCount, seed, sizePx);
const isKept = options.examples !== undefined && existsSync(options.examples);
const rows: readonly LabelledDetection[] = isKept
  ? JSON.parse(readFileSync(options.examples!, 'utf8'))
  : await labelFields();
if (options.examples !== undefined && !isKept) writeFileSync(options.examples, JSON.stringify(rows));
const datasetCpuSeconds = cpuSeconds() - started;

async function labelFields(): Promise<LabelledDetection[]> {
  const runner = createThreadRunner({
    workersDir: join(import.meta.dirname, '..', 'workers'),
    extension: '.ts',
    threads: Math.min(4, availableParallelism()),
  });
  const all: LabelledDetection[] = [];
  for (const plan of plans) {
    const labelled = await labelField(plan, runner);
    all.push(...labelled);
    const real = labelled.filter((row) => row.isReal).length;
    console.log(`field ${plan.index} (${plan.difficulty}): ${real} real, ${labelled.length - real} bogus`);
  }
  await runner.close();
  return all;
}

// Whole fields go to one side: neighbours of one sky are no independent test.
const splitOf = (field: number) => (field % 5 === 3 ? 'validation' : field % 5 === 4 ? 'test' : 'training');
const pick = (split: string) => rows.filter((row) => splitOf(row.field) === split);
const [training, validation, test] = [pick('training'), pick('validation'), pick('test')];
const tableOf = (set: readonly LabelledDetection[]) =>
  set.map((row) => Float32Array.from(columns, ({ index }) => row.features[index]!));
const preparation = measurePreparation(tableOf(training));
const prepare = (set: readonly LabelledDetection[]): Example[] =>
  tableOf(set).map((row, i) => ({ input: prepareFeatures(preparation, row), isReal: set[i]!.isReal }));
const fitStarted = cpuSeconds();
const [fitted, judged] = [prepare(training), prepare(validation)];
const members = Array.from({ length: FIT.members }, (_, m) =>
  fitNetwork(fitted, judged, { ...FIT, seed: FIT.seed + m }),
);
const network = mergeNetworks(members.map((member) => member.network));
const fitCpuSeconds = cpuSeconds() - fitStarted;

const score = (set: readonly LabelledDetection[]) =>
  prepare(set).map(({ input, isReal }, i) => ({ score: predict(network, input), isReal, row: set[i]! }));
// The vetoes have taken what is certainly bogus; the threshold must not take what is real. It keeps 99.5 % of the
// validation fields' real detections of S/N 6 that no rule vetoed, and is never above 0.3.
const kept = score(validation)
  .filter(({ isReal, row }) => isReal && !row.isVetoed && row.snr >= 6)
  .map((scored) => scored.score)
  .sort((a, b) => a - b);
const threshold = Math.floor(100 * Math.min(0.3, kept[Math.floor(0.005 * kept.length)]!)) / 100;
const scoredTest = score(test);
const metrics = {
  all: { ...measureScores(scoredTest), atThreshold: measureThreshold(scoredTest, threshold) },
  withoutVetoed: (() => {
    const passed = scoredTest.filter(({ row }) => !row.isVetoed);
    return { ...measureScores(passed), atThreshold: measureThreshold(passed, threshold) };
  })(),
  completenessByKind: Object.fromEntries(
    (['hostless', 'hosted', 'variable', 'moving'] as const).map((kind) => {
      const own = scoredTest.filter(({ row }) => row.kind === kind);
      return [kind, { count: own.length, completeness: measureThreshold(own, threshold).completeness }];
    }),
  ),
};

const folder = join(options.out, 'real-bogus', options.version);
mkdirSync(folder, { recursive: true });
const command = `node models/train-real-bogus.ts --version ${options.version} --fields ${fieldCount} --size ${sizePx} --seed ${seed}`;
const graph = exportNetwork('real-bogus', network, preparation, {
  version: options.version,
  training: command,
});
const verificationRows = [
  ...test.filter((row) => row.isReal).slice(0, 4),
  ...test.filter((row) => !row.isReal).slice(0, 4),
];
const manifest = {
  name: 'real-bogus',
  version: options.version,
  file: 'model.onnx',
  sha256: createHash('sha256').update(graph).digest('hex'),
  input: {
    name: 'features',
    features: columns.map(({ name }) => name),
    preprocessing: 'none: asinh(x / scale), standardisation and clipping to +-4 are nodes of the graph',
  },
  output: {
    name: 'score',
    meaning: 'real-bogus in [0, 1], 1 = real; classes weighed equally, not a probability on a real night',
  },
  threshold,
  training: {
    command,
    seeds: { fields: plans.map((plan) => plan.seed), network: FIT.seed },
    split: 'by field: index mod 5 = 3 validation, 4 test, the rest training',
    fit: FIT,
    bestEpochs: members.map((member) => member.bestEpoch),
    validationLosses: members.map((member) => Number(member.validationLoss.toFixed(5))),
    datasetCpuSeconds: Math.round(datasetCpuSeconds),
    fitCpuSeconds: Math.round(fitCpuSeconds),
    examples: Object.fromEntries(
      Object.entries({ training, validation, test }).map(([name, set]) => [
        name,
        {
          fields: new Set(set.map((row) => row.field)).size,
          real: set.filter((row) => row.isReal).length,
          bogus: set.filter((row) => !row.isReal).length,
        },
      ]),
    ),
  },
  metrics,
  verification: {
    inputs: tableOf(verificationRows).map((row) => [...row]),
    outputs: score(verificationRows).map((scored) => scored.score),
  },
};
writeFileSync(join(folder, 'model.onnx'), graph);
writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
writeFileSync(join(folder, 'card.md'), writeCard(manifest));
console.log(JSON.stringify({ threshold, ...metrics }, null, 2));
