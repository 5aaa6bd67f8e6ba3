import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { makeTemporaryFolder } from '../../tests/support/temporary-workspace.ts';
import { saveBlob } from './save-blob.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  return { ...real, link: vi.fn(real.link) };
});

const BYTES = Buffer.alloc(3_000_000, 7);
const blob = { sha256: 'a'.repeat(64), bytes: BYTES.length };
const { signal } = new AbortController();

/** Blobs that come in three pieces; `between` happens before the last of them. */
const blobsWith = (between: () => unknown) => ({
  bring: vi.fn(async () => undefined),
  async *openRange(): AsyncGenerator<Uint8Array> {
    yield BYTES.subarray(0, 1_000_000);
    yield BYTES.subarray(1_000_000, 2_000_000);
    await between();
    yield BYTES.subarray(2_000_000);
  },
});

describe('a raw file that is saved', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = makeTemporaryFolder();
    path = join(folder, 'night.fits');
  });

  test('has its name only when it is whole', async () => {
    let names: string[] = [];
    const look = () => {
      names = readdirSync(folder);
    };
    await saveBlob(blobsWith(look), blob, path, signal);
    expect(names).toEqual([expect.stringMatching(/^\..*\.part$/)]);
    expect(readdirSync(folder)).toEqual(['night.fits']);
    expect(readFileSync(path).equals(BYTES)).toBe(true);
  });

  test('may have the longest name there is', async () => {
    const name = 'n'.repeat(255);
    await saveBlob(
      blobsWith(() => undefined),
      blob,
      join(folder, name),
      signal,
    );
    expect(readdirSync(folder)).toEqual([name]);
  });

  test('leaves nothing when the disk is full, or when it is stopped', async () => {
    const full = () => Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }));
    await expect(saveBlob(blobsWith(full), blob, path, signal)).rejects.toMatchObject({
      code: 'storage/disk-full',
    });
    expect(readdirSync(folder)).toEqual([]);
    const stop = new AbortController();
    await expect(
      saveBlob(
        blobsWith(() => stop.abort()),
        blob,
        path,
        stop.signal,
      ),
    ).rejects.toMatchObject({ code: 'internal/stopped' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('never takes the place of another, also one that came meanwhile or where files have one name only', async () => {
    writeFileSync(path, 'mine');
    const blobs = blobsWith(() => undefined);
    await expect(saveBlob(blobs, blob, path, signal)).rejects.toMatchObject({ code: 'storage/exists' });
    expect(blobs.bring).not.toHaveBeenCalled();
    const other = join(folder, 'other.fits');
    const came = blobsWith(() => writeFileSync(other, 'came meanwhile'));
    await expect(saveBlob(came, blob, other, signal)).rejects.toMatchObject({ code: 'storage/exists' });
    vi.mocked(link).mockRejectedValue(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
    const third = join(folder, 'third.fits');
    const late = blobsWith(() => writeFileSync(third, 'came late'));
    await expect(saveBlob(late, blob, third, signal)).rejects.toMatchObject({ code: 'storage/exists' });
    await saveBlob(blobs, blob, join(folder, 'last.fits'), signal);
    vi.mocked(link).mockReset();
    expect(readFileSync(path, 'utf8') + readFileSync(other, 'utf8') + readFileSync(third, 'utf8')).toBe(
      'minecame meanwhilecame late',
    );
    expect(readFileSync(join(folder, 'last.fits')).equals(BYTES)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
