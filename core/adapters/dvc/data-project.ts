import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AstridError } from '../../utils/errors.ts';
import { formatFolder, type TrackedFile } from './format-folder.ts';

/** A file of a data set. */
export interface DataFile {
  /** Path in the data set, with `/`. */
  readonly relpath: string;
  readonly bytes: Uint8Array;
}

/** A data set that was written. */
export interface WrittenData {
  /** MD5 of its listing with `.dir`: the same files have the same. */
  readonly md5: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Write a data set as a project of DVC 3: its files in the cache under their MD5, and `NAME.dvc`, which names them.
 *
 * `dvc checkout` lays the files out, `dvc push` sends them to a remote. What is in the cache is not written again, so
 * that the next version of a data set costs what is new; nothing of it is ever changed. `NAME.dvc` is written last.
 */
export async function writeDataProject(
  folder: string,
  name: string,
  files: AsyncIterable<DataFile>,
): Promise<WrittenData> {
  const tracked: TrackedFile[] = [];
  let bytes = 0;
  for await (const file of files) {
    const md5 = digest(file.bytes);
    await keep(cachePath(folder, md5), file.bytes);
    tracked.push({ md5, relpath: file.relpath });
    bytes += file.bytes.length;
  }
  const listing = Buffer.from(formatFolder(tracked), 'utf8');
  const md5 = `${digest(listing)}.dir`;
  await keep(cachePath(folder, md5), listing);
  // Works in a Git repository and without one; a project that is there already keeps its own.
  await writeWhole(join(folder, '.dvc', 'config'), '[core]\n    no_scm = True\n', { keepsOld: true });
  await writeWhole(join(folder, '.dvc', '.gitignore'), '/config.local\n/tmp\n/cache\n', { keepsOld: true });
  await writeWhole(join(folder, '.gitignore'), `/${name}\n`, { keepsOld: true });
  await writeWhole(
    join(folder, `${name}.dvc`),
    `outs:\n- md5: ${md5}\n  size: ${bytes}\n  nfiles: ${tracked.length}\n  hash: md5\n  path: ${name}\n`,
  );
  return { md5, files: tracked.length, bytes };
}

/**
 * Read a data set of a DVC project from its cache, each file checked against its MD5.
 *
 * @param file `NAME.dvc` of a folder, as DVC 3 writes it.
 * @throws storage/not-found, storage/corrupted, storage/not-dvc
 */
export async function* readDataProject(file: string): AsyncGenerator<DataFile, void> {
  const text = (await read(file)).toString('utf8');
  const md5 = /^- (?:.*\n {2})*?md5: ([0-9a-f]{32}\.dir)$/m.exec(text)?.[1];
  // Without the hash it is of DVC 2, whose text files were hashed with other ends of lines.
  if (md5 === undefined || !/^ {2}hash: md5$/m.test(text))
    throw new AstridError(
      'storage/not-dvc',
      `${file} is not what DVC 3 writes of a folder; a file of DVC 2 becomes one with “dvc cache migrate --dvc-files”.`,
      { file },
    );
  const root = dirname(file);
  const listing = await readChecked(cachePath(root, md5), md5);
  for (const { md5: address, relpath } of parseListing(listing, file))
    yield { relpath, bytes: await readChecked(cachePath(root, address), address) };
}

function parseListing(listing: Buffer, file: string): readonly TrackedFile[] {
  const rows = JSON.parse(listing.toString('utf8')) as readonly Partial<TrackedFile>[];
  return rows.map(({ md5, relpath }) => {
    const isInside =
      typeof relpath === 'string' && !relpath.split('/').some((step) => ['', '.', '..'].includes(step));
    if (typeof md5 === 'string' && /^[0-9a-f]{32}$/.test(md5) && isInside) return { md5, relpath };
    throw new AstridError(
      'storage/not-dvc',
      `The listing of ${file} names no file of the folder: ${relpath}.`,
      {
        file,
      },
    );
  });
}

async function readChecked(path: string, md5: string): Promise<Buffer> {
  const bytes = await read(path);
  if (digest(bytes) === md5.slice(0, 32)) return bytes;
  throw new AstridError('storage/corrupted', `${path} is not what its name says; fetch it again with dvc.`, {
    path,
  });
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new AstridError('storage/not-found', `${path} is not there; “dvc pull” fetches what is missing.`, {
      path,
    });
  }
}

function cachePath(folder: string, md5: string): string {
  return join(folder, '.dvc', 'cache', 'files', 'md5', md5.slice(0, 2), md5.slice(2));
}

/** DVC's own files in its cache cannot be written: they may be linked to where they are used. */
async function keep(path: string, bytes: Uint8Array): Promise<void> {
  const found = await readFile(path).catch(() => undefined);
  if (found?.equals(bytes)) return;
  await writeWhole(path, bytes);
  await chmod(path, 0o444);
}

async function writeWhole(
  path: string,
  content: string | Uint8Array,
  { keepsOld = false }: { readonly keepsOld?: boolean } = {},
): Promise<void> {
  if (keepsOld && (await stat(path).catch(() => undefined)) !== undefined) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, content, { flush: true });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
