import { AstridError, type StopSignal } from '../../utils/index.ts';

/** What all workstations of a project refer to, as the shared catalogue knows it. */
export interface ReferenceLog {
  /**
   * Tell of every address that changes after a number refer to.
   *
   * @returns the number of the newest change that was looked at.
   */
  readReferences(afterSeq: number, tell: (sha256: string) => void): Promise<number>;
  /** Do work while no change can be added. @throws sync/admins-only */
  holdStill<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** A bucket as far as collecting needs it. */
export interface CollectableBucket {
  /** Projects that keep pixels there. */
  listProjects(): Promise<readonly string[]>;
  /** What the bucket's own clock says. */
  now(): Promise<Date>;
  list(): AsyncIterable<StoredPixels>;
  remove(sha256: string): Promise<void>;
  abortUnfinished(before: Date): Promise<number>;
  listUnfinished(): AsyncIterable<{ readonly begunAt: Date }>;
}

/** A blob in the bucket. */
export interface StoredPixels {
  readonly sha256: string;
  readonly bytes: number;
  readonly storedAt: Date;
}

/** How pixels are collected. */
export interface CollectOptions {
  readonly projectId: string;
  /** What was stored within this time stays, whoever refers to it or not, ms. */
  readonly graceMs: number;
  /** Say what would go, and take nothing away. */
  readonly isDryRun: boolean;
  readonly signal?: StopSignal | undefined;
  readonly onProgress?: ((report: CollectReport) => void) | undefined;
}

/** What was collected, or would be. */
export interface CollectReport {
  /** Blobs in the bucket. */
  readonly seen: number;
  readonly seenBytes: number;
  readonly removed: number;
  readonly removedBytes: number;
  /** Nobody refers to them, and they are not old enough to go. */
  readonly young: number;
  /** Uploads in parts that were never completed. */
  readonly aborted: number;
}

/** Blobs that go while the log is held: others wait for that long. */
const TOGETHER = 64;

/**
 * Take away what lies in the bucket and nobody refers to, once it is old enough.
 *
 * The shared catalogue knows the references of every workstation, also of those that were not seen for months: a
 * workstation tells of pixels before it sends them. Before a batch goes, the log is held and looked at once more, so that
 * a reference made meanwhile is seen, and one made later finds the pixels gone and sends them again. Cut off anywhere, it
 * may begin again.
 *
 * @throws sync/bucket-shared where another project keeps pixels there, sync/admins-only, sync/bad-grace
 */
export async function collectPixels(
  bucket: CollectableBucket,
  log: ReferenceLog,
  { projectId, graceMs, isDryRun, signal, onProgress }: CollectOptions,
): Promise<CollectReport> {
  if (!(graceMs > 0))
    throw new AstridError(
      'sync/bad-grace',
      'What was stored just now has to stay: give a grace of more than 0.',
      {
        graceMs,
      },
    );
  const others = (await bucket.listProjects()).filter((id) => id !== projectId);
  if (others.length > 0)
    throw new AstridError(
      'sync/bucket-shared',
      `Other projects keep pixels in this bucket under the same prefix (${others.join(', ')}), and what they refer to is not known here; give each project a prefix of its own.`,
      { others },
    );
  // Only an admin comes past this, also for a dry run.
  await log.holdStill(async () => undefined);
  const wanted = new Set<string>();
  let seq = await log.readReferences(0, (sha256) => void wanted.add(sha256));
  const before = new Date((await bucket.now()).getTime() - graceMs);
  const report = { seen: 0, seenBytes: 0, removed: 0, removedBytes: 0, young: 0, aborted: 0 };
  let batch: StoredPixels[] = [];
  const removeBatch = async (): Promise<void> => {
    const going = batch;
    batch = [];
    await log.holdStill(async () => {
      seq = await log.readReferences(seq, (sha256) => void wanted.add(sha256));
      const gone = going.filter(({ sha256 }) => !wanted.has(sha256));
      if (!isDryRun) await Promise.all(gone.map(({ sha256 }) => bucket.remove(sha256)));
      report.removed += gone.length;
      report.removedBytes += gone.reduce((sum, { bytes }) => sum + bytes, 0);
    });
  };
  for await (const blob of bucket.list()) {
    if (signal?.aborted) break;
    report.seen++;
    report.seenBytes += blob.bytes;
    onProgress?.({ ...report });
    if (wanted.has(blob.sha256)) continue;
    if (blob.storedAt >= before) report.young++;
    else batch.push(blob);
    if (batch.length === TOGETHER) await removeBatch();
  }
  if (batch.length > 0 && !signal?.aborted) await removeBatch();
  if (signal?.aborted) return report;
  if (!isDryRun) report.aborted = await bucket.abortUnfinished(before);
  else for await (const { begunAt } of bucket.listUnfinished()) if (begunAt < before) report.aborted++;
  return report;
}
