import { createWriteStream, existsSync } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BlobReader } from '../pipeline/index.ts';
import { AstridError, throwIfStopped } from '../utils/index.ts';

/** Blobs of which some have to be fetched first. */
type Blobs = Pick<BlobReader, 'openRange'> & { bring(sha256: string): Promise<void> };

/**
 * Save a blob as a file that is not there yet: whole, or not at all.
 *
 * @throws storage/exists, storage/disk-full, internal/stopped and what fetching the blob throws
 */
export async function saveBlob(
  blobs: Blobs,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: number },
  path: string,
  signal: AbortSignal,
): Promise<void> {
  // What lies there under that name is somebody's; it may be known before gigabytes are fetched.
  if (existsSync(path)) throw exists(path);
  await blobs.bring(sha256);
  throwIfStopped(signal);
  // A name may be as long as a name can be: nothing is added to it.
  const draft = join(dirname(path), `.${sha256.slice(0, 16)}.${process.pid}.part`);
  try {
    const pieces = blobs.openRange(sha256, 0, bytes);
    await pipeline(pieces, createWriteStream(draft, { flush: true }), { signal });
    await giveName(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throwIfStopped(signal);
    throw explain(error, path);
  }
}

/** Give a file its name, unless something has that name. @throws EEXIST */
async function giveName(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    // A memory stick knows no second names of a file.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || existsSync(path)) throw exists(path);
    await rename(draft, path);
    return;
  }
  await rm(draft);
}

function exists(path: string): AstridError {
  return new AstridError('storage/exists', `${path} is there already; choose another folder.`, { path });
}

function explain(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new AstridError(
    'storage/disk-full',
    `${path} was not written: the disk is full. Nothing was left behind; free some space and try again.`,
    { path, errno: code },
  );
}
