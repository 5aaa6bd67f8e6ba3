import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { readMlflowRuns } from './read-run.ts';
import { writeMlflowRun } from './write-run.ts';

const AT = new Date('2026-03-01T04:05:06.789Z');
const RUN = {
  experimentId: '172186707713428666',
  experiment: 'astrid-real-bogus',
  runId: '0123456789abcdef0123456789abcdef',
  name: 'real-bogus-1',
  user: 'ada',
  startedAt: AT,
  endedAt: new Date(AT.getTime() + 1000),
  params: { threshold: '0.3', note: 'two\nlines' },
  metrics: { 'all.rocAuc': 0.875, lost: Number.NaN, most: Number.POSITIVE_INFINITY },
  tags: { 'mlflow.source.name': 'astrid' },
  artifacts: { 'card.md': '# Card', 'model/model.onnx': new Uint8Array([1, 2, 3]) },
} as const;

test('a run that was written is read back as it was, also from a folder that was moved', async () => {
  const folder = join(makeTemporaryFolder(), 'mlruns');
  await writeMlflowRun(folder, RUN);
  const moved = `${folder}-moved`;
  renameSync(folder, moved);
  const [read, ...others] = await readMlflowRuns(moved);
  expect(others).toEqual([]);
  const point = (value: number) => [{ atMs: AT.getTime(), value, step: 0 }];
  expect(read).toMatchObject({
    experimentId: RUN.experimentId,
    experiment: RUN.experiment,
    runId: RUN.runId,
    name: RUN.name,
    user: 'ada',
    status: 'finished',
    startedAt: AT.toISOString(),
    endedAt: '2026-03-01T04:05:07.789Z',
    params: RUN.params,
    metrics: {
      'all.rocAuc': point(0.875),
      lost: point(Number.NaN),
      most: point(Number.POSITIVE_INFINITY),
    },
    tags: RUN.tags,
    artifacts: [
      { path: 'card.md', bytes: 6 },
      { path: 'model/model.onnx', bytes: 3 },
    ],
  });
});

test('a run of MLflow’s own is read: plain and quoted facts, several values, names with a /, one that still runs', async () => {
  const folder = makeTemporaryFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  // As PyYAML writes them for mlflow.
  write('0/meta.yaml', "artifact_location: mlflow-artifacts:/0\nexperiment_id: '0'\nname: it's mine\n");
  const run = '0/fedcba9876543210fedcba9876543210';
  write(
    `${run}/meta.yaml`,
    [
      'artifact_uri: s3://elsewhere/artifacts',
      'end_time: null',
      "experiment_id: '0'",
      'lifecycle_stage: active',
      'run_id: fedcba9876543210fedcba9876543210',
      "run_name: 'sly''s run: 1'",
      'source_type: 4',
      'start_time: 1772337906789',
      'status: 1',
      'tags: []',
      'user_id: vera',
      '',
    ].join('\n'),
  );
  write(`${run}/metrics/train/loss`, '1772337906789 0.5 0\n1772337906800 2.5e-1 1 digest name\n');
  write(`${run}/params/lr`, '0.01');
  const gone = '0/00000000000000000000000000000000';
  write(`${gone}/meta.yaml`, 'lifecycle_stage: deleted\nrun_id: 0\n');
  write('.trash/1/meta.yaml', 'name: thrown away\n');
  expect(await readMlflowRuns(folder)).toMatchObject([
    {
      experiment: "it's mine",
      name: "sly's run: 1",
      user: 'vera',
      status: 'running',
      startedAt: '2026-03-01T04:05:06.789Z',
      endedAt: undefined,
      params: { lr: '0.01' },
      metrics: {
        'train/loss': [
          { atMs: 1772337906789, value: 0.5, step: 0 },
          { atMs: 1772337906800, value: 0.25, step: 1 },
        ],
      },
      artifacts: [],
      artifactUri: 's3://elsewhere/artifacts',
    },
  ]);
  write(`${run}/metrics/train/loss`, 'yesterday was better\n');
  await expect(readMlflowRuns(folder)).rejects.toMatchObject({ code: 'storage/not-mlflow' });
  await expect(readMlflowRuns(makeTemporaryFolder())).rejects.toMatchObject({ code: 'storage/not-mlflow' });
});

test('a run whose facts cannot be read is told of, and not passed over', async () => {
  const folder = join(makeTemporaryFolder(), 'mlruns');
  await writeMlflowRun(folder, RUN);
  const facts = join(folder, RUN.experimentId, RUN.runId, 'meta.yaml');
  rmSync(facts);
  mkdirSync(facts);
  await expect(readMlflowRuns(folder)).rejects.toMatchObject({
    code: 'storage/not-mlflow',
    message: expect.stringContaining(facts),
  });
});
