import { isAstridError, type StopSignal } from '../../utils/index.ts';
import { eachAtOnce, eachOfPages } from './each-at-once.ts';
import type { BlobBucket, BlobLedger } from './ports.ts';

/** What a passage of blobs did. */
export interface SendReport {
  readonly sent: number;
  readonly bytes: number;
  /** Those that the bucket had already: another workstation was first, or an answer was lost. */
  readonly known: number;
  /** Those that this workstation cannot read as they were stored; the others went on. */
  readonly damaged: readonly string[];
}

const PAGE = 200;
/** Blobs at once; of each no more than a part is in memory. */
const AT_ONCE = 6;
/** What is wrong with one blob and not with the bucket. */
const OF_THE_BLOB = new Set(['storage/corrupted', 'storage/not-found']);

/**
 * Send the blobs that others were told of and that the bucket does not have, each once.
 *
 * Killed anywhere, the next passage goes on with the parts that are missing.
 *
 * @throws storage/unreachable and what else keeps the bucket from answering
 */
export async function sendBlobs(
  ledger: Pick<BlobLedger, 'listToSend' | 'noteMirrored'>,
  bucket: Pick<BlobBucket, 'send'>,
  options: {
    readonly onProgress?: ((report: SendReport) => void) | undefined;
    readonly signal?: StopSignal | undefined;
  } = {},
): Promise<SendReport> {
  let report: SendReport = { sent: 0, bytes: 0, known: 0, damaged: [] };
  await eachAtOnce(
    eachOfPages(ledger.listToSend, PAGE),
    AT_ONCE,
    async ({ sha256, bytes }) => {
      try {
        const isSent = await bucket.send(sha256);
        await ledger.noteMirrored([sha256]);
        report = isSent
          ? { ...report, sent: report.sent + 1, bytes: report.bytes + bytes }
          : { ...report, known: report.known + 1 };
      } catch (error) {
        if (!isAstridError(error) || !OF_THE_BLOB.has(error.code)) throw error;
        report = { ...report, damaged: [...report.damaged, sha256] };
      }
      options.onProgress?.(report);
    },
    options.signal,
  );
  return report;
}
