import { open } from 'node:fs/promises';
import type { BlobReader, Sha256 } from '../../pipeline/ports.ts';
import type { FolderBlobStore } from './folder-blob-store.ts';

/** A blob on its way here. */
export interface Arrival {
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly loadedBytes: number;
}

/** Blobs of which some lie elsewhere until somebody looks at them. */
export interface LazyBlobs extends BlobReader {
  /** Whether it lies here now. */
  isHere(sha256: Sha256): Promise<boolean>;
  /** Have it here. @throws what fetching it throws */
  bring(sha256: Sha256): Promise<void>;
  arrivals(): readonly Arrival[];
}

/** What is known of blobs that do not lie here, and how they come. */
export interface BlobSource {
  /** Size of a blob that can be fetched; `undefined` where nothing is known of it. */
  size(sha256: Sha256): Promise<number | undefined>;
  /** @throws storage/unreachable, storage/not-found, storage/corrupted */
  fetch(sha256: Sha256): AsyncIterable<Uint8Array>;
  /** Told when it is whole and on disk. */
  noteArrived(sha256: Sha256): Promise<void>;
  /** Told whenever somebody looks at a blob. */
  noteUsed(sha256: Sha256): void;
}

const CHUNK_BYTES = 1 << 20;

interface Coming extends Arrival {
  loadedBytes: number;
  /** Where the first bytes lie until all are there. */
  draft?: string;
  readonly done: Promise<void>;
  /** Called whenever more has come. */
  readonly waiting: Set<() => void>;
}

/**
 * Read blobs of a folder, and fetch those that are elsewhere when somebody looks at them.
 *
 * However many look at the same one, it is fetched once; who reads from its start is given what has come so far. Under
 * its name it is only when it is whole and what its address says.
 */
export function createLazyBlobs(folder: FolderBlobStore, source: BlobSource): LazyBlobs {
  const coming = new Map<Sha256, Coming>();

  const isHere = async (sha256: Sha256): Promise<boolean> => (await folder.size(sha256)) !== undefined;

  /** Begin to fetch what is not here. @returns how far it is; `undefined` where it is here, or nothing is known of it */
  async function begin(sha256: Sha256): Promise<Coming | undefined> {
    source.noteUsed(sha256);
    const running = coming.get(sha256);
    if (running !== undefined) return running;
    if (await isHere(sha256)) return undefined;
    const bytes = await source.size(sha256);
    if (bytes === undefined) return undefined;
    const already = coming.get(sha256);
    if (already !== undefined) return already;
    const waiting = new Set<() => void>();
    const wake = (): void => {
      for (const one of [...waiting]) one();
    };
    const arrival: Coming = {
      sha256,
      bytes,
      loadedBytes: 0,
      waiting,
      done: Promise.resolve()
        .then(() =>
          folder.receive(sha256, source.fetch(sha256), (loadedBytes, draft) => {
            Object.assign(arrival, { loadedBytes, draft });
            wake();
          }),
        )
        .then(() => source.noteArrived(sha256))
        .finally(() => {
          coming.delete(sha256);
          wake();
        }),
    };
    coming.set(sha256, arrival);
    // Whoever waits hears of a failure; nobody may.
    arrival.done.catch(() => undefined);
    return arrival;
  }

  const bring = async (sha256: Sha256): Promise<void> => {
    await (await begin(sha256))?.done;
  };

  return {
    isHere,
    bring,
    arrivals: () =>
      [...coming.values()].map(({ sha256, bytes, loadedBytes }) => ({ sha256, bytes, loadedBytes })),
    size: async (sha256) => (await folder.size(sha256)) ?? source.size(sha256),
    get: async (sha256) => {
      await bring(sha256);
      return folder.get(sha256);
    },
    readRows: async (sha256, rows) => {
      await bring(sha256);
      return folder.readRows(sha256, rows);
    },
    openRange: async function* (sha256, start, end) {
      const arrival = await begin(sha256);
      let at = start;
      if (arrival !== undefined) {
        for (;;) {
          const more = Math.min(end, at + CHUNK_BYTES, arrival.loadedBytes);
          // The last bytes are given only when all is known to be right.
          if (arrival.draft !== undefined && more > at && more < arrival.bytes) {
            const chunk = await readDraft(arrival.draft, at, more);
            if (chunk === undefined) break;
            yield chunk;
            at += chunk.length;
          } else if (at >= end || !coming.has(sha256)) break;
          else await Promise.race([arrival.done, new Promise<void>((wake) => waitFor(arrival, wake))]);
        }
        if (at < end) await arrival.done;
      }
      if (at < end) yield* folder.openRange(sha256, at, end);
    },
  };
}

function waitFor(arrival: Coming, wake: () => void): void {
  const once = (): void => {
    arrival.waiting.delete(once);
    wake();
  };
  arrival.waiting.add(once);
}

/** Read a part of what has come; `undefined` where it has its name by now. */
async function readDraft(path: string, start: number, end: number): Promise<Uint8Array | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const chunk = new Uint8Array(end - start);
      const { bytesRead } = await file.read(chunk, 0, chunk.length, start);
      return bytesRead === 0 ? undefined : chunk.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
