import { describe, expect, test } from 'vitest';
import {
  claimRun,
  finishWith,
  makeClock,
  makeDetection,
  makeId,
  makeScored,
  makeStageKey,
  openTemporaryDatabase,
} from '../../../../tests/support/temporary-workspace.ts';
import { parseRunFilter } from '../../../pipeline/parse-run-filter.ts';
import { readAll } from '../../../utils/index.ts';

const pair = {
  sciencePath: '/night/science.fits',
  templatePath: '/night/template.fits',
  options: { allowBandMismatch: true, config: { detection: { threshold: 5 } } },
};
const failure = {
  code: 'preprocessing/too-few-stars',
  message: 'Two stars.',
  details: { found: 2 },
} as const;

describe('the queue as a long list', () => {
  test('is filtered by words, states, bands and numbers, and leaves out what is excluded', async () => {
    const database = await openTemporaryDatabase();
    for (const [name, band, seeingArcsec] of [
      ['m31', 'r', 1.2],
      ['m33', 'g', 2.5],
    ] as const) {
      const claim = await claimRun(database, name);
      const started = await database.stageRuns.start(makeStageKey(claim.runId, 'ingest'), claim.lease);
      await database.stageRuns.finish({
        stageRunId: started.id,
        lease: claim.lease,
        seconds: 1,
        metrics: {},
        output: null,
        run: {
          science: {
            path: name,
            name,
            object: name,
            band,
            seeingArcsec,
            midpointMjdTai: 61100.6,
            width: 1,
            height: 1,
          },
        },
      });
      await database.runs.finish(claim.runId, claim.lease);
    }
    await claimRun(database, 'unread');
    const found = async (text: string, order: 'name' | 'seeing' = 'name') =>
      (
        await database.runs.list({ limit: 10, conditions: parseRunFilter(text), order, isAscending: true })
      ).items.map(({ sciencePath }) => sciencePath.split('/')[2]!.slice(0, 3));
    expect(await found('')).toEqual(['unr', 'm31', 'm33']);
    expect(await found('m3')).toEqual(['m31', 'm33']);
    expect(await found('-m31')).toEqual(['unr', 'm33']);
    // What is not known of a run does not exclude it.
    expect(await found('-band:g')).toEqual(['unr', 'm31']);
    expect(await found('seeing<2')).toEqual(['m31']);
    expect(await found('status:running')).toEqual(['unr']);
    expect(await found('night:2026-03-01')).toEqual(['m31', 'm33']);
    expect(await found('grade:none -status:running', 'seeing')).toEqual(['m31', 'm33']);
    const second = await database.runs.list({ limit: 1, offset: 1, order: 'name', isAscending: true });
    expect([second.items[0]?.science?.object, second.total]).toEqual(['m31', 3]);
    expect(await database.runs.listNights()).toMatchObject([
      { runs: expect.any(Number) },
      { nightMjd: 61100, runs: 2, done: 2, failed: 0, candidates: 0 },
    ]);
  });

  test('tells who did which stage when', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    const since = '2000-01-01T00:00:00.000Z';
    for (const stage of ['ingest', 'preprocess', 'register', 'difference', 'detect'])
      await database.stageRuns.start(makeStageKey(claim.runId, stage), claim.lease);
    const all = await database.stageRuns.listExecutions({ since, limit: 5 });
    expect(all.items[0]).toMatchObject({
      runId: claim.runId,
      stage: 'detect',
      status: 'running',
      worker: 'test',
      runStatus: 'running',
    });
    expect([all.items.length, all.total, all.nextCursor]).toEqual([5, 5, undefined]);
    const paged = await readAll((cursor) => database.stageRuns.listExecutions({ since, limit: 2, cursor }));
    expect(paged).toEqual(all.items);
    expect(await database.stageRuns.listExecutions({ since: '2999-01-01T00:00:00.000Z', limit: 5 })).toEqual({
      items: [],
      nextCursor: undefined,
      total: 0,
    });
    await expect(database.stageRuns.listExecutions({ since, limit: 2, cursor: 'x' })).rejects.toMatchObject({
      code: 'pipeline/bad-cursor',
    });
  });
});

