import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { RawFileLedger, SharedRawFile } from '../domains/sync/index.ts';

/**
 * Tell the others of the files that shared runs were made of, so that they go to the bucket.
 *
 * A file that cannot be read is left out; a run of which none can be read is told of when one can.
 */
export async function tellRawFiles(ledger: RawFileLedger, signal: AbortSignal): Promise<void> {
  for (const { runId, ...paths } of await ledger.listToTell()) {
    const files: (SharedRawFile & { readonly path: string })[] = [];
    for (const role of ['science', 'template'] as const) {
      signal.throwIfAborted();
      const found = await digestFile(paths[role], signal);
      if (found !== undefined) files.push({ role, name: basename(paths[role]), path: paths[role], ...found });
    }
    if (files.length > 0) await ledger.tell(runId, files);
  }
}

async function digestFile(
  path: string,
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly bytes: number } | undefined> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const piece of createReadStream(path, {
      signal,
      highWaterMark: 1 << 20,
    }) as AsyncIterable<Buffer>) {
      hash.update(piece);
      bytes += piece.length;
    }
  } catch (error) {
    if (signal.aborted || (error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
  return { sha256: hash.digest('hex'), bytes };
}
