import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startS3StandIn } from '../../tests/services/s3-stand-in.ts';
import { openWorkstation } from '../../tests/support/open-workstation.ts';
import { createFolderBlobStore, openBucket } from '../adapters/storage/index.ts';
import { createBucketDesk } from './bucket-desk.ts';

test.each([
  ['once more while the bucket was asked for it stays', true],
  ['before does not', false],
])('of what is to make room, what the line made %s', async (_name, isMadeAgain) => {
  const { database, seed, folder } = await openWorkstation();
  const { sha256, bytes } = seed.plane;
  const server = await startS3StandIn({ folder: join(folder, 's3'), bucket: 'sky', accessKeyId: 'key' });
  onTestFinished(() => server.close());
  const bucket = {
    endpoint: server.endpoint,
    bucket: 'sky',
    accessKeyId: 'key',
    secretAccessKey: 'not told',
  };
  const store = openBucket(bucket);
  await store.upload(sha256, bytes);
  store.close();
  await database.blobLedger.mirrorRun(seed.doneRunId);
  await database.blobLedger.noteMirrored([sha256]);
  await database.blobLedger.noteUsed(new Map([[sha256, '2026-01-01T00:00:00.000Z']]));
  await database.settings.set('settings.mirror', { localMiB: 0 });

  const blobs = await createFolderBlobStore(join(folder, 'blobs'));
  const makeAgain = async (): Promise<unknown> => isMadeAgain && blobs.put(bytes);
  const desk = createBucketDesk({
    database,
    // The last moment at which a stage may do so.
    folder: {
      ...blobs,
      remove: async (...asked) => makeAgain().then(() => blobs.remove(...asked)),
      discard: async (...asked) => makeAgain().then(() => blobs.discard(...asked)),
    },
    connected: async () => bucket,
  });
  onTestFinished(() => desk.close());
  const { evicted } = await desk.exchange('0195b000-0000-7000-8000-0000000000aa', bucket, {
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  expect(evicted).toBe(isMadeAgain ? 0 : 1);
  expect(await blobs.has(sha256)).toBe(isMadeAgain);
});
