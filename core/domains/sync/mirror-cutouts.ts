import type { StopSignal } from '../../utils/index.ts';
import { eachAtOnce, eachOfPages } from './each-at-once.ts';
import type { CutoutMirror, SharedBucket } from './ports.ts';

/** What a passage of triplets did. */
export interface MirrorReport {
  readonly sent: number;
  readonly fetched: number;
  /** Those that the bucket does not have yet: their workstation has not sent them. */
  readonly missing: number;
}

const PAGE = 64;
/** Triplets of one commit: a commit waits for the disk, a triplet that is sent again costs one question. */
const TOGETHER = 32;
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
  await keepTogether(
    (addresses: readonly string[]) => mirror.noteSent(addresses),
    (keep) =>
      eachAtOnce(
        eachOfPages(mirror.listToSend, PAGE),
        AT_ONCE,
        async ({ sha256, bytes }) => {
          await bucket.send(sha256, bytes);
          tell({ sent: report.sent + 1 });
          await keep(sha256);
        },
        options.signal,
      ),
  );
  await keepTogether(
    (found: readonly { readonly sha256: string; readonly bytes: Uint8Array }[]) => mirror.store(found),
    (keep) =>
      eachAtOnce(
        eachOfPages(mirror.listToFetch, PAGE),
        AT_ONCE,
        async ({ sha256 }) => {
          const bytes = await bucket.fetch(sha256);
          if (bytes === undefined) return tell({ missing: report.missing + 1 });
          tell({ fetched: report.fetched + 1 });
          await keep({ sha256, bytes });
        },
        options.signal,
      ),
  );
  return report;
}

/** Do work whose results are kept many at a time; also those before a failure. */
async function keepTogether<Row>(
  keep: (rows: readonly Row[]) => Promise<void>,
  work: (one: (row: Row) => Promise<void>) => Promise<void>,
): Promise<void> {
  const rows: Row[] = [];
  const flush = async (): Promise<void> => {
    if (rows.length > 0) await keep(rows.splice(0));
  };
  try {
    await work(async (row) => {
      rows.push(row);
      if (rows.length >= TOGETHER) await flush();
    });
  } finally {
    await flush();
  }
}
