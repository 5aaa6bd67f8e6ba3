import type { FileHandle } from 'node:fs/promises';
import type { MaskedImage } from '../domains/observations/index.ts';
import type { CoaddInput } from '../domains/preprocessing/index.ts';
import { AstridError } from '../utils/index.ts';

/**
 * Write an exposure's planes to a file as they are in memory, and give the reader of its rows.
 *
 * @throws observations/disk-full
 */
export async function keepRows(
  handle: FileHandle,
  { science, variance, mask }: MaskedImage,
): Promise<CoaddInput['readRows']> {
  const { width, height } = science;
  const parts = [science.data, variance.data, mask.data] as const;
  const starts = [0, 4 * width * height, 8 * width * height] as const;
  for (const [k, data] of parts.entries()) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await handle
        .write(bytes, done, bytes.length - done, starts[k]! + done)
        .catch(explainFullDisk);
      done += bytesWritten;
    }
  }
  return async (y0, rows) => {
    // Not shared memory, which is not counted and so not collected while the rows of many exposures pass.
    const out = {
      science: { width, height: rows, data: new Float32Array(width * rows) },
      variance: { width, height: rows, data: new Float32Array(width * rows) },
      mask: { width, height: rows, data: new Uint16Array(width * rows) },
    };
    const targets = [out.science.data, out.variance.data, out.mask.data] as const;
    for (const [k, data] of targets.entries()) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      const from = starts[k]! + y0 * width * data.BYTES_PER_ELEMENT;
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done);
        if (bytesRead === 0) throw new Error('a registered exposure was cut short');
        done += bytesRead;
      }
    }
    return out;
  };
}

function explainFullDisk(error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
  throw new AstridError(
    'observations/disk-full',
    'The registered exposures have no room beside the coadd: the disk is full. Nothing was left behind; free ten bytes ' +
      'for each pixel of each exposure, or write the coadd to another disk.',
    { errno: code },
  );
}
