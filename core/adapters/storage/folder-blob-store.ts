import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import type { BlobRows, BlobStore, Sha256 } from '../../pipeline/ports.ts';
import { AstridError, isAstridError } from '../../utils/errors.ts';

/** Blobs kept as files of a folder. */
export interface FolderBlobStore extends BlobStore {
  /** Where a blob is or would be; for programs that want a file. */
  path(sha256: Sha256): string;
  /**
   * Store bytes that come in pieces under the address they are known by, as `put` does.
   *
   * @param onBytes told after each piece how many lie in which file until all are there.
   * @throws storage/corrupted where they are not what the address says; nothing of them stays then
   */
  receive(
    sha256: Sha256,
    pieces: AsyncIterable<Uint8Array>,
    onBytes?: (bytes: number, draft: string) => void,
  ): Promise<void>;
  /** Take a blob away; one that is not there is no failure. */
  remove(sha256: Sha256): Promise<void>;
  /**
   * Take a blob away unless it was stored, also once more, since a moment; safe while others store.
   *
   * @returns whether it is gone
   */
  discard(sha256: Sha256, before: Date): Promise<boolean>;
  list(): AsyncIterable<{ readonly sha256: Sha256; readonly bytes: number; readonly storedAt: Date }>;
}

const CHUNK_BYTES = 1 << 20;
/**
 * Bytes given to the system at a time. More goes into larger pages, which Linux has to find first: 165 MB in pieces of a
 * megabyte took 0.3 s of processor more than in these, and twice as long; smaller ones gain nothing.
 */
const WRITTEN_BYTES = 1 << 19;
/**
 * Blobs written to the platter together.
 *
 * Node has four threads for files, whatever asks for them: a result of twenty planes took them all, and who asked for
 * a cutout waited behind it for as long as the disk took.
 */
const WRITES_AT_ONCE = 2;
/** Rows asked of the disk together. */
const READS_AT_ONCE = 32;
const ADDRESS = /^[0-9a-f]{64}$/;

/**
 * Keep blobs as files named by their address, in 256 folders by its first two digits.
 *
 * Bytes go to a temporary file, onto the platter, and only then under their name, so that what has a name is
 * whole. Temporary files that a dead process left are removed here: the caller holds the workspace.
 *
 * @throws storage/disk-full, storage/unwritable
 */
export async function createFolderBlobStore(folder: string): Promise<FolderBlobStore> {
  const temporary = join(folder, 'temporary');
  await attempt(folder, async () => {
    await mkdir(temporary, { recursive: true });
    for (const left of await readdir(temporary)) await rm(join(temporary, left), { force: true });
    await access(folder, constants.R_OK | constants.W_OK);
  });
  return joinFolderBlobStore(folder);
}

