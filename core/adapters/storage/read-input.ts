import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { Sha256 } from '../../pipeline/ports.ts';
import { AstridError } from '../../utils/errors.ts';

/** What is uploaded: read by parts, so that a large file is never in memory whole. */
export interface Input {
  readonly bytes: number;
  read(start: number, bytes: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Open a file by its path, or bytes, to be uploaded. */
export async function openInput(source: string | Uint8Array): Promise<Input> {
  if (typeof source !== 'string')
    return {
      bytes: source.length,
      read: async (start, bytes) => source.subarray(start, start + bytes),
      close: async () => undefined,
    };
  const file = await open(source, 'r');
  return {
    bytes: (await file.stat()).size,
    read: (start, bytes) => readPart(file, start, bytes),
    close: () => file.close(),
  };
}

async function readPart(file: FileHandle, start: number, bytes: number): Promise<Uint8Array> {
  const part = new Uint8Array(bytes);
  for (let at = 0; at < bytes; ) {
    const { bytesRead } = await file.read(part, at, bytes - at, start + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return part;
}

/** The digest that S3 checks bodies by, and calls them by. */
export function md5(bytes: Uint8Array, encoding: 'base64' | 'hex'): string {
  return createHash('md5').update(bytes).digest(encoding);
}

/**
 * Work out what S3 calls a file by: the MD5 of its bytes, and that of the MD5s of its parts.
 *
 * @throws storage/corrupted where the file is not what its address says
 */
export async function digestParts(
  input: Input,
  sha256: Sha256,
  partBytes: number,
): Promise<{ readonly whole: string; readonly parts: string }> {
  const address = createHash('sha256');
  const whole = createHash('md5');
  const parts = createHash('md5');
  let count = 0;
  for (let at = 0; at < input.bytes; at += partBytes, count++) {
    const part = await input.read(at, Math.min(partBytes, input.bytes - at));
    address.update(part);
    whole.update(part);
    parts.update(createHash('md5').update(part).digest());
  }
  if (address.digest('hex') !== sha256) throw damagedHere(sha256);
  return { whole: whole.digest('hex'), parts: `${parts.digest('hex')}-${count}` };
}

/** Options of a request that is given up with a signal. */
export function until(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** The error of a file that is not what its address says. */
export function damagedHere(sha256: Sha256): AstridError {
  return new AstridError(
    'storage/corrupted',
    `Blob ${sha256}: the file of this workspace is not what its address says; check the disk.`,
    { sha256 },
  );
}
