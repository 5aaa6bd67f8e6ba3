import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, statfs, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { ImageFiles } from './image-files.ts';
import { writeFitsBytes } from './index.ts';
import { unpackGzip } from './unpack-gzip.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  return { ...real, statfs: vi.fn(real.statfs), readdir: vi.fn(real.readdir) };
});

beforeEach(() => void vi.mocked(statfs).mockClear());

/** Let the disk tell how much room it has only when it is told to: unpackings wait so long. */
async function holdDisk(folder: string): Promise<() => void> {
  const answer = await statfs(folder);
  let letGo = (): void => undefined;
  const held = new Promise<typeof answer>((resolve) => {
    letGo = () => resolve(answer);
  });
  const whole = vi.mocked(statfs).getMockImplementation();
  vi.mocked(statfs).mockClear();
  vi.mocked(statfs).mockImplementation(() => held);
  onTestFinished(() => {
    letGo();
    vi.mocked(statfs).mockImplementation(whole!);
  });
  return letGo;
}

function openFiles(folder: string): ImageFiles {
  const files = new ImageFiles(join(folder, 'cache'));
  onTestFinished(() => files.close());
  return files;
}

const fitsOf = (...pixels: number[]): Uint8Array =>
  writeFitsBytes([{ kind: 'image', shape: [1, pixels.length], data: Float32Array.from(pixels) }]);
const WHOLE = { hdu: 0, slice: 0, stepX: 1, stepY: 1, reduce: 'nearest' } as const;

test('nothing of a file is lost while the disk is slow to tell how much room it has', async () => {
  const folder = makeTemporaryFolder();
  const path = join(folder, 'night.fits.gz');
  const bytes = Buffer.from(Uint8Array.from({ length: 50_000 }, (_, i) => i % 251));
  const packed = gzipSync(bytes);
  writeFileSync(path, packed);
  // The real answer, as late as a network's folder gives it.
  const answer = await statfs(folder);
  vi.mocked(statfs).mockImplementationOnce(async () => {
    await sleep(100);
    return answer;
  });
  const { signal } = new AbortController();
  const unpacking = unpackGzip(path, 'one', packed.length, join(folder, 'cache'), signal, 2 ** 20);
  expect(readFileSync(await unpacking.file)).toEqual(bytes);
  expect(unpacking.doneBytes).toBe(packed.length);
});

test('a file that is asked for again after many others is unpacked on, not anew, and shows how far it is', async () => {
  const folder = makeTemporaryFolder();
  const files = openFiles(folder);
  const path = join(folder, 'night.fits.gz');
  writeFileSync(path, gzipSync(fitsOf(1, 2, 3)));
  const letGo = await holdDisk(folder);
  expect((await files.open(path)).unpacking).toMatchObject({ doneBytes: 0 });
  for (let n = 0; n < 7; n++) {
    writeFileSync(join(folder, `${n}.fits`), fitsOf(n));
    await files.open(join(folder, `${n}.fits`));
  }
  expect((await files.open(path)).unpacking).toMatchObject({ doneBytes: 0 });
  expect(statfs).toHaveBeenCalledTimes(1);
  letGo();
  expect([...(await files.readPixels(path, WHOLE)).data]).toEqual([1, 2, 3]);
});

test('two programs may unpack one file into one folder at once', async () => {
  const folder = makeTemporaryFolder();
  const path = join(folder, 'night.fits.gz');
  writeFileSync(path, gzipSync(fitsOf(1, 2, 3)));
  const letGo = await holdDisk(folder);
  const reading = [openFiles(folder), openFiles(folder)].map((files) => files.readPixels(path, WHOLE));
  await expect.poll(() => vi.mocked(statfs).mock.calls.length).toBe(2);
  letGo();
  for (const { data } of await Promise.all(reading)) expect([...data]).toEqual([1, 2, 3]);
  expect(readdirSync(join(folder, 'cache'))).toEqual([expect.stringMatching(/\.fits$/)]);
});

test('a file that is written anew is not waited for as it was, and who waits is told', async () => {
  const folder = makeTemporaryFolder();
  const files = openFiles(folder);
  const path = join(folder, 'night.fits.gz');
  writeFileSync(path, gzipSync(fitsOf(1, 2, 3)));
  const letGo = await holdDisk(folder);
  const old = files.readPixels(path, WHOLE);
  const told = expect(old).rejects.toMatchObject({ code: 'observations/file-changed' });
  await expect.poll(() => vi.mocked(statfs).mock.calls.length).toBe(1);
  writeFileSync(path, gzipSync(fitsOf(4, 5)));
  await utimes(path, 1, 2);
  const { unpacking, revision } = await files.open(path);
  expect(unpacking).toBeDefined();
  letGo();
  await told;
  expect([...(await files.readPixels(path, { ...WHOLE, revision })).data]).toEqual([4, 5]);
});

test('a draft that gets its name while old files are counted is no failure', async () => {
  const folder = makeTemporaryFolder();
  const path = join(folder, 'night.fits.gz');
  writeFileSync(path, gzipSync(fitsOf(1, 2, 3)));
  vi.mocked(readdir).mockImplementationOnce((async () => ['renamed-meanwhile.draft']) as never);
  expect([...(await openFiles(folder).readPixels(path, WHOLE)).data]).toEqual([1, 2, 3]);
  expect(readdir).toHaveBeenCalledWith(join(folder, 'cache'));
});
