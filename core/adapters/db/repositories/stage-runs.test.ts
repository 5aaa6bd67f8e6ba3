import { describe, expect, test } from 'vitest';
import {
  claimRun,
  makeStageKey,
  openTemporaryDatabase,
} from '../../../../tests/support/temporary-workspace.ts';
import type { PlaneRecord } from '../../../pipeline/ports.ts';

const plane = (kind: string, digit: string): PlaneRecord => ({
  kind,
  sha256: digit.repeat(64),
  width: 4,
  height: 3,
  dtype: 'float32',
  unit: 'e-',
});

describe('executions of stages', () => {
  test('are found by exactly their key once they are done', async () => {
    const database = await openTemporaryDatabase();
    const { stageRuns } = database;
    const claim = await claimRun(database);
    const key = makeStageKey(claim.runId, 'difference');
    const started = await stageRuns.start(key, claim.lease);
    expect(await stageRuns.find(key)).toBeUndefined();
    const output = { fluxRatio: Number.NaN, psf: new Float32Array([1, Number.NaN, -0]), method: 'zogy' };
    await stageRuns.finish({
      stageRunId: started.id,
      lease: claim.lease,
      seconds: 2.5,
      metrics: { scorrMadStd: 1.01, unknown: Number.NaN },
      output,
    });
    const found = await stageRuns.find(key);
    expect(found).toMatchObject({ ...key, status: 'done', seconds: 2.5, metrics: { scorrMadStd: 1.01 } });
    expect(found?.metrics).not.toHaveProperty('unknown');
    expect(found?.output).toEqual(output);
    for (const change of [{ codeVersion: '2' }, { configHash: 'x' }, { inputHash: 'x' }, { stage: 'detect' }])
      expect(await stageRuns.find({ ...key, ...change })).toBeUndefined();
  });

  test('announce their start, their end, and then what they found', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    const started = await database.stageRuns.start(makeStageKey(claim.runId, 'ingest'), claim.lease);
    await database.stageRuns.finish({
      stageRunId: started.id,
      lease: claim.lease,
      seconds: 1,
      metrics: { width: 4 },
      output: undefined,
      run: {
        grade: 'yellow',
        gradeReasons: ['few stars'],
        registration: { method: 'wcs', matched: 4, rmsPx: 0.1, overlap: 1 },
      },
      events: [{ kind: 'observation.ingested', data: { name: 'a' } }],
    });
    expect(await database.events.read({ afterId: 1, limit: 10 })).toMatchObject([
      { id: 2, kind: 'stage.started', data: { stage: 'ingest' } },
      { id: 3, kind: 'stage.finished', data: { stage: 'ingest', seconds: 1, metrics: { width: 4 } } },
      { id: 4, kind: 'observation.ingested', runId: claim.runId, data: { name: 'a' } },
    ]);
    expect(await database.runs.get(claim.runId)).toMatchObject({
      grade: 'yellow',
      gradeReasons: ['few stars'],
      registration: { matched: 4 },
    });
  });

  test('that fail keep the error, and the newest of each stage is what counts', async () => {
    const database = await openTemporaryDatabase();
    const { stageRuns } = database;
    const claim = await claimRun(database);
    const error = { code: 'detection/too-many', message: 'Too many.', details: { found: 1e6 } } as const;
    const first = await stageRuns.start(makeStageKey(claim.runId, 'detect'), claim.lease);
    await stageRuns.fail({ stageRunId: first.id, lease: claim.lease, seconds: 1, error });
    expect(await stageRuns.latest([claim.runId])).toMatchObject([{ status: 'failed', error }]);
    const second = await stageRuns.start(makeStageKey(claim.runId, 'detect'), claim.lease);
    await stageRuns.finish({ stageRunId: second.id, lease: claim.lease, seconds: 1, metrics: {}, output: 1 });
    expect(await stageRuns.latest([claim.runId])).toMatchObject([
      { id: second.id, status: 'done', error: undefined },
    ]);
    expect(await stageRuns.latest([])).toEqual([]);
  });

  test('done twice with the same key leave one result', async () => {
    const database = await openTemporaryDatabase();
    const { stageRuns } = database;
    const claim = await claimRun(database);
    const key = makeStageKey(claim.runId, 'detect');
    for (const output of ['first', 'second']) {
      const started = await stageRuns.start(key, claim.lease);
      await stageRuns.finish({ stageRunId: started.id, lease: claim.lease, seconds: 1, metrics: {}, output });
    }
    expect((await stageRuns.find(key))?.output).toBe('second');
    expect(await stageRuns.latest([claim.runId])).toHaveLength(1);
  });

  test('are known by what is known of their input at the end, and take the place of one that had the same', async () => {
    const database = await openTemporaryDatabase();
    const { stageRuns } = database;
    const claim = await claimRun(database);
    const key = makeStageKey(claim.runId, 'ingest');
    const known = { ...key, inputHash: 'what was read' };
    const first = await stageRuns.start(known, claim.lease);
    const end = { lease: claim.lease, seconds: 1, metrics: {} };
    await stageRuns.finish({ ...end, stageRunId: first.id, output: 'first' });
    const second = await stageRuns.start(key, claim.lease);
    await stageRuns.finish({ ...end, stageRunId: second.id, inputHash: known.inputHash, output: 'second' });
    expect(await stageRuns.find(key)).toBeUndefined();
    expect((await stageRuns.find(known))?.output).toBe('second');
    expect(await stageRuns.latest([claim.runId])).toHaveLength(1);
  });

  test('close an execution that was cut off when the stage starts again', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    const key = makeStageKey(claim.runId, 'detect');
    await database.stageRuns.start(key, claim.lease);
    const again = await database.stageRuns.start(key, claim.lease);
    expect(await database.stageRuns.latest([claim.runId])).toMatchObject([
      { id: again.id, status: 'running' },
    ]);
    const failures = (await database.events.read({ afterId: 0, limit: 10 })).filter(
      ({ kind }) => kind === 'stage.failed',
    );
    expect(failures).toMatchObject([{ data: { code: 'pipeline/interrupted' } }]);
  });

  test('replace the planes of their kinds and leave the others', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    for (const planes of [[plane('science', 'a'), plane('mask', 'b')], [plane('science', 'c')]]) {
      const started = await database.stageRuns.start(makeStageKey(claim.runId, 'preprocess'), claim.lease);
      await database.stageRuns.finish({
        stageRunId: started.id,
        lease: claim.lease,
        seconds: 1,
        metrics: {},
        output: {},
        planes,
      });
    }
    expect(await database.planes.list(claim.runId)).toEqual([plane('mask', 'b'), plane('science', 'c')]);
    expect(await database.planes.describe('c'.repeat(64))).toEqual({
      dtype: 'float32',
      shape: [3, 4],
      unit: 'e-',
    });
    expect(await database.planes.describe('a'.repeat(64))).toBeUndefined();
  });
});
