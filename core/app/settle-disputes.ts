import { type CurationRules, type CurationStore, estimateTruth } from '../domains/curation/index.ts';
import type { Log } from './log.ts';
import { whenLater } from './when-later.ts';

/** Labels come every second or so while people work; all of them are weighed once they pause, ms. */
const PAUSE_MS = 5_000;

/**
 * Retire candidates whose labels differ but which all labels together settle, whenever labels have come and pause:
 * a person's, another program's, or another workstation's.
 *
 * What was settled is written here, and never on the way of somebody who only asks.
 *
 * @returns stops it
 */
export function settleDisputes(
  { curation, curationRules }: { readonly curation: CurationStore; readonly curationRules: CurationRules },
  log: Pick<Log, 'warn'>,
  pauseMs = PAUSE_MS,
): () => void {
  let stop: () => void = () => undefined;
  const settle = async (): Promise<void> => {
    if ((await curation.listOpen(1)).length === 0) return;
    const { retireAt } = await curationRules.consensus();
    const { posterior } = estimateTruth(await curation.ratings(), undefined, await curation.listGold());
    await curation.retire(
      [...posterior].filter(([, row]) => Math.max(...row) > retireAt).map(([candidateId]) => candidateId),
    );
  };
  const unsubscribe = curation.subscribe(() => {
    stop();
    stop = whenLater(pauseMs, () => {
      settle().catch((error: unknown) => log.warn({ err: error }, 'disputes were not settled'));
    });
  });
  return () => {
    unsubscribe();
    stop();
  };
}
