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
  startQueueWorker,
  type WorkOptions,
} from './index.ts';

/** A worker over a real queue, of pairs whose files are not there: each run ends at once. */
async function openQueue(
  changes: {
    readonly queue?: (queue: RunQueue) => Partial<RunQueue>;
    readonly lineOptions?: (claim: RunClaim) => Promise<Omit<WorkOptions, 'signal'>>;
  } = {},
) {
  const database = await openTemporaryDatabase();
  const blobs = await createFolderBlobStore(join(database.folder, 'blobs'));
  const bugs: unknown[] = [];
  const worker = startQueueWorker(
    {
      ...database,
      queue: { ...database.queue, ...changes.queue?.(database.queue) },
      blobs,
      ports: createStagePorts(createInlineRunner()),
      clock: () => 0,
    },
    {
      worker: 'test',
      lineOptions: changes.lineOptions ?? (async () => ({ config: DEFAULT_LINE_CONFIG })),
      onBug: (error) => bugs.push(error),
    },
  );
  onTestFinished(() => worker.close());
  const queueRun = async (name: string): Promise<string> => {
    const pair = { sciencePath: `/none/${name}.fits`, templatePath: '/none/template.fits' };
    return (await database.runs.create({ ...pair, options: { allowBandMismatch: false } })).id;
  };
  const ended = (id: string) =>
    expect.poll(async () => (await database.runs.get(id)).error?.code, { timeout: 8000 });
  return { database, worker, bugs, queueRun, ended };
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
          if (runId === first) throw new AstridError('storage/disk-full', 'No room for its files.', {});
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          isStopped = true;
          throw new AstridError('internal/stopped', 'Stopped on request.');
        },
      }),
    });
    const first = await queueRun('first');
    await ended(first).toBe('storage/disk-full');
    const second = await queueRun('second');
    await expect
      .poll(async () => (await database.runs.get(second)).status, { timeout: 8000 })
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
    const from = performance.now();
    await worker.close();
    expect(performance.now() - from).toBeLessThan(1000);
  });
});
