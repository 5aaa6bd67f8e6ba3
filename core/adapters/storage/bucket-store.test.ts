import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type S3StandIn, startS3StandIn } from '../../../tests/services/s3-stand-in.ts';
import { makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { type BucketAddress, type BucketStore, openBucket } from './bucket-store.ts';
import { limitBandwidth } from './limit-bandwidth.ts';
import { partBytesFor } from './upload-parts.ts';

const KEYS = { accessKeyId: 'observatory', secretAccessKey: 'not-a-secret' };

async function start(
  random?: () => number,
): Promise<{ server: S3StandIn; bucket: BucketStore; address: BucketAddress; folder: string }> {
  const folder = makeTemporaryFolder();
  const server = await startS3StandIn({
    folder: join(folder, 's3'),
    bucket: 'sky',
    accessKeyId: 'observatory',
    random,
  });
  const address = { endpoint: server.endpoint, bucket: 'sky', prefix: 'team/', ...KEYS };
  const bucket = openBucket(address, random && { silenceMs: 2000 });
  onTestFinished(async () => {
    bucket.close();
    await server.close();
  });
  mkdirSync(join(folder, 'local'));
  return { server, bucket, address, folder };
}

function writeBlob(folder: string, bytes: Buffer): { readonly sha256: string; readonly path: string } {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const path = join(folder, 'local', sha256);
  writeFileSync(path, bytes);
  return { sha256, path };
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const MIB = 1024 * 1024;

describe('a bucket of blobs (a stand-in for R2, spoken to over HTTP)', () => {
  it('stores a blob once and gives it back', async () => {
    const { bucket, folder } = await start();
    const bytes = randomBytes(100_000);
    const { sha256, path } = writeBlob(folder, bytes);
    await bucket.examine();
    expect(await bucket.size(sha256)).toBeUndefined();
    expect(await bucket.upload(sha256, path)).toBe(true);
    expect(await bucket.upload(sha256, path)).toBe(false);
    expect(await bucket.size(sha256)).toBe(100_000);
    expect((await readAll(bucket.download(sha256))).equals(bytes)).toBe(true);
    const listed = [];
    for await (const blob of bucket.list()) listed.push(blob);
    expect(listed).toMatchObject([{ sha256, bytes: 100_000 }]);
    await bucket.remove(sha256);
    await expect(readAll(bucket.download(sha256))).rejects.toMatchObject({ code: 'storage/not-found' });
  });

  it('sends a large blob in equal parts, and goes on after it was cut off with those that are missing', async () => {
    const { server, bucket, folder } = await start();
    const bytes = randomBytes(35 * MIB + 12345);
    const { sha256, path } = writeBlob(folder, bytes);
    const stop = new AbortController();
    let sent = 0;
    const cut = bucket.upload(sha256, path, {
      signal: stop.signal,
      pace: async () => {
        if (++sent === 3) stop.abort();
      },
    });
    await expect(cut).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.unfinished()).toBe(1);
    expect(await bucket.size(sha256)).toBeUndefined();
    const again: number[] = [];
    const pace = async (part: number): Promise<void> => void again.push(part);
    expect(await bucket.upload(sha256, path, { pace })).toBe(true);
    // Two parts of 8 MiB had arrived; 8, 8 and the rest were sent now.
    expect(again).toEqual([8 * MIB, 8 * MIB, 3 * MIB + 12345]);
    expect(server.unfinished()).toBe(0);
    expect((await readAll(bucket.download(sha256))).equals(bytes)).toBe(true);
  });

  it('goes on with what was begun elsewhere, and leaves nothing of two who send the same at once', async () => {
    const { server, bucket, address, folder } = await start();
    const { sha256, path } = writeBlob(folder, randomBytes(20 * MIB));
    const other = openBucket(address);
    onTestFinished(() => other.close());
    const stop = new AbortController();
    const pace = async (): Promise<void> => stop.abort();
    await expect(other.upload(sha256, path, { signal: stop.signal, pace })).rejects.toThrow();
    expect(server.unfinished()).toBe(1);
    const sent = await Promise.all([bucket.upload(sha256, path), other.upload(sha256, path)]);
    expect(sent).toContain(true);
    expect(await bucket.size(sha256)).toBe(20 * MIB);
    expect(server.unfinished()).toBe(0);
  });

  it('brings everything over once through a server that fails one request in five', async () => {
    let state = 1;
    const random = (): number => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    const { server, bucket, folder } = await start(random);
    server.failShare = 0.2;
    const blobs = Array.from({ length: 25 }, (_, n) =>
      writeBlob(folder, Buffer.concat([Buffer.from(`blob ${n}`), randomBytes(n === 0 ? 20 * MIB : 2000)])),
    );
    for (const { sha256, path } of blobs) await bucket.upload(sha256, path);
    server.failShare = 0;
    const stored = [];
    for await (const { sha256 } of bucket.list()) stored.push(sha256);
    expect(stored.sort()).toEqual(blobs.map(({ sha256 }) => sha256).sort());
    // Also of an upload whose beginning was answered by nothing.
    expect(server.unfinished()).toBe(0);
    server.failShare = 0.2;
    for (const { sha256, path } of blobs)
      expect((await readAll(bucket.download(sha256))).equals(readFileSync(path))).toBe(true);
  }, 120_000);

  it('aborts what was begun before a moment and never completed', async () => {
    const { server, bucket, folder } = await start();
    const { sha256, path } = writeBlob(folder, randomBytes(20 * MIB));
    const stop = new AbortController();
    const pace = async (): Promise<void> => stop.abort();
    await expect(bucket.upload(sha256, path, { signal: stop.signal, pace })).rejects.toThrow();
    expect(await bucket.abortUnfinished(new Date(Date.now() - 60_000))).toBe(0);
    expect(server.unfinished()).toBe(1);
    expect(await bucket.abortUnfinished(new Date(Date.now() + 60_000))).toBe(1);
    expect(server.unfinished()).toBe(0);
  });

  it('notices bytes that are not what their address says, on both sides', async () => {
    const { server, bucket, folder } = await start();
    const { sha256, path } = writeBlob(folder, randomBytes(1000));
    writeFileSync(path, randomBytes(1000));
    await expect(bucket.upload(sha256, path)).rejects.toMatchObject({
      code: 'storage/corrupted',
    });
    const large = writeBlob(folder, randomBytes(9 * MIB));
    writeFileSync(large.path, randomBytes(9 * MIB));
    await expect(bucket.upload(large.sha256, large.path)).rejects.toMatchObject({
      code: 'storage/corrupted',
    });
    expect(server.unfinished()).toBe(0);
    const good = writeBlob(folder, randomBytes(1000));
    await bucket.upload(good.sha256, good.path);
    const key = encodeURIComponent(`team/blobs/sha256/${good.sha256.slice(0, 2)}/${good.sha256}`);
    writeFileSync(join(folder, 's3', 'objects', key), randomBytes(1000));
    await expect(readAll(bucket.download(good.sha256))).rejects.toMatchObject({ code: 'storage/corrupted' });
  });

  it('says what is wrong with a connection, without its secret', async () => {
    const { address } = await start();
    const fail = async (change: Partial<BucketAddress>): Promise<string> => {
      const bucket = openBucket({ ...address, ...change });
      try {
        await bucket.examine();
        return 'fine';
      } catch (error) {
        expect(JSON.stringify([error, String(error)])).not.toContain(KEYS.secretAccessKey);
        return (error as { code: string }).code;
      } finally {
        bucket.close();
      }
    };
    expect(await fail({})).toBe('fine');
    expect(await fail({ accessKeyId: 'stranger' })).toBe('storage/not-permitted');
    expect(await fail({ bucket: 'sea' })).toBe('storage/no-such-bucket');
    expect(await fail({ endpoint: 'http://127.0.0.1:9' })).toBe('storage/unreachable');
  }, 60_000);
});

it('sends parts of 8 MiB until there would be too many', () => {
  expect(partBytesFor(1)).toBe(8 * MIB);
  expect(partBytesFor(9500 * 8 * MIB)).toBe(8 * MIB);
  const huge = 200 * 1024 * 1024 * MIB;
  expect(partBytesFor(huge) % MIB).toBe(0);
  expect(Math.ceil(huge / partBytesFor(huge))).toBeLessThanOrEqual(9500);
});

it('holds transfers to a speed, all together', async () => {
  let now = 0;
  const pace = limitBandwidth(() => 1000, {
    nowMs: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  });
  for (let n = 0; n < 10; n++) await pace(500);
  // The tenth starts when nine were paid for.
  expect(now).toBe(4500);
});
