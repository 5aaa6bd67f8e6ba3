import { expect, onTestFinished, test, vi } from 'vitest';
import { openWorkstation } from '../../tests/support/open-workstation.ts';
import { makeId } from '../../tests/support/seed-workspace.ts';
import { settleDisputes } from './settle-disputes.ts';

const [ANN, BOB, CAT] = [901, 902, 903].map(makeId) as [string, string, string];

/** Twelve candidates on which Ann and Bob agree, and of which Cat says the opposite each time. */
async function labelAgainstEachOther() {
  const { database } = await openWorkstation();
  const { items } = await database.detections.list({ vetoed: false, order: 'rank', limit: 100 });
  await database.curationRules.setConsensus({
    ...(await database.curationRules.consensus()),
    labelsWanted: 2,
    labelsOnDispute: 5,
  });
  let made = 5000;
  const label = (curator: string, candidateId: string, isReal: boolean) =>
    database.curation.record(curator, [
      {
        kind: 'label',
        id: makeId(made++),
        candidateId,
        verdict: isReal ? 'real' : 'bogus',
        scoreVisible: false,
        purpose: 'work',
      },
    ]);
  const labelAll = async (): Promise<void> => {
    for (const [n, { id }] of items.entries()) {
      await label(ANN, id, n % 2 === 0);
      if (n < 10) await label(BOB, id, n % 2 === 0);
      await label(CAT, id, n % 2 === 1);
    }
  };
  return { database, labelAll };
}

test('what all labels settle although they differ is retired once labelling pauses, and nobody need ask', async () => {
  const { database, labelAll } = await labelAgainstEachOther();
  const warnings: unknown[] = [];
  onTestFinished(settleDisputes(database, { warn: (...said: unknown[]) => void warnings.push(said) }, 0));
  await labelAll();
  await vi.waitFor(
    async () => {
      const states = await database.curation.countStates();
      expect(states.retired).toBeGreaterThanOrEqual(10);
      expect((states.retired ?? 0) + (states.disputed ?? 0)).toBe(12);
    },
    { timeout: 20_000 },
  );
  expect(warnings).toEqual([]);
});

test('nothing is retired any more once it is stopped', async () => {
  const { database, labelAll } = await labelAgainstEachOther();
  const stop = settleDisputes(database, { warn: () => undefined }, 0);
  stop();
  await labelAll();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await database.curation.countStates()).toEqual({ disputed: 12 });
});
