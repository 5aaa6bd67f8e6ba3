import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canMount, mountSmallDisk } from '../../../tests/support/small-disk.ts';
import { makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { chainReaders } from './chain-readers.ts';
import { createFolderBlobStore, joinFolderBlobStore } from './folder-blob-store.ts';

const bytes = new Uint8Array(3_000_000).map((_, n) => n % 251);
const address = createHash('sha256').update(bytes).digest('hex');

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

describe('blobs in a folder', () => {
  test('come back as they were put, on memory that threads can share', async () => {
    const store = await createFolderBlobStore(join(makeTemporaryFolder(), 'blobs'));
    expect(await store.has(address)).toBe(false);
    expect(await store.size(address)).toBeUndefined();
    expect(await store.put(bytes)).toBe(address);
    expect(await store.has(address)).toBe(true);
    expect(await store.size(address)).toBe(bytes.length);
    const found = await store.get(address);
    expect(found.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(found.byteOffset).toBe(0);
    expect(Buffer.from(found.buffer).equals(bytes)).toBe(true);
  });

  test('may come from shared memory and may be empty', async () => {
    const store = await createFolderBlobStore(makeTemporaryFolder());
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    expect(await store.put(shared)).toBe(address);
    const nothing = await store.put(new Uint8Array());
    expect(await store.get(nothing)).toHaveLength(0);
  });

  test('put twice or at once are one file', async () => {
    const folder = makeTemporaryFolder();
    const store = await createFolderBlobStore(folder);
    await Promise.all([store.put(bytes), store.put(bytes), store.put(bytes)]);
    await store.put(bytes);
    expect(readdirSync(join(folder, address.slice(0, 2)))).toEqual([address]);
    expect(readdirSync(join(folder, 'temporary'))).toEqual([]);
  });

  test('are read by range, a whole one in several chunks', async () => {
    const store = await createFolderBlobStore(makeTemporaryFolder());
    await store.put(bytes);
    expect(await readAll(store.openRange(address, 1_000_001, 2_500_000))).toEqual(
      Buffer.from(bytes.subarray(1_000_001, 2_500_000)),
    );
    expect((await readAll(store.openRange(address, 0, bytes.length))).equals(bytes)).toBe(true);
    // Past the end there is nothing more.
    expect(await readAll(store.openRange(address, bytes.length - 2, bytes.length + 5))).toHaveLength(2);
  });

  test('that are not there, or whose address is none, are an expected failure', async () => {
    const store = await createFolderBlobStore(makeTemporaryFolder());
    for (const missing of [address, '../../etc/passwd', '', 'G'.repeat(64)]) {
      await expect(store.get(missing)).rejects.toMatchObject({ code: 'storage/not-found' });
      await expect(readAll(store.openRange(missing, 0, 1))).rejects.toMatchObject({
        code: 'storage/not-found',
      });
      expect(await store.size(missing)).toBeUndefined();
    }
  });

  test('that the disk damaged are not passed on, and are whole once they are put again', async () => {
    const folder = makeTemporaryFolder();
    const store = await createFolderBlobStore(folder);
    await store.put(bytes);
    const damaged = bytes.slice();
    damaged[1234] = 255;
    writeFileSync(store.path(address), damaged);
    await expect(store.get(address)).rejects.toMatchObject({ code: 'storage/corrupted' });
    expect(await store.has(address)).toBe(false);
    await store.put(bytes);
    expect(await store.get(address)).toHaveLength(bytes.length);
    // What was put aside goes at the next start.
    await createFolderBlobStore(folder);
    expect(readdirSync(join(folder, 'temporary'))).toEqual([]);
  });

  test('that were cut short are put again whole', async () => {
    const store = await createFolderBlobStore(makeTemporaryFolder());
    await store.put(bytes);
    truncateSync(store.path(address), 100);
    await expect(store.get(address)).rejects.toMatchObject({ code: 'storage/corrupted' });
    await store.put(bytes);
    expect(await store.get(address)).toHaveLength(bytes.length);
  });

  test('drafts of a dead process are cleared away', async () => {
    const folder = makeTemporaryFolder();
    mkdirSync(join(folder, 'temporary'));
    writeFileSync(join(folder, 'temporary', 'half-written'), 'half');
    await createFolderBlobStore(folder);
    expect(readdirSync(join(folder, 'temporary'))).toEqual([]);
  });

  test('who joins leaves drafts alone, and reads and stores as the first', async () => {
    const folder = makeTemporaryFolder();
    const first = await createFolderBlobStore(folder);
    writeFileSync(join(folder, 'temporary', 'underway'), 'half');
    const second = joinFolderBlobStore(folder);
    expect(readdirSync(join(folder, 'temporary'))).toEqual(['underway']);
    expect(await first.get(await second.put(bytes))).toHaveLength(bytes.length);
  });

  test('blobs that are stored together all arrive, also beside those that cannot be written', async () => {
    const folder = makeTemporaryFolder();
    const store = await createFolderBlobStore(folder);
    const pieces = Array.from({ length: 12 }, (_, i) => bytes.subarray(i, i + 100));
    // A file where the folder of the first would be.
    const lost = await store.put(pieces[0]!);
    rmSync(join(folder, lost.slice(0, 2)), { recursive: true });
    writeFileSync(join(folder, lost.slice(0, 2)), '');
    const stored = await Promise.allSettled(
      [...pieces, ...pieces.slice(0, 4)].map((piece) => store.put(piece)),
    );
    const failed = stored.filter(({ status }) => status === 'rejected');
    expect(failed.length).toBeGreaterThanOrEqual(2);
    for (const one of stored) if (one.status === 'fulfilled') expect(await store.has(one.value)).toBe(true);
    expect(stored.length - failed.length).toBeGreaterThan(8);
  });

  test('a folder that cannot be made is an expected failure', async () => {
    const file = join(makeTemporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(createFolderBlobStore(join(file, 'blobs'))).rejects.toMatchObject({
      code: 'storage/unwritable',
    });
  });
});

describe.skipIf(!canMount())('a full disk (needs the right to mount a small one)', () => {
  test('is an expected failure that leaves nothing behind', async () => {
    const folder = mountSmallDisk('2m');
    const store = await createFolderBlobStore(join(folder, 'blobs'));
    await expect(store.put(bytes)).rejects.toMatchObject({ code: 'storage/disk-full' });
    expect(readdirSync(join(folder, 'blobs', 'temporary'))).toEqual([]);
    expect(await store.has(address)).toBe(false);
    const small = await store.put(bytes.subarray(0, 1000));
    expect(await store.get(small)).toHaveLength(1000);
  });
});

test('a chain of readers asks the first that has the blob', async () => {
  const first = await createFolderBlobStore(makeTemporaryFolder());
  const second = await createFolderBlobStore(makeTemporaryFolder());
  const one = await first.put(bytes.subarray(0, 10));
  const two = await second.put(bytes.subarray(0, 20));
  const both = chainReaders(first, second);
  expect(await both.size(one)).toBe(10);
  expect(await both.size(two)).toBe(20);
  expect(await both.get(two)).toHaveLength(20);
  expect(await readAll(both.openRange(two, 5, 8))).toEqual(Buffer.from([5, 6, 7]));
  expect(await both.size(address)).toBeUndefined();
  await expect(both.get(address)).rejects.toMatchObject({ code: 'storage/not-found' });
});