describe('runs', () => {
  test('come back as they were queued', async () => {
    const { runs, events } = await openTemporaryDatabase({ clock: makeClock().read });
    const run = await runs.create({ id: makeId(1), ...pair });
    expect(run).toMatchObject({
      ...pair,
      id: makeId(1),
      createdAt: '2026-03-01T00:00:00.000Z',
      status: 'queued',
      gradeReasons: [],
      candidateCount: 0,
      labelledCount: 0,
      attempts: 0,
      error: undefined,
    });
    expect(await runs.get(run.id)).toEqual(run);
    expect(await events.read({ afterId: 0, limit: 10 })).toMatchObject([
      { id: 1, kind: 'run.queued', runId: run.id },
    ]);
  });

  test('are queued once for one id, however often the client sends it', async () => {
    const { runs, events } = await openTemporaryDatabase();
    const first = await runs.create({ id: makeId(1), ...pair });
    expect(await runs.create({ id: makeId(1), ...pair })).toEqual(first);
    expect((await runs.list({ limit: 10 })).total).toBe(1);
    expect(await events.lastId()).toBe(1);
    await expect(runs.create({ id: makeId(1), ...pair, sciencePath: '/other' })).rejects.toMatchObject({
      code: 'pipeline/run-id-reused',
    });
  });

  test('that do not exist are an expected failure', async () => {
    const { runs } = await openTemporaryDatabase();
    for (const ask of [runs.get(makeId(9)), runs.cancel(makeId(9)), runs.retry(makeId(9))])
      await expect(ask).rejects.toMatchObject({ code: 'pipeline/run-not-found' });
  });

  test('are listed newest first, each on one page, also when several were queued at the same moment', async () => {
    const clock = makeClock();
    const { runs } = await openTemporaryDatabase({ clock: clock.read });
    const made: string[] = [];
    for (let n = 0; n < 7; n++) {
      made.push((await runs.create({ ...pair, id: makeId(n) })).id);
      if (n % 3 === 0) clock.advance(1000);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await runs.list({ limit: 2, cursor });
      expect(page.total).toBe(7);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(made.toReversed());
  });

  test('are listed by status, and a foreign cursor is refused', async () => {
    const { runs } = await openTemporaryDatabase();
    await runs.create(pair);
    const cancelled = await runs.cancel((await runs.create(pair)).id);
    const page = await runs.list({ limit: 10, status: 'cancelled' });
    expect(page).toMatchObject({ total: 1, items: [{ id: cancelled.id }], nextCursor: undefined });
    await expect(runs.list({ limit: 10, cursor: 'nonsense' })).rejects.toMatchObject({
      code: 'pipeline/bad-cursor',
    });
  });

  test('end well or badly, by the worker that holds them only', async () => {
    const database = await openTemporaryDatabase();
    const { runs, events } = database;
    const good = await claimRun(database, 'good');
    const bad = await claimRun(database, 'bad');
    await expect(runs.finish(good.runId, bad.lease)).rejects.toMatchObject({ code: 'pipeline/lease-lost' });
    expect(await runs.finish(good.runId, good.lease)).toMatchObject({ status: 'done', error: undefined });
    expect(await runs.finish(bad.runId, bad.lease, failure)).toMatchObject({
      status: 'failed',
      error: failure,
    });
    await expect(runs.finish(good.runId, good.lease)).rejects.toMatchObject({ code: 'pipeline/lease-lost' });
    const kinds = (await events.read({ afterId: 2, limit: 10 })).map(({ kind }) => kind);
    expect(kinds).toEqual(['run.finished', 'run.failed']);
  });

  test('that are cancelled take the lease from their worker and close its stage', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    const started = await database.stageRuns.start(makeStageKey(claim.runId, 'detect'), claim.lease);
    expect((await database.runs.cancel(claim.runId)).status).toBe('cancelled');
    const finished = { stageRunId: started.id, lease: claim.lease, seconds: 1, metrics: {}, output: {} };
    await expect(database.stageRuns.finish(finished)).rejects.toMatchObject({ code: 'pipeline/lease-lost' });
    expect(await database.queue.heartbeat(claim, 1000)).toBe('cancelled');
    expect(await database.stageRuns.latest([claim.runId])).toMatchObject([
      { status: 'failed', error: { code: 'internal/stopped' } },
    ]);
    const kinds = (await database.events.read({ afterId: 2, limit: 10 })).map(({ kind }) => kind);
    expect(kinds).toEqual(['stage.failed', 'run.cancelled']);
    // A second cancel changes and announces nothing.
    await database.runs.cancel(claim.runId);
    expect(await database.events.lastId()).toBe(4);
  });

  test('that ended can be queued again; others stay as they are', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    expect((await database.runs.retry(claim.runId)).status).toBe('running');
    await database.runs.finish(claim.runId, claim.lease, failure);
    expect(await database.runs.retry(claim.runId)).toMatchObject({ status: 'queued', error: undefined });
    expect(await database.queue.claim({ worker: 'w', leaseMs: 1000 })).toMatchObject({ runId: claim.runId });
    expect((await database.runs.get(claim.runId)).attempts).toBe(2);
  });

  test('count their candidates and the labelled ones', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    const veto = { rule: 'dipole', reason: 'a bright star moved' };
    await finishWith(database, claim, [
      makeScored(makeDetection(10, 10), 0.9, 1),
      makeScored(makeDetection(30, 10), 0.8, 2),
      makeScored(makeDetection(50, 10, { vetoes: [veto] }), 0.1, 3),
    ]);
    const [best] = (await database.detections.list({ vetoed: false, order: 'rank', limit: 1 })).items;
    await database.labels.append({
      id: makeId(1),
      candidateId: best!.id,
      verdict: 'real',
      curator: 'me',
      scoreVisible: true,
    });
    expect(await database.runs.get(claim.runId)).toMatchObject({ candidateCount: 2, labelledCount: 1 });
    const [listed] = (await database.runs.list({ limit: 1 })).items;
    expect(listed).toMatchObject({ candidateCount: 2, labelledCount: 1 });
  });
});

