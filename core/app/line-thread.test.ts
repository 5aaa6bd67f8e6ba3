import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import {
  makeId,
  makeTemporaryFolder,
  openTemporaryDatabase,
} from '../../tests/support/temporary-workspace.ts';
import { createFolderBlobStore } from '../adapters/storage/index.ts';
import type { EventKind, Progress } from '../pipeline/index.ts';
import { createInlineRunner } from '../utils/index.ts';
import { startLineThread } from './line-thread.ts';
import { pathsOfCheckout } from './paths.ts';
import { writeSimulatedField } from './write-simulated-field.ts';

/** Threads start one after the other, each with its part of the program: seconds, but not on a busy machine. */
const SLOW_MS = 240_000;
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** A workspace and the thread of its line; its model calls everything half real. */
async function openLine(queued: readonly string[] = []) {
  const database = await openTemporaryDatabase();
  await createFolderBlobStore(join(database.folder, 'blobs'));
  const progress: Progress[] = [];
  const asked = { settled: 0, scored: 0 };
  for (const id of queued) await database.runs.create(pairAt('/nowhere', id));
  const line = await startLineThread(
    {
      workspaceDir: database.folder,
      paths: pathsOfCheckout(CHECKOUT),
      worker: 'test',
      logLevel: 'silent',
    },
    {
      database,
      held: {
        settle: async () => void asked.settled++,
        scorer: {
          modelVersion: 'half-1',
          threshold: 0.4,
          score: async (detections) => {
            asked.scored += detections.length;
            return {
              scores: detections.map(() => 0.5),
              modelVersion: 'half-1',
              executionProvider: 'cpu',
            };
          },
        },
      },
      onProgress: (news) => progress.push(news),
    },
  );
  // The database is closed after the thread: what was registered last is done first.
  onTestFinished(() => line.close());
  /** Wait for one of some events of a run to be in the log, as a client of the event stream does. */
  const heard = (runId: string, ...kinds: readonly EventKind[]): Promise<void> =>
    new Promise((resolve) => {
      const look = async (): Promise<void> => {
        const events = await database.events.read({ afterId: 0, limit: 1000, runId });
        if (!events.some(({ kind }) => kinds.includes(kind))) return;
        stop();
        resolve();
      };
      const stop = database.events.subscribe(() => void look());
      void look();
    });
  return { database, line, progress, asked, heard };
}

const pairAt = (folder: string, id?: string) => ({
  id,
  sciencePath: join(folder, 'science.fits'),
  templatePath: join(folder, 'template.fits'),
  options: { allowBandMismatch: false },
});

test(
  'a run that is queued is processed, and the host hears of it, scores it and sees its candidates',
  async () => {
    const folder = makeTemporaryFolder();
    await writeSimulatedField(folder, { sizePx: 256, transients: 5, seed: 7 }, createInlineRunner());
    const { database, line, progress, asked, heard } = await openLine();
    expect(line.state()).toBeUndefined();
    const { id } = await database.runs.create(pairAt(folder));
    await heard(id, 'run.finished', 'run.failed');
    expect(await database.runs.get(id)).toMatchObject({ status: 'done', error: undefined });
    const { items } = await database.detections.list({ runId: id, vetoed: false, order: 'rank', limit: 10 });
    expect(items.length).toBeGreaterThan(0);
    expect(items[0]).toMatchObject({ score: 0.5, modelVersion: 'half-1' });
    expect(asked.settled).toBe(1);
    expect(asked.scored).toBeGreaterThanOrEqual(items.length);
    expect(new Set(progress.map(({ runId }) => runId))).toEqual(new Set([id]));
    expect(progress.map(({ stage }) => stage)).toContain('difference');
  },
  SLOW_MS,
);

test(
  'a run that waited before is taken up, fails with its reason, and the next one follows',
  async () => {
    const { database, heard } = await openLine([makeId(1), makeId(2)]);
    await heard(makeId(1), 'run.failed');
    await heard(makeId(2), 'run.failed');
    expect((await database.runs.get(makeId(2))).error?.code).toBe('observations/unreadable');
  },
  SLOW_MS,
);

test(
  'closing puts the run that is underway back into the queue',
  async () => {
    const folder = makeTemporaryFolder();
    // Its run takes seconds: it is not over before a host that is held up hears that it began.
    await writeSimulatedField(folder, { sizePx: 1024, seed: 7 }, createInlineRunner());
    const { database, line, heard } = await openLine();
    const { id } = await database.runs.create(pairAt(folder));
    await heard(id, 'stage.started');
    await line.close();
    expect((await database.runs.get(id)).status).toBe('queued');
    rmSync(folder, { recursive: true });
  },
  SLOW_MS,
);
