import { describe, expect, it } from 'vitest';
import {
  type CollectableBucket,
  collectPixels,
  type ReferenceLog,
  type StoredPixels,
} from './collect-pixels.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-03-01T00:00:00.000Z');
const PROJECT = 'winter';

function makeBucket(blobs: readonly (readonly [string, number])[], projects: readonly string[] = [PROJECT]) {
  const stored = new Map<string, StoredPixels>(
    blobs.map(([sha256, daysAgo]) => [
      sha256,
      { sha256, bytes: 10, storedAt: new Date(NOW.getTime() - daysAgo * DAY_MS) },
    ]),
  );
  const bucket: CollectableBucket = {
    listProjects: async () => projects,
    now: async () => NOW,
    list: async function* () {
      yield* [...stored.values()];
    },
    remove: async (sha256) => void stored.delete(sha256),
    abortUnfinished: async () => 2,
    listUnfinished: async function* () {
      yield { begunAt: new Date(0) };
      yield { begunAt: NOW };
    },
  };
  return { bucket, left: () => [...stored.keys()] };
}

/** A log to which a reference is added just before the log is held for the nth time. */
function makeLog(references: readonly string[], late: Readonly<Record<number, string>> = {}): ReferenceLog {
  const told = [...references];
  let holds = 0;
  return {
    readReferences: async (after, tell) => {
      for (const sha256 of told.slice(after)) tell(sha256);
      return told.length;
    },
    holdStill: (work) => {
      const next = late[holds++];
      if (next !== undefined) told.push(next);
      return work();
    },
  };
}

const options = { projectId: PROJECT, graceMs: 30 * DAY_MS, isDryRun: false };

describe('pixels that nobody refers to', () => {
  it('go when they are old enough, and nothing else does', async () => {
    const { bucket, left } = makeBucket([
      ['wanted', 300],
      ['old', 31],
      ['young', 29],
    ]);
    const report = await collectPixels(bucket, makeLog(['wanted']), options);
    expect(report).toEqual({ seen: 3, seenBytes: 30, removed: 1, removedBytes: 10, young: 1, aborted: 2 });
    expect(left()).toEqual(['wanted', 'young']);
  });

  it('stay in a dry run, which says the same', async () => {
    const { bucket, left } = makeBucket([['old', 31]]);
    const report = await collectPixels(bucket, makeLog([]), { ...options, isDryRun: true });
    expect(report).toMatchObject({ removed: 1, aborted: 1 });
    expect(left()).toEqual(['old']);
  });

  it('stay where somebody refers to them between the first look and the last', async () => {
    const { bucket, left } = makeBucket([
      ['a', 100],
      ['b', 100],
    ]);
    // Held first to ask who may collect, then for the batch.
    expect(await collectPixels(bucket, makeLog([], { 1: 'b' }), options)).toMatchObject({ removed: 1 });
    expect(left()).toEqual(['b']);
  });

  it('are not touched where another project keeps its own beside them, or without a grace', async () => {
    const { bucket, left } = makeBucket([['old', 31]], [PROJECT, 'summer']);
    await expect(collectPixels(bucket, makeLog([]), options)).rejects.toMatchObject({
      code: 'sync/bucket-shared',
    });
    const own = makeBucket([['old', 31]]);
    await expect(collectPixels(own.bucket, makeLog([]), { ...options, graceMs: 0 })).rejects.toMatchObject({
      code: 'sync/bad-grace',
    });
    expect(left()).toEqual(['old']);
  });
});