describe('the queue', () => {
  test('gives each run to one worker, oldest first, and then nothing', async () => {
    const clock = makeClock();
    const { runs, queue } = await openTemporaryDatabase({ clock: clock.read });
    for (let n = 0; n < 3; n++) {
      await runs.create({ ...pair, id: makeId(10 - n) });
      clock.advance(1);
    }
    const claims = await Promise.all(
      [1, 2, 3, 4].map((n) => queue.claim({ worker: `w${n}`, leaseMs: 1000 })),
    );
    expect(claims.map((claim) => claim?.runId)).toEqual([makeId(10), makeId(9), makeId(8), undefined]);
  });

  test('gives a named run when asked for it', async () => {
    const { runs, queue } = await openTemporaryDatabase();
    await runs.create({ ...pair, id: makeId(1) });
    await runs.create({ ...pair, id: makeId(2) });
    expect(await queue.claim({ worker: 'w', leaseMs: 1000, runId: makeId(2) })).toMatchObject({
      runId: makeId(2),
    });
    expect(await queue.claim({ worker: 'w', leaseMs: 1000, runId: makeId(2) })).toBeUndefined();
  });

  test('gives a run to another worker once its own was silent for the lease, and fences the first one off', async () => {
    const clock = makeClock();
    const database = await openTemporaryDatabase({ clock: clock.read });
    const first = await claimRun(database, 'a', 1000);
    await database.stageRuns.start(makeStageKey(first.runId, 'detect'), first.lease);
    clock.advance(900);
    expect(await database.queue.heartbeat(first, 1000)).toBe('held');
    clock.advance(900);
    expect(await database.queue.claim({ worker: 'other', leaseMs: 1000 })).toBeUndefined();
    clock.advance(200);
    const second = (await database.queue.claim({ worker: 'other', leaseMs: 1000 }))!;
    expect(second.runId).toBe(first.runId);
    expect(await database.queue.heartbeat(first, 1000)).toBe('lost');
    await expect(
      database.stageRuns.start(makeStageKey(first.runId, 'score'), first.lease),
    ).rejects.toMatchObject({ code: 'pipeline/lease-lost' });
    expect(await database.stageRuns.latest([first.runId])).toMatchObject([
      { stage: 'detect', status: 'failed', error: { code: 'pipeline/interrupted' } },
    ]);
    // The first worker closing down late does not take the run from the second.
    await database.queue.release(first);
    expect((await database.runs.get(first.runId)).status).toBe('running');
  });

  test('takes back a run that is released, and tells those who wait', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    let told = 0;
    database.queue.subscribe(() => told++);
    await database.queue.release(claim);
    expect(told).toBe(1);
    expect((await database.runs.get(claim.runId)).status).toBe('queued');
  });

  test('puts a run that its program died of behind the others, and gives it up after the second time', async () => {
    const clock = makeClock();
    const { runs, queue, events } = await openTemporaryDatabase({ clock: clock.read });
    const killer = (await runs.create({ ...pair, id: makeId(1) })).id;
    const other = (await runs.create({ ...pair, id: makeId(2) })).id;
    const claim = async () => {
      clock.advance(1);
      return (await queue.claim({ worker: 'w', leaseMs: 1000 }))!;
    };
    const die = async (): Promise<void> => {
      clock.advance(1);
      expect(await queue.recover()).toBe(1);
    };
    expect((await claim()).runId).toBe(killer);
    await die();
    expect(await runs.get(killer)).toMatchObject({ status: 'queued', error: undefined });
    const second = await claim();
    expect(second.runId).toBe(other);
    await runs.finish(other, second.lease);
    // A program that is closed has not died.
    await queue.release(await claim());
    expect((await claim()).runId).toBe(killer);
    await die();
    expect(await runs.get(killer)).toMatchObject({
      status: 'failed',
      error: { code: 'pipeline/killed-the-program', details: { deaths: 2 } },
    });
    expect(await queue.claim({ worker: 'w', leaseMs: 1000 })).toBeUndefined();
    const told = (await events.read({ afterId: 0, limit: 100, runId: killer })).map(({ kind }) => kind);
    expect(told.filter((kind) => kind === 'run.failed')).toHaveLength(1);
    // Who asks for it again has it tried again.
    await runs.retry(killer);
    expect((await claim()).runId).toBe(killer);
    await die();
    expect(await runs.get(killer)).toMatchObject({ status: 'queued', error: undefined });
  });

  test('does not wake a worker by its own empty claim', async () => {
    const { queue } = await openTemporaryDatabase();
    let told = 0;
    queue.subscribe(() => told++);
    expect(await queue.claim({ worker: 'w', leaseMs: 1000 })).toBeUndefined();
    expect(told).toBe(0);
  });
});
