import { describe, expect, test } from 'vitest';
import { startLog } from '../../../../tests/support/start-log.ts';
import {
  claimRun,
  finishWith,
  makeClock,
  makeDetection,
  makeScored,
  openTemporaryDatabase,
} from '../../../../tests/support/temporary-workspace.ts';
import type { Json } from '../../../domains/sync/index.ts';

const ARCSEC = 1 / 3600;
const clock = makeClock();
let images = 0;

/** A workstation of its own: what it finds lies as far off as its image does. */
async function openStation() {
  const database = await openTemporaryDatabase({ clock: clock.read });
  return {
    ...database,
    see: async (raDeg: number, decDeg = 0.5) => {
      const claim = await claimRun(database, `image-${++images}`);
      await finishWith(database, claim, [makeScored(makeDetection(1, 10, { raDeg, decDeg }), 0.9, 1)]);
      await database.runs.finish(claim.runId, claim.lease);
    },
    objects: async () =>
      (await database.catalog.listObjects({ filter: {}, order: 'raDeg', isFalling: false, limit: 10 })).items,
    nameAt: async (n = 0) => {
      const { items } = await database.catalog.listObjects({
        ...{ filter: {}, order: 'raDeg', isFalling: false, limit: 10 },
      });
      return items[n]?.givenName;
    },
    call: async (givenName: string | undefined, n = 0) => {
      clock.advance(1000);
      const { items } = await database.catalog.listObjects({
        ...{ filter: {}, order: 'raDeg', isFalling: false, limit: 10 },
      });
      return database.objectNames.give(items[n]!.id, givenName);
    },
  };
}

describe('the name of a sky object', () => {
  test('is what people call it, and leaves what it is called after its place', async () => {
    const here = await openStation();
    await here.see(10);
    await here.see(10 + 0.1 * ARCSEC);
    const given = await here.call('the blue one');
    expect(given).toEqual({
      id: given.id,
      name: 'AstrID J004000.00+003000.0',
      givenName: 'the blue one',
    });
    expect(await here.objectNames.get(given.id)).toEqual(given);
    expect(await here.objectNames.list(10)).toMatchObject([{ id: given.id, givenName: 'the blue one' }]);
    const { items } = await here.catalog.listDetections({
      ...{ filter: {}, order: 'raDeg', isFalling: false, limit: 10 },
    });
    expect(items.map(({ objectName }) => objectName)).toEqual(['the blue one', 'the blue one']);
    expect((await here.events.read({ afterId: 0, limit: 100 })).map(({ kind }) => kind)).toContain(
      'object.named',
    );
    expect(await here.call(undefined)).toMatchObject({ givenName: undefined });
    expect(await here.objectNames.list(10)).toEqual([]);
    await expect(here.objectNames.give('nowhere', 'x')).rejects.toMatchObject({
      code: 'catalog/object-not-found',
    });
  });

  test('is told once, and nothing is told of a name that it has already', async () => {
    const here = await openStation();
    await here.see(10);
    await here.call('one');
    await here.call('one');
    const outgoing = await here.changes.listOutgoing(10);
    expect(outgoing.filter(({ entity }) => entity === 'sky-object')).toMatchObject([
      { kind: 'set', key: 'AstrID J004000.00+003000.0', field: 'name', value: 'one', basedOn: [] },
    ]);
  });

  test('comes to whoever found the same thing in an image of their own, and to who finds it later', async () => {
    const [here, there, later] = [await openStation(), await openStation(), await openStation()];
    const exchange = startLog();
    await here.see(10);
    await there.see(10 + 0.25 * ARCSEC);
    await there.see(10 + 20 * ARCSEC);
    await here.call('nova');
    await exchange('ada', here);
    await exchange('vera', there, later);
    expect(await there.nameAt(0)).toBe('nova');
    expect(await there.nameAt(1)).toBeUndefined();
    // All that is known of it here is what ada found; then it is found here.
    expect(await later.nameAt(0)).toBe('nova');
    const alone = await openStation();
    await exchange('otto', alone);
    await alone.see(10 + 0.2 * ARCSEC);
    expect(await alone.nameAt(0)).toBe('nova');
  });

  test('is the later of two that people gave without knowing of each other; the other is kept beside it', async () => {
    const [here, there] = [await openStation(), await openStation()];
    const exchange = startLog();
    // Each found it in an image of its own: the two objects are not even called alike.
    await here.see(10);
    await there.see(10 + 0.25 * ARCSEC);
    await here.call('nova');
    await there.call('supernova');
    await exchange('ada', here);
    await exchange('vera', there);
    await exchange('ada', here);
    for (const station of [here, there]) {
      expect(await station.nameAt()).toBe('supernova');
      expect((await station.changes.listConflicts({ limit: 1000 })).items).toMatchObject([
        { entity: 'sky-object', field: 'name', current: { value: 'supernova' }, losers: [{ value: 'nova' }] },
      ]);
      expect((await station.changes.status()).conflicts).toBe(1);
    }
    // Somebody decides, and that is the end of it for all.
    const [conflict] = (await here.changes.listConflicts({ limit: 1000 })).items;
    clock.advance(1000);
    await here.changes.resolve(conflict!, conflict!.losers[0]!.id);
    await exchange('ada', here);
    await exchange('vera', there);
    for (const station of [here, there]) {
      expect(await station.nameAt()).toBe('nova');
      expect((await station.changes.listConflicts({ limit: 1000 })).items).toEqual([]);
    }
    // A new name ends a conflict as well as a decision does.
    await here.call('A');
    await there.call('B');
    await exchange('vera', there);
    await exchange('ada', here);
    await exchange('vera', there);
    expect((await there.changes.listConflicts({ limit: 1000 })).total).toBe(1);
    await there.call('C');
    await exchange('vera', there);
    await exchange('ada', here);
    expect([await here.nameAt(), (await here.changes.listConflicts({ limit: 1000 })).items]).toEqual([
      'C',
      [],
    ]);
  });

  test('goes along with an object that moves, and comes back with one that was lost and is found again', async () => {
    const here = await openStation();
    await here.see(10);
    const claim = await claimRun(here, 'once');
    await finishWith(here, claim, [makeScored(makeDetection(1, 10, { raDeg: 20, decDeg: 0.5 }), 0.9, 1)]);
    await here.call('lost', 1);
    await finishWith(here, claim, []);
    expect((await here.objects()).length).toBe(1);
    await here.see(20 + 0.1 * ARCSEC);
    expect(await here.nameAt(1)).toBe('lost');
  });

  test.each([
    ['AstrID J004000.00+003000.0', 'name', 7],
    ['AstrID J004000.00+003000.0', 'name', ''],
    ['AstrID J004000.00+003000.0', 'name', 'x'.repeat(101)],
    ['AstrID J004000.00+003000.0', 'colour', 'blue'],
    ['my favourite', 'name', 'blue'],
  ] as const)('is put aside where it is none: %s %s %s', async (key, field, value) => {
    const here = await openStation();
    await here.changes.receive(0, [
      {
        ...{ kind: 'set', entity: 'sky-object', key, field, value: value as Json, basedOn: [] },
        ...{ id: '0195b000-0000-7000-8000-000000000001', seq: 1, author: 'eve', clock: '0195b0000000-0000' },
      },
    ]);
    expect(await here.changes.status()).toMatchObject({ held: 1, cursor: 1 });
  });
});
