import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import {
  claimRun,
  makeTemporaryFolder,
  openTemporaryDatabase,
} from '../../../../tests/support/temporary-workspace.ts';
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

test('pages far into what a filter leaves follow those before them, and count the same', async () => {
  const folder = makeTemporaryFolder();
  (await openTemporaryDatabase({ folder })).close();
  const sqlite = new Database(join(folder, 'workspace.sqlite'));
  sqlite.exec(`
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10399)
    INSERT INTO runs (id, created_at, queued_at, status, science_path, template_path, options_json, science_json)
      SELECT printf('01900000-0000-7000-8000-%012x', n), '2026', '2026', iif(n % 52 = 0, 'failed', 'done'), '/a', '/b',
        '{}', json_object('path', '/a', 'name', 'field ' || (n * 7919 % 500)) FROM numbers`);
  sqlite.close();
  const { runs } = await openTemporaryDatabase({ folder });
  const conditions = parseRunFilter('-status:failed');
  for (const isAscending of [true, false]) {
    const list = (offset: number) =>
      runs.list({ limit: 100, order: 'name', isAscending, conditions, offset });
    const seen = new Set<string>();
    const names: string[] = [];
    for (let offset = 9900; offset <= 10_200; offset += 100) {
      const { items, total } = await list(offset);
      expect(total).toBe(10_200);
      for (const { id, science } of items) {
        seen.add(id);
        names.push(science!.name);
      }
    }
    expect(seen.size).toBe(300);
    const sorted = [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    expect(names).toEqual(isAscending ? sorted : sorted.reverse());
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
