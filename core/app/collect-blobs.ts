import type { WorkspaceDatabase } from '../adapters/db/index.ts';
import type { FolderBlobStore } from '../adapters/storage/index.ts';
import { listArrays } from '../pipeline/index.ts';

/** What was collected of this workspace's folder, or would be. */
export interface FolderReport {
  readonly seen: number;
  readonly seenBytes: number;
  readonly removed: number;
  readonly removedBytes: number;
  /** Nothing refers to them, and they are not old enough to go. */
  readonly young: number;
}

/**
 * Take away blobs of this workspace that nothing refers to: what stages made that were done again since, or were cut off.
 *
 * What was stored, or would have been stored again, within the grace stays: a stage that runs now may be about to
 * refer to it. One that cannot be read is kept with all it may refer to.
 */
export async function collectBlobs(
  { blobReferences }: Pick<WorkspaceDatabase, 'blobReferences'>,
  folder: FolderBlobStore,
  options: {
    readonly graceMs: number;
    readonly isDryRun: boolean;
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((report: FolderReport) => void) | undefined;
  },
): Promise<FolderReport> {
  const before = new Date(Date.now() - options.graceMs);
  const { blobs, artefacts } = await blobReferences.list();
  const wanted = new Set([...blobs, ...artefacts]);
  for (const artefact of artefacts)
    if (await folder.has(artefact))
      for (const sha256 of await listArrays(folder, artefact)) wanted.add(sha256);
  const report = { seen: 0, seenBytes: 0, removed: 0, removedBytes: 0, young: 0 };
  for await (const { sha256, bytes, storedAt } of folder.list()) {
    options.signal?.throwIfAborted();
    report.seen++;
    report.seenBytes += bytes;
    options.onProgress?.({ ...report });
    if (wanted.has(sha256)) continue;
    if (storedAt >= before) {
      report.young++;
      continue;
    }
    if (!options.isDryRun && !(await folder.discard(sha256, before))) continue;
    report.removed++;
    report.removedBytes += bytes;
  }
  return report;
}
