import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { describeOnnx } from './describe-onnx.ts';
import { type MlflowRun, writeMlflowRun } from './write-run.ts';

const AT = new Date('2026-03-01T04:05:06.789Z');
const RUN: MlflowRun = {
  experimentId: '172186707713428666',
  experiment: 'astrid-real-bogus',
  runId: '0123456789abcdef0123456789abcdef',
  name: 'real-bogus-1',
  user: 'ada',
  startedAt: AT,
  endedAt: AT,
  params: { threshold: '0.3' },
  metrics: { 'all.rocAuc': 0.875, lost: Number.NaN },
  tags: { 'mlflow.source.name': 'astrid' },
  artifacts: { 'card.md': '# Card', 'model/model.onnx': new Uint8Array([1, 2, 3]) },
};

describe('a run as the file store of MLflow lays it out', () => {
  it('has its facts, parameters, measurements, tags and artifacts where MLflow looks for them', async () => {
    const folder = makeTemporaryFolder();
    expect(await writeMlflowRun(folder, RUN)).toBe(true);
    const experiment = join(folder, RUN.experimentId);
    const read = (...steps: string[]): string => readFileSync(join(experiment, RUN.runId, ...steps), 'utf8');
    expect(readFileSync(join(experiment, 'meta.yaml'), 'utf8')).toBe(
      `artifact_location: "file://${experiment}"\ncreation_time: ${AT.getTime()}\nexperiment_id: "172186707713428666"\nlast_update_time: ${AT.getTime()}\nlifecycle_stage: "active"\nname: "astrid-real-bogus"\n`,
    );
    const meta = read('meta.yaml');
    expect(meta).toContain(`artifact_uri: "file://${join(experiment, RUN.runId, 'artifacts')}"\n`);
    // FINISHED and LOCAL by their numbers, and identifiers as words: YAML would take some of them for numbers.
    for (const line of ['status: 3', 'source_type: 4', `run_uuid: "${RUN.runId}"`, 'tags: []'])
      expect(meta.split('\n')).toContain(line);
    expect(read('params', 'threshold')).toBe('0.3');
    expect(read('metrics', 'all.rocAuc')).toBe(`${AT.getTime()} 0.875 0\n`);
    expect(read('metrics', 'lost')).toBe(`${AT.getTime()} nan 0\n`);
    expect(read('tags', 'mlflow.runName')).toBe('real-bogus-1');
    expect(read('artifacts', 'card.md')).toBe('# Card');
    expect(existsSync(join(experiment, RUN.runId, 'artifacts', 'model', 'model.onnx'))).toBe(true);
    // Written once; nothing half-made is left beside it.
    expect(await writeMlflowRun(folder, { ...RUN, name: 'another' })).toBe(false);
    expect(readdirSync(experiment).sort()).toEqual([RUN.runId, 'meta.yaml']);
  });

  it('refuses names that MLflow does not take, and leaves nothing', async () => {
    const folder = makeTemporaryFolder();
    const bad = { ...RUN, params: { 'a/../b': '1' } };
    await expect(writeMlflowRun(folder, bad)).rejects.toMatchObject({ code: 'storage/not-mlflow' });
    await expect(
      writeMlflowRun(folder, { ...RUN, artifacts: { '../../escape': 'x' } }),
    ).rejects.toMatchObject({ code: 'storage/not-mlflow' });
    expect(readdirSync(join(folder, RUN.experimentId))).toEqual(['meta.yaml']);
  });

  it('tells what its network takes and gives, and what loads it', () => {
    const files = describeOnnx({
      runId: RUN.runId,
      modelUuid: 'f'.repeat(32),
      createdAt: AT,
      bytes: new Uint8Array(7),
      input: { name: 'features', width: 24 },
      output: { name: 'score' },
    });
    const lines = String(files['model/MLmodel']).split('\n');
    const flavors = JSON.parse(lines.find((line) => line.startsWith('flavors: '))!.slice(9)) as {
      onnx: { data: string };
      python_function: { loader_module: string };
    };
    expect(flavors.onnx.data).toBe('model.onnx');
    expect(flavors.python_function.loader_module).toBe('mlflow.onnx');
    expect(lines).toContain('utc_time_created: "2026-03-01 04:05:06.789000"');
    expect(files['model/MLmodel']).toContain(
      String.raw`[{\"name\":\"features\",\"type\":\"tensor\",\"tensor-spec\":{\"dtype\":\"float32\",\"shape\":[-1,24]}}]`,
    );
  });
});
