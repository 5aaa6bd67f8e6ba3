import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AstridError } from '../../utils/errors.ts';

/** How far the unpacking of a file is. */
export interface Unpacking {
  readonly totalBytes: number;
  /** Packed bytes read so far. */
  doneBytes: number;
  /** Where the unpacked file lies once it is whole. @throws observations/bad-gzip */
  readonly file: Promise<string>;
}

/** Unpacked files kept, bytes; the oldest go first. One that is larger than all of them together is not unpacked. */
export const MOST_UNPACKED_BYTES = 8 * 2 ** 30;

/**
 * Unpack a gzipped file beside others in a folder, so that its pixels can be read at any place.
 *
 * An unpacked file is kept under its revision and used again; it gets its name only when it is whole. Another process
 * may unpack the same file into the same folder meanwhile.
 *
 * @param revision changes with the file.
 * @param signal ends it; who waits for the file is told the signal's reason.
 * @param mostBytes that it may unpack to; half of what the disk has free is the most in any case.
 */
export function unpackGzip(
  path: string,
  revision: string,
  totalBytes: number,
  folder: string,
  signal: AbortSignal,
  mostBytes: number,
): Unpacking {
  const name = createHash('sha256').update(`${path}\0${revision}`).digest('hex').slice(0, 32);
  const target = join(folder, `${name}.fits`);
  const unpack = async (): Promise<string> => {
    if (await refresh(target)) return target;
    const draft = `${target}.${randomUUID()}.draft`;
    try {
      await mkdir(folder, { recursive: true });
      await forgetOldest(folder);
      const { bavail, bsize } = await statfs(folder);
      const limit = limitBytes(path, Math.min(mostBytes, (bavail * bsize) / 2));
      signal.throwIfAborted();
      // Who counts makes it flow: nothing may be waited for between that and who takes the bytes.
      const packed = createReadStream(path, { highWaterMark: 1 << 20 });
      packed.on('data', (chunk) => {
        unpacking.doneBytes += chunk.length;
      });
      await pipeline(packed, createGunzip({ chunkSize: 1 << 20 }), limit, createWriteStream(draft), {
        signal,
      });
      await rename(draft, target);
      return target;
    } catch (error) {
      await rm(draft, { force: true });
      throw signal.aborted ? signal.reason : explain(error, path, folder);
    }
  };
  const unpacking: Unpacking = { totalBytes, doneBytes: 0, file: unpack() };
  // Who waits for it hears of a failure; one that nobody waits for is told at the next question.
  unpacking.file.catch(() => undefined);
  return unpacking;
}

/** Pass bytes on up to a limit: a few megabytes of gzip can be made to unpack to any size. */
function limitBytes(path: string, mostBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      bytes += chunk.length;
      if (bytes <= mostBytes) return done(null, chunk);
      done(
        new AstridError(
          'observations/unpacks-too-large',
          `${path} unpacks to more than ${Math.floor(mostBytes / 2 ** 20)} MiB; unpack it with gunzip, then open the result.`,
          { path, mostBytes },
        ),
      );
    },
  });
}

/** Note that a file is used now. @returns whether it is there */
async function refresh(path: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function forgetOldest(folder: string): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      // A draft that has got its name since it was listed is not there any more.
      const facts = await stat(path).catch(() => undefined);
      return facts === undefined ? [] : [{ path, size: facts.size, mtimeMs: facts.mtimeMs }];
    }),
  );
  let kept = 0;
  for (const { path, size } of files.flat().sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    kept += size;
    // A draft of now is young; what a dead process left goes with the oldest. Who has a file open may go on reading.
    if (kept > MOST_UNPACKED_BYTES) await rm(path, { force: true });
  }
}

function explain(error: unknown, path: string, folder: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AstridError(
      'storage/disk-full',
      `The disk that holds ${folder} has no room to unpack ${path}; free some space or unpack it elsewhere.`,
      { path, folder },
    );
  if (code === 'Z_BUF_ERROR')
    return new AstridError(
      'observations/truncated',
      `${path} is a gzip file that ends too early. Fetch it again.`,
      { path },
    );
  if (code?.startsWith('Z_'))
    return new AstridError(
      'observations/bad-gzip',
      `${path} begins like a gzip file but cannot be unpacked: ${message}. Fetch it again.`,
      { path },
    );
  return error;
}
