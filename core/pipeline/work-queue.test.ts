import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openTemporaryDatabase } from '../../tests/support/temporary-workspace.ts';
import { createFolderBlobStore } from '../adapters/storage/index.ts';
import { createStagePorts } from '../app/compose-stages.ts';
import { AstridError, createInlineRunner } from '../utils/index.ts';
import {
  DEFAULT_LINE_CONFIG,
  type EventKind,
  type RunClaim,
  type RunQueue,
  type StagePorts,
  startQueueWorker,
  type WorkOptions,
} from './index.ts';

/** A worker over a real queue, of pairs whose files are not there: each run ends at once. */
async function openQueue(
  changes: {
    readonly queue?: (queue: RunQueue) => Partial<RunQueue>;
    readonly lineOptions?: (claim: RunClaim) => Promise<Omit<WorkOptions, 'signal'>>;
    readonly ports?: (ports: StagePorts) => Partial<StagePorts>;
  } = {},
) {
  const database = await openTemporaryDatabase();
  const blobs = await createFolderBlobStore(join(database.folder, 'blobs'));
  const bugs: unknown[] = [];
  const waits: unknown[] = [];
  const ports = createStagePorts(createInlineRunner());
  const worker = startQueueWorker(
    {
      ...database,
      queue: { ...database.queue, ...changes.queue?.(database.queue) },
      blobs,
      ports: { ...ports, ...changes.ports?.(ports) },
      clock: () => 0,
    },
    {
      worker: 'test',
      lineOptions: changes.lineOptions ?? (async () => ({ config: DEFAULT_LINE_CONFIG })),
      onBug: (error) => bugs.push(error),
      onWait: (error) => waits.push(error),
    },
  );
  onTestFinished(() => worker.close());
  const queueRun = async (name: string): Promise<string> => {
    const pair = { sciencePath: `/none/${name}.fits`, templatePath: '/none/template.fits' };
    return (await database.runs.create({ ...pair, options: { allowBandMismatch: false } })).id;
  };
  const ended = (id: string) =>
    expect.poll(async () => (await database.runs.get(id)).error?.code, { timeout: 30_000 });
  return { database, worker, bugs, waits, queueRun, ended };
}

describe('the queue worker', () => {
  test('takes up what is queued while it waits, and goes on after a run that failed', async () => {
    const { database, bugs, queueRun, ended } = await openQueue();
    const first = await queueRun('first');
    const second = await queueRun('second');
    await ended(first).toBe('observations/unreadable');
    await ended(second).toBe('observations/unreadable');
    await ended(await queueRun('third')).toBe('observations/unreadable');
    const kinds = (await database.events.read({ afterId: 0, limit: 100, runId: second })).map(
      ({ kind }) => kind,
    );
    const expected: EventKind[] = ['run.queued', 'stage.started', 'stage.failed', 'run.failed'];
    expect(kinds).toEqual(expected);
    expect(bugs).toEqual([]);
  });

  test('records a run whose settings it does not know as failed, and goes on', async () => {
    const { bugs, queueRun, ended } = await openQueue({
      lineOptions: async ({ runId }) => {
        if (runId === first) throw new AstridError('pipeline/bad-config', 'An unknown setting.', {});
        return { config: DEFAULT_LINE_CONFIG };
      },
    });
    const first = await queueRun('first');
    await ended(first).toBe('pipeline/bad-config');
    await ended(await queueRun('second')).toBe('observations/unreadable');
    expect(bugs).toEqual([]);
  });

  test('prepares a run before its line, fails it with what that fails of, and is stopped in the midst of it', async () => {
    let isStopped = false;
    const { database, worker, bugs, queueRun, ended } = await openQueue({
      lineOptions: async ({ runId }) => ({
        config: DEFAULT_LINE_CONFIG,
        prepare: async (signal) => {
          if (runId === first) throw new AstridError('observations/disk-full', 'No room for its files.', {});
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          isStopped = true;
          throw new AstridError('internal/stopped', 'Stopped on request.');
        },
      }),
    });
    const first = await queueRun('first');
    await ended(first).toBe('observations/disk-full');
    const second = await queueRun('second');
    await expect
      .poll(async () => (await database.runs.get(second)).status, { timeout: 30_000 })
      .toBe('running');
    await worker.close();
    expect(isStopped).toBe(true);
    expect((await database.runs.get(second)).status).toBe('queued');
    expect(bugs).toEqual([]);
  });

  test('waits out a workspace that cannot be written, and goes on when it can', async () => {
    let failures = 0;
    const { bugs, queueRun, ended } = await openQueue({
      queue: (queue) => ({
        claim: async (options) => {
          if (failures++ < 1) throw new AstridError('storage/disk-full', 'The disk is full.', {});
          return queue.claim(options);
        },
      }),
    });
    await ended(await queueRun('first')).toBe('observations/unreadable');
    expect(failures).toBeGreaterThan(1);
    expect(bugs).toEqual([]);
  });

  test('fails no run of a full disk: it waits, tells so once, and tries again when there is news', async () => {
    let isFull = true;
    let begin = (): void => undefined;
    const allQueued = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const { database, waits, bugs, queueRun, ended } = await openQueue({
      ports: ({ readExposure }) => ({
        readExposure: async (path, signal) => {
          await allQueued;
          if (isFull) throw new AstridError('storage/disk-full', 'The disk is full.', {});
          return readExposure(path, signal);
        },
      }),
    });
    const first = await queueRun('first');
    const second = await queueRun('second');
    // Who is put back in the millisecond in which another is queued may come before it.
    await new Promise((resolve) => setTimeout(resolve, 5));
    begin();
    await expect.poll(() => waits.length, { timeout: 30_000 }).toBe(1);
    expect(await database.runs.get(first)).toMatchObject({ status: 'queued', error: undefined });
    // A pair too large for what room there is does not keep the others from it: it goes behind them.
    const attempts = async (id: string) => (await database.runs.get(id)).attempts;
    await queueRun('third');
    await expect.poll(() => attempts(second), { timeout: 30_000 }).toBe(1);
    expect(await attempts(first)).toBe(1);
    isFull = false;
    await queueRun('fourth');
    await ended(second).toBe('observations/unreadable');
    await ended(first).toBe('observations/unreadable');
    expect(waits).toHaveLength(1);
    expect(bugs).toEqual([]);
  });

  test('tells of a bug and goes on', async () => {
    let isFirst = true;
    const { bugs, queueRun, ended } = await openQueue({
      lineOptions: async () => {
        if (!isFirst) return { config: DEFAULT_LINE_CONFIG };
        isFirst = false;
        throw new TypeError('a slip');
      },
    });
    await ended(await queueRun('first')).toBe('internal/bug');
    await ended(await queueRun('second')).toBe('observations/unreadable');
    expect(bugs).toMatchObject([{ message: 'a slip' }]);
  });

  test('ends when it is closed, in the middle of its wait', async () => {
    const { worker } = await openQueue();
    const waited = new Promise((resolve) => setTimeout(resolve, 1900, 'waited'));
    // Its wait is of 2 s; however slow the machine, an end that waits for nothing comes before a timer.
    expect(await Promise.race([worker.close().then(() => 'closed'), waited])).toBe('closed');
  });
});
