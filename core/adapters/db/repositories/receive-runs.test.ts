import { expect, test } from 'vitest';
import {
  claimRun,
  finishWith,
  makeDetection,
  makeScored,
  openTemporaryDatabase,
} from '../../../../tests/support/temporary-workspace.ts';
import type { SharedChange } from '../../../domains/sync/index.ts';
import type { WorkspaceDatabase } from '../open-database.ts';

/** A catalogue of nothing but its log: who comes sends what it has, and fetches what it lacks. */
function startLog(): (author: string, workspace: WorkspaceDatabase) => Promise<void> {
  const log: SharedChange[] = [];
  return async (author, { changes }) => {
    const outgoing = await changes.listOutgoing(1000);
    const stored = outgoing.map((change, n) => ({ ...change, seq: log.length + 1 + n, author }));
    log.push(...stored);
    await changes.settle(
      stored.map(({ id, seq, clock }) => ({ id, status: 'stored' as const, seq, clock, author })),
    );
    await changes.receiveWaiting();
    const cursor = await changes.cursor();
    await changes.receive(cursor, log.slice(cursor));
    await changes.receiveWaiting();
  };
}

async function process(workspace: WorkspaceDatabase, shiftPx = 0): Promise<readonly string[]> {
  const claim = await claimRun(workspace, 'same');
  const scored = [10, 20, 30].map((x, n) => makeScored(makeDetection(x + shiftPx, 50), 0.9 - n / 10, n + 1));
  await finishWith(workspace, claim, scored);
  await workspace.runs.finish(claim.runId, claim.lease);
  const { items } = await workspace.detections.list({
    runId: claim.runId,
    vetoed: false,
    order: 'rank',
    limit: 10,
  });
  return items.map(({ id }) => id);
}

async function label(workspace: WorkspaceDatabase, curator: string, candidateId: string, n: number) {
  const id = `0191f000-0000-7000-8000-00000000000${n}`;
  await workspace.curation.record(curator, [
    { kind: 'label', id, candidateId, purpose: 'work', verdict: 'real', scoreVisible: true },
  ]);
}

/** Verdicts on the candidates of each run that is done, in the order of the runs. */
async function verdicts(workspace: WorkspaceDatabase): Promise<readonly (readonly (string | undefined)[])[]> {
  const { items: runs } = await workspace.runs.list({ limit: 10 });
  const ofRun = async (runId: string) => {
    const { items } = await workspace.detections.list({ runId, vetoed: false, order: 'rank', limit: 10 });
    return items.map((candidate) => candidate.label?.verdict);
  };
  const told = await Promise.all(runs.map(({ id }) => ofRun(id)));
  return told.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

test('a label on the candidate of a third workstation is on one’s own, once the pair was processed here too', async () => {
  const [one, two, three] = await Promise.all([1, 2, 3].map(() => openTemporaryDatabase()));
  const exchange = startLog();
  await process(one!);
  const second = await process(two!, 0.4);
  await exchange('ada', one!);
  await exchange('bob', two!);
  await label(two!, 'bob', second[1]!, 1);
  await exchange('bob', two!);
  // It has the first one's run, and knows the second one's candidates as those.
  await exchange('cleo', three!);
  expect(await verdicts(three!)).toEqual([[undefined, 'real', undefined]]);
  await process(three!, -0.4);
  await exchange('cleo', three!);
  expect(await verdicts(three!)).toEqual([[undefined, 'real', undefined]]);
  await exchange('ada', one!);
  expect(await verdicts(one!)).toEqual([[undefined, 'real', undefined]]);
});

test('a pair that one workstation processed twice is two runs for the others, each with its own labels', async () => {
  const [one, two, three] = await Promise.all([1, 2, 3].map(() => openTemporaryDatabase()));
  const exchange = startLog();
  const first = await process(one!);
  const again = await process(one!);
  await label(one!, 'ada', first[0]!, 1);
  await label(one!, 'ada', again[2]!, 2);
  await exchange('ada', one!);
  await exchange('bob', two!);
  const both = [
    [undefined, undefined, 'real'],
    ['real', undefined, undefined],
  ].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  expect(await verdicts(two!)).toEqual(both);
  // Who processes it once has the first for its own.
  await process(three!);
  await exchange('cleo', three!);
  expect(await verdicts(three!)).toEqual(both);
  expect((await three!.runs.list({ limit: 10 })).items.map(({ origin }) => origin).sort()).toEqual([
    'ada',
    undefined,
  ]);
});

test('runs of two workstations that come in turns, in small messages, are one with all labels', async () => {
  const [one, two, three] = await Promise.all([1, 2, 3].map(() => openTemporaryDatabase()));
  await process(one!);
  const second = await process(two!, 0.4);
  await label(two!, 'bob', second[1]!, 1);
  const first = await one!.changes.listOutgoing(100);
  const others = await two!.changes.listOutgoing(100);
  // Both sent at once: the catalogue has the second's candidates before those of the run that came first.
  const inTurns = [
    ...first.filter(({ entity }) => entity === 'run'),
    ...others.filter(({ entity }) => entity === 'run'),
    ...others.filter(({ entity }) => entity === 'detection'),
    ...others.filter(({ entity }) => entity === 'curation-event'),
    ...first.filter(({ entity }) => entity === 'detection'),
  ];
  for (const [n, change] of inTurns.entries()) {
    await three!.changes.receive(await three!.changes.cursor(), [{ ...change, seq: n + 1, author: 'ada' }]);
    await three!.changes.receiveWaiting();
  }
  expect(await verdicts(three!)).toEqual([[undefined, 'real', undefined]]);
});
