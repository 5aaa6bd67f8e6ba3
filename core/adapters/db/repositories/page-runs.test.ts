import { expect, test } from 'vitest';
import { claimRun, openTemporaryDatabase } from '../../../../tests/support/temporary-workspace.ts';
import { parseRunFilter } from '../../../pipeline/parse-run-filter.ts';
import type { RunOrder } from '../../../pipeline/ports.ts';

const ORDERS: readonly RunOrder[] = ['created', 'night', 'name', 'seeing', 'candidates'];

test('a list of runs is paged by cursor in every order, and nothing is repeated or left out while runs are added', async () => {
  const database = await openTemporaryDatabase();
  const key = { codeVersion: '1', configHash: 'c', inputHash: 'i' };
  const add = async (n: number) => {
    const claim = await claimRun(database, `n${n}`);
    // Every third is not read yet: what it is ordered by is not known.
    if (n % 3 > 0) {
      const stage = await database.stageRuns.start(
        { runId: claim.runId, stage: 'ingest', ...key },
        claim.lease,
      );
      const path = `/night/n${n}.fits`;
      const science = {
        path,
        name: `n${n % 4}`,
        seeingArcsec: 1 + (n % 2),
        midpointMjdTai: 61_000 + (n % 3),
        width: 1,
        height: 1,
      };
      await database.stageRuns.finish({
        stageRunId: stage.id,
        lease: claim.lease,
        seconds: 1,
        metrics: {},
        output: null,
        run: { science },
      });
    }
    await database.runs.finish(claim.runId, claim.lease);
    return claim.runId;
  };
  const before: string[] = [];
  for (let n = 0; n < 14; n++) before.push(await add(n));
  for (const order of ORDERS)
    for (const isAscending of [true, false])
      for (const conditions of [undefined, parseRunFilter('status:done')]) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await database.runs.list({ limit: 3, order, isAscending, conditions, cursor });
          seen.push(...page.items.map(({ id }) => id));
          cursor = page.nextCursor;
          if (seen.length === 6) await add(seen.length + ORDERS.indexOf(order));
        } while (cursor !== undefined);
        expect(new Set(seen).size).toBe(seen.length);
        expect(before.filter((id) => !seen.includes(id))).toEqual([]);
        const whole = (await database.runs.list({ limit: 1000, order, isAscending, conditions, offset: 0 }))
          .items;
        if (order === 'created')
          expect(seen).toEqual(whole.map(({ id }) => id).filter((id) => seen.includes(id)));
      }
});

test('a cursor of another order is refused', async () => {
  const database = await openTemporaryDatabase();
  for (const n of [1, 2]) await claimRun(database, `n${n}`);
  const { nextCursor } = await database.runs.list({ limit: 1, order: 'name' });
  expect(nextCursor).toBeDefined();
  for (const query of [{ order: 'seeing' }, { order: 'name', isAscending: true }, {}] as const)
    await expect(database.runs.list({ limit: 1, cursor: nextCursor, ...query })).rejects.toMatchObject({
      code: 'pipeline/bad-cursor',
    });
});
