import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { createFolderBlobStore } from './folder-blob-store.ts';
import { createLazyBlobs } from './lazy-blobs.ts';

const BYTES = randomBytes(5 << 20);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const PIECE = 1 << 20;

async function start(given: Uint8Array = BYTES) {
  const folder = makeTemporaryFolder();
  const store = await createFolderBlobStore(folder);
  const arrived: string[] = [];
  let fetched = 0;
  let release: (() => void) | undefined;
  const hold = new Promise<void>((done) => {
    release = done;
  });
  const blobs = createLazyBlobs(store, {
    size: async (sha256) => (sha256 === SHA256 ? BYTES.length : undefined),
    fetch: async function* () {
      fetched++;
      for (let at = 0; at < given.length; at += PIECE) {
        // All but the first two pieces come when the test says so.
        if (at === 2 * PIECE) await hold;
        yield given.subarray(at, at + PIECE);
      }
    },
    noteArrived: async (sha256) => void arrived.push(sha256),
    noteUsed: () => undefined,
  });
  return { blobs, store, folder, arrived, release: release!, fetched: () => fetched };
}

async function readAll(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

describe('blobs that lie elsewhere', () => {
  it('are given as far as they have come, and fetched once for all who look', async () => {
    const { blobs, arrived, release, fetched } = await start();
    const reading = blobs.openRange(SHA256, 0, BYTES.length)[Symbol.asyncIterator]();
    const first = await reading.next();
    expect(first.done).toBe(false);
    expect(await blobs.isHere(SHA256)).toBe(false);
    expect(blobs.arrivals()).toMatchObject([{ sha256: SHA256, bytes: BYTES.length }]);
    const whole = blobs.get(SHA256);
    const middle = readAll(blobs.openRange(SHA256, 3 * PIECE + 7, 4 * PIECE));
    release();
    const rest = await readAll({ [Symbol.asyncIterator]: () => reading });
    expect(Buffer.concat([first.value!, rest]).equals(BYTES)).toBe(true);
    expect(Buffer.from(await whole).equals(BYTES)).toBe(true);
    expect((await middle).equals(BYTES.subarray(3 * PIECE + 7, 4 * PIECE))).toBe(true);
    expect(fetched()).toBe(1);
    expect(arrived).toEqual([SHA256]);
    expect(blobs.arrivals()).toEqual([]);
  });

  it('are nowhere under their name when what came is something else', async () => {
    const wrong = Buffer.from(BYTES);
    wrong[4 << 20] = wrong[4 << 20]! ^ 1;
    const { blobs, folder, release } = await start(wrong);
    release();
    await expect(readAll(blobs.openRange(SHA256, 0, BYTES.length))).rejects.toMatchObject({
      code: 'storage/corrupted',
    });
    expect(await blobs.isHere(SHA256)).toBe(false);
    expect(readdirSync(join(folder, 'temporary'))).toEqual([]);
  });

  it('that nobody knows of are not here', async () => {
    const { blobs, fetched } = await start();
    await expect(blobs.get('0'.repeat(64))).rejects.toMatchObject({ code: 'storage/not-found' });
    expect(fetched()).toBe(0);
  });
});
