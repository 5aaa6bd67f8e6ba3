import type { StopSignal } from '../../utils/index.ts';
import type { CutoutMirror, SharedBucket } from './ports.ts';

/** What a passage of triplets did. */
export interface MirrorReport {
  readonly sent: number;
  readonly fetched: number;
  /** Those that the bucket does not have yet: their workstation has not sent them. */
  readonly missing: number;
}

const BATCH = 64;
/** Transfers at once: a triplet is 47 kB, and most of its time is the way there and back. */
const AT_ONCE = 8;

/**
 * Send the triplets of what was found here, and fetch those of what others found, so that both can be labelled
 * anywhere without a network.
 *
 * Cut off anywhere, it goes on where it was: what is there is not sent again, and what came is kept.
 *
 * @throws storage/unreachable, storage/corrupted
 */
export async function mirrorCutouts(
  mirror: CutoutMirror,
  bucket: SharedBucket,
  options: {
    readonly onProgress?: ((report: MirrorReport) => void) | undefined;
    readonly signal?: StopSignal | undefined;
  } = {},
): Promise<MirrorReport> {
  let report: MirrorReport = { sent: 0, fetched: 0, missing: 0 };
  const tell = (more: Partial<MirrorReport>): void => {
    report = { ...report, ...more };
    options.onProgress?.(report);
  };
  while (!options.signal?.aborted) {
    const batch = await mirror.listToSend(BATCH);
    if (batch.length === 0) break;
    await eachAtOnce(batch, ({ sha256, bytes }) => bucket.send(sha256, bytes));
    await mirror.noteSent(batch.map(({ sha256 }) => sha256));
    tell({ sent: report.sent + batch.length });
  }
  for (let after = ''; !options.signal?.aborted; ) {
    const batch = await mirror.listToFetch(BATCH, after);
    if (batch.length === 0) break;
    const found: { sha256: string; bytes: Uint8Array }[] = [];
    await eachAtOnce(batch, async (sha256) => {
      const bytes = await bucket.fetch(sha256);
      if (bytes !== undefined) found.push({ sha256, bytes });
    });
    await mirror.store(found);
    tell({ fetched: report.fetched + found.length, missing: report.missing + batch.length - found.length });
    after = batch.at(-1)!;
  }
  return report;
}

async function eachAtOnce<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lanes = Array.from({ length: Math.min(AT_ONCE, items.length) }, async () => {
    for (;;) {
      const item = items[next++];
      if (item === undefined) return;
      await work(item);
    }
  });
  await Promise.all(lanes);
}
