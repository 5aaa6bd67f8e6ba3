import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { type DataFile, readDataProject, writeDataProject } from './data-project.ts';
import { formatFolder } from './format-folder.ts';

async function* give(files: readonly DataFile[]): AsyncGenerator<DataFile, void> {
  yield* files;
}
const file = (relpath: string, text: string): DataFile => ({ relpath, bytes: Buffer.from(text) });
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

async function readAll(path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { relpath, bytes } of readDataProject(path))
    found[relpath] = Buffer.from(bytes).toString('utf8');
  return found;
}

describe('a data set as DVC 3 lays it out', () => {
  it('has the listing of the documented example, byte for byte', () => {
    // dvc.org, user guide, internal files: a folder of two files.
    const listing = formatFolder([
      { md5: 'de7371b0119f4f75f9de703c7c3bac16', relpath: 'cat.jpeg' },
      { md5: '402e97968614f583ece3b35555971f64', relpath: 'index.jpeg' },
    ]);
    expect(md5(listing)).toBe('6fdb5336fce0dbfd669f83065f107551');
  });

  it('lists names in the order and with the escapes of Python', () => {
    const names = ['b', 'a/é', 'a\u{1d4d0}', 'a\uffee', 'a"\\\n\u0001\u007f'];
    const listing = formatFolder(names.map((relpath) => ({ md5: '0', relpath })));
    // python3 -c 'import json; print(json.dumps(sorted([...], key=lambda e: e["relpath"]), sort_keys=True))'
    expect(listing).toBe(
      String.raw`[{"md5": "0", "relpath": "a\"\\\n\u0001` +
        '\u007f' +
        String.raw`"}, {"md5": "0", "relpath": "a/\u00e9"}, {"md5": "0", "relpath": "a\uffee"}, {"md5": "0", "relpath": "a\ud835\udcd0"}, {"md5": "0", "relpath": "b"}]`,
    );
  });

  it('is the same whatever the order, and is read back checked', async () => {
    const folder = makeTemporaryFolder();
    const files = [file('triplets/b.npy', 'bee'), file('a.csv', 'id\n'), file('triplets/a.npy', 'bee')];
    const written = await writeDataProject(folder, 'dataset', give(files));
    expect(written).toMatchObject({ files: 3, bytes: 9 });
    expect(readFileSync(join(folder, 'dataset.dvc'), 'utf8')).toBe(
      `outs:\n- md5: ${written.md5}\n  size: 9\n  nfiles: 3\n  hash: md5\n  path: dataset\n`,
    );
    const cache = join(folder, '.dvc', 'cache', 'files', 'md5');
    const bee = join(cache, md5('bee').slice(0, 2), md5('bee').slice(2));
    expect(readFileSync(bee, 'utf8')).toBe('bee');
    expect(statSync(bee).mode & 0o222).toBe(0);
    expect(existsSync(join(cache, written.md5.slice(0, 2), written.md5.slice(2)))).toBe(true);
    expect(await writeDataProject(folder, 'dataset', give([...files].reverse()))).toEqual(written);
    expect(await readAll(join(folder, 'dataset.dvc'))).toEqual({
      'a.csv': 'id\n',
      'triplets/a.npy': 'bee',
      'triplets/b.npy': 'bee',
    });

    chmodSync(bee, 0o644);
    writeFileSync(bee, 'wasp');
    await expect(readAll(join(folder, 'dataset.dvc'))).rejects.toMatchObject({ code: 'storage/corrupted' });
  });

  it('mends what was damaged in the cache, also where its size is as it was', async () => {
    const folder = makeTemporaryFolder();
    const bee = join(folder, '.dvc/cache/files/md5', md5('bee').slice(0, 2), md5('bee').slice(2));
    await writeDataProject(folder, 'dataset', give([file('b', 'bee')]));
    chmodSync(bee, 0o644);
    writeFileSync(bee, 'ant');
    await writeDataProject(folder, 'dataset', give([file('b', 'bee')]));
    expect(await readAll(join(folder, 'dataset.dvc'))).toEqual({ b: 'bee' });
  });

  it('says what is none, and leaves the folder alone that a listing points out of', async () => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'old.dvc'), 'outs:\n- md5: 22a1a2931c8370d3aeedd7183606fd7f.dir\n  path: x\n');
    await expect(readAll(join(folder, 'old.dvc'))).rejects.toMatchObject({ code: 'storage/not-dvc' });
    await expect(readAll(join(folder, 'none.dvc'))).rejects.toMatchObject({ code: 'storage/not-found' });
    const { md5: address } = await writeDataProject(folder, 'evil', give([file('../../x', 'y')]));
    expect(address).toMatch(/\.dir$/);
    await expect(readAll(join(folder, 'evil.dvc'))).rejects.toMatchObject({ code: 'storage/not-dvc' });
  });
});
