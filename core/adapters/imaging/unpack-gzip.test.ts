import { readFileSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { unpackGzip } from './unpack-gzip.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  return { ...real, statfs: vi.fn(real.statfs) };
});

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
