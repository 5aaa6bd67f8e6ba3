import type { BlobReader, Sha256 } from '../../pipeline/ports.ts';

/** Read a blob from the first place that has it. */
export function chainReaders(first: BlobReader, ...rest: readonly BlobReader[]): BlobReader {
  const readers = [first, ...rest];
  const holder = async (sha256: Sha256): Promise<BlobReader> => {
    for (const reader of readers) if ((await reader.size(sha256)) !== undefined) return reader;
    return first;
  };
  return {
    size: async (sha256) => (await holder(sha256)).size(sha256),
    get: async (sha256) => (await holder(sha256)).get(sha256),
    openRange: async function* (sha256, start, end) {
      yield* (await holder(sha256)).openRange(sha256, start, end);
    },
    readRows: async (sha256, rows) => (await holder(sha256)).readRows(sha256, rows),
  };
}
