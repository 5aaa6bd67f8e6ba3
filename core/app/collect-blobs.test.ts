import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openTemporaryDatabase } from '../../tests/support/temporary-workspace.ts';
import { createFolderBlobStore } from '../adapters/storage/index.ts';
import { collectBlobs } from './collect-blobs.ts';

const OLD = new Date('2026-01-01T00:00:00.000Z');
const GRACE = { graceMs: 30 * 86_400_000, isDryRun: false };

it('of a workspace go the blobs that nothing refers to, of stages that were done again too', async () => {
  const database = await openTemporaryDatabase();
  const folder = await createFolderBlobStore(join(database.folder, 'blobs'));
  const put = (text: string): Promise<string> => folder.put(new TextEncoder().encode(text));
  await database.runs.create({
    sciencePath: '/a.fits',
    templatePath: '/b.fits',
    options: { allowBandMismatch: false },
  });
  const { runId, lease } = (await database.queue.claim({ worker: 'test', leaseMs: 60_000 }))!;
  const finish = async (configHash: string, artefact: string, plane?: string): Promise<void> => {
    const { id } = await database.stageRuns.start(
      { runId, stage: 'difference', codeVersion: '1', configHash, inputHash: 'i' },
      lease,
    );
    await database.stageRuns.finish({
      stageRunId: id,
      lease,
      seconds: 1,
      metrics: {},
      output: { artefact },
      planes: plane
        ? [{ kind: 'difference', sha256: plane, width: 1, height: 1, dtype: 'float32', unit: 'e-' }]
        : [],
    });
  };
  const array = await put('pixels of the first');
  const first = await put(JSON.stringify({ data: { $array: 'float32', sha256: array } }));
  const array2 = await put('pixels of the second');
  const second = await put(JSON.stringify({ data: { $array: 'float32', sha256: array2 } }));
  const plane = await put('a plane');
  const orphan = await put('of a stage that was cut off');
  const young = await put('of a stage that runs now');
  await finish('first', first);
  await finish('second', second, plane);
  const again = await put('once an orphan, and stored again just now');
  for (const sha256 of [array, first, array2, second, plane, orphan, again])
    utimesSync(folder.path(sha256), OLD, OLD);
  expect(await put('once an orphan, and stored again just now')).toBe(again);

  // While the run is not done, what its stages made first may still be asked for.
  expect(await collectBlobs(database, folder, { ...GRACE, isDryRun: true })).toMatchObject({
    seen: 8,
    removed: 1,
    young: 2,
  });
  await database.runs.finish(runId, lease);
  expect(await collectBlobs(database, folder, GRACE)).toMatchObject({ seen: 8, removed: 3, young: 2 });
  for (const sha256 of [array2, second, plane, young, again]) expect(await folder.has(sha256)).toBe(true);
  for (const sha256 of [array, first, orphan]) expect(await folder.has(sha256)).toBe(false);
  expect(readdirSync(join(database.folder, 'blobs', 'temporary'))).toEqual([]);
});

it('a blob that is stored again while it is taken away is there afterwards, every time', async () => {
  const database = await openTemporaryDatabase();
  const folder = await createFolderBlobStore(join(database.folder, 'blobs'));
  const bytes = new TextEncoder().encode('wanted after all');
  for (let round = 0; round < 60; round++) {
    const sha256 = await folder.put(bytes);
    utimesSync(folder.path(sha256), OLD, OLD);
    await Promise.all([
      folder.put(bytes),
      round % 3 === 0 ? undefined : Promise.resolve(),
      folder.discard(sha256, new Date(Date.now() - 86_400_000)),
    ]);
    expect(await folder.has(sha256)).toBe(true);
  }
});
