import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalPostgres, startPostgres } from '../support/start-postgres.ts';
import { observeTogether } from './observe-together.ts';

let server: LocalPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.remove());

it('three workstations with wrong clocks and a bad line, killed now and then, come to agree', async () => {
  const report = await observeTogether(server, {
    seed: 7,
    operations: 250,
    kills: 0.02,
    serverKills: 1,
    faults: 0.2,
  });
  expect(report.made).toBeGreaterThan(40);
  expect(report.lost).toEqual([]);
  const [first, ...others] = report.states;
  for (const other of others) expect(other).toEqual(first);
  expect(first).toMatchObject({ toSend: 0, held: 0 });
  // Every label once, here and there.
  expect(new Set(report.labelsOnServer).size).toBe(report.labelsOnServer.length);
  expect(Object.keys(first!.events).sort()).toEqual([...report.labelsOnServer].sort());
}, 240_000);
