import type { StopSignal } from '../../utils/index.ts';
import type { ChangeLog, SharedCatalogue } from './ports.ts';

/** What an exchange did. */
export interface ExchangeReport {
  readonly sent: number;
  readonly refused: number;
  readonly received: number;
}

/** How many changes go in one message, and who is told. */
export interface ExchangeOptions {
  readonly batch?: number | undefined;
  readonly onProgress?: ((report: ExchangeReport) => void) | undefined;
  readonly signal?: StopSignal | undefined;
}

const BATCH = 1000;

/**
 * Send what is new here, then fetch what is new there, until there is nothing more of either.
 *
 * Cut off anywhere, it goes on where it was: an answer that was lost is given again, as changes are known by their
 * ids, and the cursor moves with the rows it counts.
 *
 * @throws sync/unreachable, sync/not-a-member, sync/program-too-old; what was settled before stays settled.
 */
export async function exchangeChanges(
  log: ChangeLog,
  catalogue: SharedCatalogue,
  { batch = BATCH, onProgress, signal }: ExchangeOptions = {},
): Promise<ExchangeReport> {
  let report: ExchangeReport = { sent: 0, refused: 0, received: 0 };
  const tell = (more: Partial<ExchangeReport>): void => {
    report = { ...report, ...more };
    onProgress?.(report);
  };
  while (!signal?.aborted) {
    const outgoing = await log.listOutgoing(batch);
    if (outgoing.length === 0) break;
    const answers = await catalogue.push(outgoing);
    await log.settle(answers);
    const refused = answers.filter(({ status }) => status === 'refused').length;
    tell({ sent: report.sent + answers.length - refused, refused: report.refused + refused });
  }
  // An update of the program may know what its forerunner did not.
  await log.receiveWaiting();
  let cursor = await log.cursor();
  let coming = catalogue.pull(cursor, batch);
  while (!signal?.aborted) {
    const changes = await coming;
    const last = changes.at(-1);
    if (last === undefined) break;
    // The catalogue gets the next ready while these are taken in.
    coming = catalogue.pull(last.seq, batch);
    // Its failure is told where it is waited for.
    coming.catch(() => undefined);
    await log.receive(cursor, changes);
    cursor = last.seq;
    tell({ received: report.received + changes.length });
  }
  return report;
}
