import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { startLog } from '../../../../tests/support/start-log.ts';
import { openTemporaryDatabase } from '../../../../tests/support/temporary-workspace.ts';
import type { SharedChange } from '../../../domains/sync/index.ts';
import { readAll } from '../../../utils/index.ts';

const KEY = 'curation.filters';
const named = (name: string, min: number) => ({ name, order: 'score', filter: { score: { min } } });

describe('saved filters of a project', () => {
  test('are there for everybody, in the lists that they are of', async () => {
    const mountain = await openTemporaryDatabase();
    const valley = await openTemporaryDatabase();
    const exchange = startLog();
    await mountain.settings.set(KEY, [named('bright', 0.9), named('all', 0)]);
    await mountain.settings.set('settings.queue', {
      version: 1,
      filters: [{ name: 'sharp', text: 'seeing<1' }],
    });
    await valley.settings.set('settings.queue', { version: 1, columns: ['night'] });
    await exchange('ada', mountain, valley);
    expect(await valley.settings.get(KEY)).toEqual([named('bright', 0.9), named('all', 0)]);
    // What else the setting holds is this workstation's own.
    expect(await valley.settings.get('settings.queue')).toEqual({
      version: 1,
      columns: ['night'],
      filters: [{ name: 'sharp', text: 'seeing<1' }],
    });
    expect((await mountain.changes.status()).toSend).toBe(0);
  });

  test('are changed and forgotten for everybody, and nobody is told twice', async () => {
    const mountain = await openTemporaryDatabase();
    const valley = await openTemporaryDatabase();
    const exchange = startLog();
    await mountain.settings.set(KEY, [named('bright', 0.9), named('all', 0)]);
    await exchange('ada', mountain, valley);
    await valley.settings.set(KEY, [named('bright', 0.8)]);
    expect(await valley.changes.countOutgoing()).toEqual([{ entity: 'filter', count: 2 }]);
    await exchange('ada', valley, mountain);
    expect(await mountain.settings.get(KEY)).toEqual([named('bright', 0.8)]);
    expect((await mountain.changes.status()).toSend).toBe(0);
  });

  test('keep what lost beside what holds, where two changed one without knowing of each other', async () => {
    const mountain = await openTemporaryDatabase();
    const valley = await openTemporaryDatabase();
    const exchange = startLog();
    await mountain.settings.set(KEY, [named('bright', 0.9)]);
    await exchange('ada', mountain, valley);
    await mountain.settings.set(KEY, [named('bright', 0.5)]);
    await new Promise((later) => setTimeout(later, 5));
    await valley.settings.set(KEY, [named('bright', 0.7)]);
    await exchange('ada', mountain, valley, mountain);
    for (const { changes, settings } of [mountain, valley]) {
      expect(await settings.get(KEY)).toEqual([named('bright', 0.7)]);
      const [conflict] = (await changes.listConflicts({ limit: 10 })).items;
      expect(conflict).toMatchObject({
        entity: 'filter',
        key: 'labelling/bright',
        current: { value: named('bright', 0.7) },
        losers: [{ value: named('bright', 0.5) }],
      });
    }
    const [conflict] = (await mountain.changes.listConflicts({ limit: 10 })).items;
    await mountain.changes.resolve(conflict!, conflict!.losers[0]!.id);
    await exchange('ada', mountain, valley);
    expect(await valley.settings.get(KEY)).toEqual([named('bright', 0.5)]);
    expect((await valley.changes.listConflicts({ limit: 10 })).items).toEqual([]);
  });

  test('that are in conflict, or were refused, are listed page by page', async () => {
    const mountain = await openTemporaryDatabase();
    const valley = await openTemporaryDatabase();
    const exchange = startLog();
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const [n, one] of [mountain, valley].entries())
      await one.settings.set(
        KEY,
        names.map((name) => named(name, 0.1 * (n + 1))),
      );
    await exchange('ada', mountain, valley, mountain);
    const { changes } = mountain;
    const conflicts = await readAll((cursor) => changes.listConflicts({ limit: 2, cursor }));
    expect(conflicts.map(({ key }) => key)).toEqual(names.map((name) => `labelling/${name}`));
    expect((await changes.listConflicts({ limit: 2 })).total).toBe(5);
    await expect(changes.listConflicts({ limit: 2, cursor: 'x' })).rejects.toMatchObject({
      code: 'sync/bad-cursor',
    });

    const sqlite = new Database(join(mountain.folder, 'workspace.sqlite'));
    sqlite.exec(`UPDATE outbox SET refused_at = '2026', refused_code = 'sync/no', refused_reason = 'no'`);
    sqlite.close();
    const refused = await readAll((cursor) => changes.listRefused({ limit: 2, cursor }));
    expect(refused.map(({ key }) => key)).toEqual(names.map((name) => `labelling/${name}`));
    expect((await changes.listRefused({ limit: 2 })).total).toBe(5);
  });

  test('are held, not shown, where they are none or of a list that is not known', async () => {
    const { changes, settings } = await openTemporaryDatabase();
    const change = (n: number, key: string, value: SharedChange['value']): SharedChange => ({
      ...{ seq: n, author: 'ada', entity: 'filter', kind: 'set', field: 'value', basedOn: [], key, value },
      ...{ id: `0191f000-0000-7000-8000-00000000000${n}`, clock: `01910000000${n}-0000` },
    });
    await changes.receive(0, [
      change(1, 'labelling/good', named('good', 0)),
      change(2, 'labelling/bad', 7),
      change(3, 'labelling/other', named('another', 0)),
      change(4, 'alerts/mine', named('mine', 0)),
    ]);
    expect(await settings.get(KEY)).toEqual([named('good', 0)]);
    expect((await changes.status()).held).toBe(3);
  });
});
