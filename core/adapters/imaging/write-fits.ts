import { randomUUID } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AstridError } from '../../utils/errors.ts';
import { encodeHdu, type HduNaming, type HduPieces } from './encode-hdu.ts';
import { compressionOf, encodeCompressedImage, encodePlainImage, type ImageToWrite } from './encode-image.ts';
import { encodeTable, type TableToWrite } from './encode-table.ts';

/** An HDU without data, for keywords alone. */
export interface HeaderToWrite extends HduNaming {
  readonly kind: 'header';
}

/** What can be written; the first becomes the primary if it is a plain image or a header, else an empty one precedes it. */
export type HduToWrite = ImageToWrite | TableToWrite | HeaderToWrite;

/**
 * Write a FITS file with CHECKSUM and DATASUM in every HDU.
 *
 * It appears whole or not at all: a temporary file in the same folder is written, flushed to the disk and renamed.
 *
 * @throws observations/disk-full, observations/unwritable, observations/bad-image, observations/bad-column,
 *   observations/bad-card
 */
export async function writeFits(path: string, hdus: readonly HduToWrite[]): Promise<void> {
  const pieces = encodeHdus(hdus);
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  try {
    const handle = await open(temporary, 'wx');
    try {
      for (const piece of pieces) await writeWhole(handle, piece);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw unwritable(path, error);
  }
  await syncFolder(dirname(path));
}

/** Make a FITS file's bytes. @throws observations/bad-image, observations/bad-column, observations/bad-card */
export function writeFitsBytes(hdus: readonly HduToWrite[]): Uint8Array {
  return new Uint8Array(Buffer.concat(encodeHdus(hdus)));
}

function encodeHdus(hdus: readonly HduToWrite[]): HduPieces {
  const first = hdus[0];
  const needsPrimary =
    first === undefined ||
    first.kind === 'table' ||
    (first.kind === 'image' && compressionOf(first) !== undefined);
  const all: readonly HduToWrite[] = needsPrimary ? [{ kind: 'header' }, ...hdus] : hdus;
  return all.flatMap((hdu, i) => encodeOne(hdu, i === 0));
}

function encodeOne(hdu: HduToWrite, isPrimary: boolean): HduPieces {
  switch (hdu.kind) {
    case 'image': {
      const compression = compressionOf(hdu);
      return compression === undefined
        ? encodePlainImage(hdu, isPrimary)
        : encodeCompressedImage(hdu, compression);
    }
    case 'table':
      return encodeTable(hdu);
    case 'header': {
      const start = isPrimary
        ? { keyword: 'SIMPLE', value: true, comment: 'conforms to FITS standard' }
        : { keyword: 'XTENSION', value: 'IMAGE', comment: 'image extension' };
      const end = isPrimary
        ? [{ keyword: 'EXTEND', value: true }]
        : [
            { keyword: 'PCOUNT', value: 0 },
            { keyword: 'GCOUNT', value: 1 },
          ];
      return encodeHdu(
        [start, { keyword: 'BITPIX', value: 8 }, { keyword: 'NAXIS', value: 0 }, ...end],
        hdu,
        [],
      );
    }
  }
}

type FileHandle = Awaited<ReturnType<typeof open>>;

async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}

// Without this a power cut may lose the new name. Some systems do not let a folder be opened; there is nothing to do then.
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}

function unwritable(path: string, error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (typeof syscall !== 'string') return error;
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
