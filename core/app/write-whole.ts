import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { AstridError } from '../utils/index.ts';

/**
 * Write a small file that appears whole or not at all, in place of the one before.
 *
 * @throws observations/disk-full, observations/unwritable
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.part`;
  try {
    await writeFile(draft, content, { flush: true });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw explain(error, path);
  }
}

/** Make a folder and those above it; one that is there is left as it is. @throws observations/disk-full, observations/unwritable */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw explain(error, folder);
  }
}

function explain(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AstridError(
      'observations/disk-full',
      `${path} was not written: the disk is full. Nothing was left behind; free some space and try again.`,
      { path, errno: code },
    );
  }
  return new AstridError(
    'observations/unwritable',
    `${path} cannot be written: ${message}. Check that the folder exists and that you may write there.`,
    { path, errno: code },
  );
}