/** Use a folder of blobs that another thread of this process keeps: nothing is tidied up. */
export function joinFolderBlobStore(folder: string): FolderBlobStore {
  const temporary = join(folder, 'temporary');
  const inTurn = takeTurns(WRITES_AT_ONCE);
  // One after the other, so that the first is written while the next is hashed.
  const hashInTurn = takeTurns(1);

  const path = (sha256: Sha256): string => {
    // An address comes from a URL; nothing but hexadecimal digits may become a path.
    if (!ADDRESS.test(sha256)) throw notFound(sha256);
    return join(folder, sha256.slice(0, 2), sha256);
  };
  const size = async (sha256: Sha256): Promise<number | undefined> => {
    if (!ADDRESS.test(sha256)) return undefined;
    try {
      return (await stat(path(sha256))).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };

  return {
    path,
    size,
    has: async (sha256) => (await size(sha256)) !== undefined,
    put: async (bytes, onAddress) => {
      const sha256 = await hashInTurn(() => addressOf(bytes));
      onAddress?.(sha256);
      const target = path(sha256);
      if ((await size(sha256)) === bytes.byteLength && (await refresh(target))) return sha256;
      const draft = join(temporary, randomUUID());
      await inTurn(() =>
        attempt(folder, async () => {
          try {
            await mkdir(join(folder, sha256.slice(0, 2)), { recursive: true });
            await writeThrough(draft, bytes);
            await rename(draft, target);
            await syncFolder(join(folder, sha256.slice(0, 2)));
          } catch (error) {
            await rm(draft, { force: true });
            throw error;
          }
        }),
      );
      return sha256;
    },
    receive: async (sha256, pieces, onBytes) => {
      const target = path(sha256);
      const draft = join(temporary, randomUUID());
      const hash = createHash('sha256');
      let bytes = 0;
      await attempt(folder, async () => {
        try {
          await mkdir(join(folder, sha256.slice(0, 2)), { recursive: true });
          const file = await open(draft, 'wx');
          try {
            for await (const piece of pieces) {
              hash.update(piece);
              await file.writeFile(piece);
              bytes += piece.length;
              onBytes?.(bytes, draft);
            }
            await file.sync();
          } finally {
            await file.close();
          }
          if (hash.digest('hex') !== sha256)
            throw new AstridError('storage/corrupted', `What came of blob ${sha256} is something else.`, {
              sha256,
            });
          await rename(draft, target);
          await syncFolder(join(folder, sha256.slice(0, 2)));
        } catch (error) {
          await rm(draft, { force: true });
          throw error;
        }
      });
    },
    remove: async (sha256) => {
      await rm(path(sha256), { force: true });
    },
    discard: async (sha256, before) => {
      const aside = join(temporary, randomUUID());
      try {
        await rename(path(sha256), aside);
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
      // Who stored it again before it was put aside has refreshed it; who comes later writes it anew.
      if ((await stat(aside)).mtime >= before) {
        await rename(aside, path(sha256));
        return false;
      }
      await rm(aside, { force: true });
      return true;
    },
    async *list() {
      for (const name of await readdir(folder)) {
        if (!/^[0-9a-f]{2}$/.test(name)) continue;
        for (const sha256 of await readdir(join(folder, name))) {
          if (!ADDRESS.test(sha256)) continue;
          const found = await stat(path(sha256)).catch((error: unknown) => {
            if (isMissing(error)) return undefined;
            throw error;
          });
          if (found !== undefined) yield { sha256, bytes: found.size, storedAt: found.mtime };
        }
      }
    },
    get: async (sha256) => {
      const file = await openBlob(path(sha256), sha256);
      try {
        const bytes = new Uint8Array(new SharedArrayBuffer((await file.stat()).size));
        for (let at = 0; at < bytes.length; ) {
          const { bytesRead } = await file.read(bytes, at, bytes.length - at, at);
          if (bytesRead === 0) break;
          at += bytesRead;
        }
        if ((await addressOf(bytes)) === sha256) return bytes;
      } finally {
        await file.close();
      }
      // Under its name it would count as kept for ever; aside it is found missing, and made or fetched again.
      await rename(path(sha256), join(temporary, randomUUID())).catch(() => undefined);
      throw new AstridError(
        'storage/corrupted',
        `The blob ${path(sha256)} is not what was stored; check the disk and process its run again.`,
        { sha256 },
      );
    },
    openRange: async function* (sha256, start, end) {
      const file = await openBlob(path(sha256), sha256);
      try {
        for (let at = start; at < end; ) {
          const chunk = new Uint8Array(Math.min(CHUNK_BYTES, end - at));
          const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
          if (bytesRead === 0) return;
          yield bytesRead === chunk.length ? chunk : chunk.subarray(0, bytesRead);
          at += bytesRead;
        }
      } finally {
        await file.close();
      }
    },
    readRows: async (sha256, rows) => {
      const file = await openBlob(path(sha256), sha256);
      try {
        return await readRows(file, rows, sha256);
      } finally {
        await file.close();
      }
    },
  };
}

/** Bytes hashed at a time: half a millisecond in which the core answers nothing else, and no file is written on. */
const HASHED_BYTES = 1 << 19;

/** Work out the address of bytes, with a pause for others now and then: a plane has tens of megabytes. */
async function addressOf(bytes: Uint8Array): Promise<Sha256> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += HASHED_BYTES) {
    if (at > 0) await pause();
    hash.update(bytes.subarray(at, at + HASHED_BYTES));
  }
  return hash.digest('hex');
}

async function readRows(
  file: FileHandle,
  { start, rowBytes, stride, count }: BlobRows,
  sha256: Sha256,
): Promise<Uint8Array<ArrayBuffer>> {
  const target = new Uint8Array(rowBytes * count);
  const readAt = async (into: Uint8Array, position: number): Promise<void> => {
    for (let done = 0; done < into.length; ) {
      const { bytesRead } = await file.read(into, done, into.length - done, position + done);
      if (bytesRead === 0)
        throw new AstridError(
          'storage/corrupted',
          `The blob ${sha256} ends before byte ${position + into.length}; process its run again.`,
          { sha256 },
        );
      done += bytesRead;
    }
  };
  // Rows that follow each other are one piece.
  const perRead = stride === rowBytes ? Math.max(1, Math.floor(CHUNK_BYTES / rowBytes)) : 1;
  const pieces = Math.ceil(count / perRead);
  for (let first = 0; first < pieces; first += READS_AT_ONCE) {
    const reads = Array.from({ length: Math.min(READS_AT_ONCE, pieces - first) }, (_, i) => {
      const row = (first + i) * perRead;
      const rows = target.subarray(row * rowBytes, Math.min(count, row + perRead) * rowBytes);
      return readAt(rows, start + row * stride);
    });
    await Promise.all(reads);
  }
  return target;
}

async function openBlob(path: string, sha256: Sha256): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw isMissing(error) ? notFound(sha256) : error;
  }
}

/** Let so many pieces of work run at once; the others wait in line. */
function takeTurns(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let underway = 0;
  return async (work) => {
    if (underway < most) underway++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) underway--;
      else next();
    }
  };
}

async function writeThrough(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, at, Math.min(WRITTEN_BYTES, bytes.length - at), at);
      at += bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new name is on the platter only once its folder is; Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Note that a blob was stored once more. @returns whether it is still there */
async function refresh(path: string): Promise<boolean> {
  try {
    const now = new Date();
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function attempt(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isAstridError(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new AstridError(
        'storage/disk-full',
        `The disk that holds ${folder} is full; free some space and try again. Nothing was half-written.`,
        { folder },
      );
    if (code !== undefined)
      throw new AstridError(
        'storage/unwritable',
        `Blobs cannot be written to ${folder} (${code}); check its permissions and its disk.`,
        { folder, reason: code },
      );
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function notFound(sha256: Sha256): AstridError {
  return new AstridError('storage/not-found', `There is no blob ${sha256} in this workspace.`, { sha256 });
}
