import { expect, test } from 'vitest';
import { startLog } from '../../../../tests/support/start-log.ts';
import {
  claimRun,
  finishWith,
  makeDetection,
  makeScored,
  openTemporaryDatabase,
} from '../../../../tests/support/temporary-workspace.ts';

test('two admins who change different rules of consensus do not undo each other, and one rule is in conflict alone', async () => {
  const [here, there] = [await openTemporaryDatabase(), await openTemporaryDatabase()];
  const exchange = startLog();
  const rules = await here.curationRules.consensus();
  await here.curationRules.setConsensus(rules);
  await exchange('ada', here);
  await exchange('vera', there);
  await here.curationRules.setConsensus({ ...rules, labelsWanted: 3 });
  await there.curationRules.setConsensus({ ...rules, retireAt: 0.99 });
  expect(await here.changes.countOutgoing()).toEqual([{ entity: 'setting', count: 1 }]);
  await exchange('ada', here);
  await exchange('vera', there);
  await exchange('ada', here);
  for (const { changes, curationRules } of [here, there]) {
    expect(await curationRules.consensus()).toEqual({ ...rules, labelsWanted: 3, retireAt: 0.99 });
    expect((await changes.listConflicts({ limit: 1000 })).items).toEqual([]);
  }
  await here.curationRules.setConsensus({ ...(await here.curationRules.consensus()), goldFraction: 0.1 });
  await there.curationRules.setConsensus({ ...(await there.curationRules.consensus()), goldFraction: 0.2 });
  await exchange('ada', here);
  await exchange('vera', there);
  expect((await there.changes.listConflicts({ limit: 1000 })).items).toMatchObject([
    { entity: 'setting', key: 'curation.consensus', field: 'goldFraction' },
  ]);
});

test('rules that came as one value are followed, until one of them is set by itself', async () => {
  const here = await openTemporaryDatabase();
  const rules = await here.curationRules.consensus();
  const change = (n: number, field: string, value: object | number) => ({
    ...{ kind: 'set', entity: 'setting', key: 'curation.consensus', field, value, basedOn: [] },
    ...{
      id: `0195b000-0000-7000-8000-00000000000${n}`,
      seq: n,
      author: 'eve',
      clock: `0195b000000${n}-0000`,
    },
  });
  const receive = (n: number, field: string, value: object | number) =>
    here.changes.receive(n - 1, [change(n, field, value) as never]);
  await receive(1, 'value', { ...rules, labelsWanted: 4, retireAt: 0.5 });
  expect(await here.curationRules.consensus()).toMatchObject({ labelsWanted: 4, retireAt: 0.5 });
  await receive(2, 'labelsWanted', 5);
  expect(await here.curationRules.consensus()).toMatchObject({ labelsWanted: 5, retireAt: 0.5 });
  await receive(3, 'value', { ...rules, labelsWanted: 6, retireAt: 0.6 });
  expect(await here.curationRules.consensus()).toMatchObject({ labelsWanted: 5 });
  await receive(4, 'labelsWanted', 500);
  await receive(5, 'constructor', 1);
  expect(await here.changes.status()).toMatchObject({ held: 2 });
});

test('a run comes with what it changed of the line’s configuration', async () => {
  const [here, there] = [await openTemporaryDatabase(), await openTemporaryDatabase()];
  const exchange = startLog();
  const config = { differencing: { method: 'zogy' } };
  await here.runs.create({
    sciencePath: '/night/a.fits',
    templatePath: '/night/b.fits',
    options: { allowBandMismatch: false, config },
  });
  const claim = (await here.queue.claim({ worker: 'test', leaseMs: 60_000 }))!;
  await finishWith(here, claim, [makeScored(makeDetection(1, 1), 0.9, 1)]);
  await here.runs.finish(claim.runId, claim.lease);
  const plain = await claimRun(here, 'plain');
  await finishWith(here, plain, [makeScored(makeDetection(1, 1), 0.9, 1)]);
  await here.runs.finish(plain.runId, plain.lease);
  await exchange('ada', here);
  await exchange('vera', there);
  expect((await there.runs.get(claim.runId)).options).toEqual({ allowBandMismatch: false, config });
  expect((await there.runs.get(plain.runId)).options).toEqual({ allowBandMismatch: false });
  expect((await there.changes.status()).held).toBe(0);
});

test('a profile whose fields all changed waits as one thing, and so does a rule changed twice', async () => {
  const here = await openTemporaryDatabase();
  const id = '01890000-0000-7000-8000-0000000000ad';
  const ada = { id, name: 'Ada', shortId: 'ADA', colour: 1, shape: 'disc' } as const;
  await here.curationRules.saveCurator(ada);
  await here.curationRules.saveCurator({ ...ada, name: 'Ada L.', colour: 2 });
  const rules = await here.curationRules.consensus();
  await here.curationRules.setConsensus({ ...rules, labelsWanted: 3 });
  await here.curationRules.setConsensus({ ...rules, labelsWanted: 4 });
  expect(await here.changes.countOutgoing()).toEqual([
    { entity: 'curator', count: 1 },
    { entity: 'setting', count: 1 },
  ]);
  expect((await here.changes.status()).toSend).toBeGreaterThan(2);
});
