import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { gunzip } from 'node:zlib';
import { AstridError } from '../../utils/errors.ts';

/** Bytes that can be read at any place: a file or memory. */
export interface ByteSource {
  /** For messages: the path as the user gave it. */
  readonly name: string;
  readonly size: number;
  /**
   * Read exactly `length` bytes into fresh, eight-byte aligned memory that the caller may change.
   *
   * @throws observations/truncated if they reach beyond the end.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Fill `target` with the bytes from `offset` on. @throws observations/truncated if they reach beyond the end. */
  readInto(target: Uint8Array, offset: number): Promise<void>;
  close(): Promise<void>;
}

/** A gzip file may grow to this many bytes; larger ones are to be unpacked first. */
const maxInflatedBytes = 2 ** 31;

/**
 * Open a file for reading at any place; one compressed whole with gzip is unpacked into memory.
 *
 * @throws observations/unreadable, observations/empty-file, observations/truncated, observations/bad-gzip
 */
export async function openByteSource(path: string, name = path): Promise<ByteSource> {
  const file = await openFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(path, cause);
  });
  try {
    const { isRegular, size } = await file.look();
    if (!isRegular) {
      throw new AstridError(
        'observations/unreadable',
        `${path} is not a regular file. Give the path of a FITS file.`,
        {
          path,
        },
      );
    }
    const source = fileSource(name, file, size);
    if (size >= 2 && isGzip(await source.read(0, 2))) {
      const inflated = await inflateGzip(path, await source.read(0, size));
      await file.close();
      return memorySource(path, inflated);
    }
    return source;
  } catch (error) {
    await file.close();
    throw isErrno(error) ? unreadable(path, error) : error;
  }
}

/** A file that is open. */
interface OpenFile {
  /** Whether it is a file and no folder, pipe or device, and its size. */
  look(): Promise<{ readonly isRegular: boolean; readonly size: number }>;
  /** Read up to `length` bytes from `position` into `target` at `at`; returns how many. */
  read(target: Uint8Array, at: number, length: number, position: number): number | Promise<number>;
  close(): Promise<void>;
}

/** A thread of its own may wait for the disk; the main one must not, and pays for it with hops to other threads. */
async function openFile(path: string): Promise<OpenFile> {
  // A pipe that nobody writes to would be waited for when it is opened.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  if (isMainThread) {
    const handle = await open(path, flags);
    return {
      look: async () => summarise(await handle.stat()),
      read: async (target, at, length, position) =>
        (await handle.read(target, at, length, position)).bytesRead,
      close: () => handle.close(),
    };
  }
  const fd = openSync(path, flags);
  let isOpen = true;
  return {
    look: async () => summarise(fstatSync(fd)),
    read: (target, at, length, position) => readSync(fd, target, at, length, position),
    close: async () => {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}

function summarise(stat: Stats): { readonly isRegular: boolean; readonly size: number } {
  return { isRegular: stat.isFile(), size: stat.size };
}

/** Read from memory; gzip is unpacked. @throws observations/truncated, observations/bad-gzip */
export async function byteSourceOf(bytes: Uint8Array, name: string): Promise<ByteSource> {
  return memorySource(name, isGzip(bytes) ? await inflateGzip(name, bytes) : bytes);
}

/** So much of a file is read at its first touch and kept: most headers lie in it. */
const startBytes = 32 * 1024;

function fileSource(name: string, file: OpenFile, size: number): ByteSource {
  const readInto = async (target: Uint8Array, offset: number): Promise<void> => {
    const { length } = target;
    checkInside(name, size, offset, length);
    let done = 0;
    while (done < length) {
      const rest = length - done;
      const reading = file.read(target, done, rest, offset + done);
      const bytesRead = typeof reading === 'number' ? reading : await reading;
      // The file shrank since it was opened.
      if (bytesRead === 0) throw truncated(name, offset + done, offset, length);
      done += bytesRead;
    }
  };
  // The start is asked for again and again, a header's block at a time.
  let start: Promise<Uint8Array> | undefined;
  const readStart = async (): Promise<Uint8Array> => {
    const bytes = allocate(name, size, 0, Math.min(size, startBytes));
    await readInto(bytes, 0);
    return bytes;
  };
  return {
    name,
    size,
    read: async (offset, length) => {
      const target = allocate(name, size, offset, length);
      if (offset + length <= startBytes) {
        start ??= readStart();
        target.set((await start).subarray(offset, offset + length));
      } else {
        await readInto(target, offset);
      }
      return target;
    },
    readInto,
    close: () => file.close(),
  };
}

function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => {
      const target = allocate(name, bytes.length, offset, length);
      target.set(bytes.subarray(offset, offset + length));
      return target;
    },
    readInto: async (target, offset) => {
      checkInside(name, bytes.length, offset, target.length);
      target.set(bytes.subarray(offset, offset + target.length));
    },
    close: async () => undefined,
  };
}

// Nothing is allocated that the file could not fill.
function allocate(name: string, size: number, offset: number, length: number): Uint8Array {
  checkInside(name, size, offset, length);
  // A view of the Buffer as what it is: Buffer's own `slice` does not copy.
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

function checkInside(name: string, size: number, offset: number, length: number): void {
  if (offset < 0 || length < 0 || offset + length > size) throw truncated(name, size, offset, length);
}

function truncated(name: string, size: number, offset: number, length: number): AstridError {
  return new AstridError(
    'observations/truncated',
    `${name} ends at byte ${size}, but ${length} bytes are needed from byte ${offset}. The file is cut short: fetch it again.`,
    { path: name, size, offset, length },
  );
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

const gunzipAsync = promisify(gunzip);

async function inflateGzip(name: string, bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await gunzipAsync(bytes, { maxOutputLength: maxInflatedBytes });
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'Z_BUF_ERROR') {
      throw new AstridError(
        'observations/truncated',
        `${name} is a gzip file that ends too early (after ${bytes.length} bytes). Fetch it again.`,
        { path: name, size: bytes.length },
      );
    }
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new AstridError(
        'observations/too-large',
        `${name} unpacks to more than ${maxInflatedBytes} bytes. Unpack it with gunzip, then open the result.`,
        { path: name, limit: maxInflatedBytes },
      );
    }
    throw new AstridError(
      'observations/bad-gzip',
      `${name} begins like a gzip file but cannot be unpacked: ${(error as Error).message}. Fetch it again.`,
      { path: name, size: bytes.length },
    );
  }
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

function unreadable(path: string, cause: NodeJS.ErrnoException): AstridError {
  const why =
    cause.code === 'ENOENT'
      ? 'no such file'
      : cause.code === 'EACCES' || cause.code === 'EPERM'
        ? 'you may not read it'
        : cause.code === 'EISDIR'
          ? 'it is a folder'
          : cause.message;
  return new AstridError(
    'observations/unreadable',
    `${path} cannot be read: ${why}. Check the path and its permissions.`,
    {
      path,
      errno: cause.code,
    },
  );
}
