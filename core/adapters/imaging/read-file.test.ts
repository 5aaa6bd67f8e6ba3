import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createFileReader } from './read-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'astrid-read-'));
const path = join(folder, 'plane');
writeFileSync(
  path,
  Uint8Array.from({ length: 100 }, (_, k) => k),
);

afterAll(() => rmSync(folder, { recursive: true }));

describe('a reader of files', () => {
  test('fills shared memory with a part of a file, again after it was closed', () => {
    const files = createFileReader();
    const into = new Uint8Array(new SharedArrayBuffer(8), 2, 4);
    files.read(path, 40, into);
    expect([...into]).toEqual([40, 41, 42, 43]);
    files.close();
    files.read(path, 96, into);
    expect([...into]).toEqual([96, 97, 98, 99]);
    files.close();
  });

  test('says which file is gone or too short', () => {
    const files = createFileReader();
    const into = new Uint8Array(4);
    expect(() => files.read(join(folder, 'none'), 0, into)).toThrow(
      expect.objectContaining({ code: 'storage/not-found' }),
    );
    expect(() => files.read(path, 97, into)).toThrow(expect.objectContaining({ code: 'storage/corrupted' }));
    files.close();
  });
});
