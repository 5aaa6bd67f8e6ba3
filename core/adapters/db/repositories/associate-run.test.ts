import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import {
  claimRun,
  finishWith,
  makeDetection,
  makeScored,
  openTemporaryDatabase,
} from '../../../../tests/support/temporary-workspace.ts';
import type { ScoredDetection } from '../../../pipeline/ports.ts';

const ARCSEC = 1 / 3600;

function sight(xPx: number, raDeg: number | undefined, decDeg = 0.5, score = 0.9): ScoredDetection {
  const place = raDeg === undefined ? {} : { raDeg, decDeg };
  return makeScored(makeDetection(xPx, 10, { ...place, mag: 20 - score }), score, 1);
}

async function openNight() {
  const database = await openTemporaryDatabase();
  const read = new Database(`${database.folder}/workspace.sqlite`, { readonly: true });
  return {
    database,
    see: async (...detections: readonly ScoredDetection[]) => {
      const claim = await claimRun(database);
      await finishWith(database, claim, detections);
      return claim;
    },
    objects: () =>
      read
        .prepare(
          `SELECT name, round(ra_deg, 6) AS ra, detection_count AS n, best_score AS score FROM sky_objects
           ORDER BY name`,
        )
        .all() as { name: string; ra: number; n: number; score: number | null }[],
    links: () =>
      read
        .prepare('SELECT detection_id, object_id FROM sky_object_detections ORDER BY detection_id')
        .raw()
        .all() as unknown[][],
  };
}

describe('when candidates are persisted, sky objects', () => {
  test('gather what lies at one place in several runs, and nothing without coordinates or with a veto', async () => {
    const { see, objects, database } = await openNight();
    await see(sight(1, 10), sight(20, 10.01), sight(40, undefined));
    await see(sight(1, 10 + 0.1 * ARCSEC), sight(60, 10.02));
    const veto = { rule: 'edge', reason: 'it touches the edge' };
    const claim = await claimRun(database);
    await finishWith(database, claim, [
      makeScored(makeDetection(1, 1, { raDeg: 10, decDeg: 0.5, vetoes: [veto] }), 0.9, 1),
    ]);
    expect(objects()).toEqual([
      { name: 'AstrID J004000.00+003000.0', ra: expect.closeTo(10.000014, 6), n: 2, score: 0.9 },
      { name: 'AstrID J004002.40+003000.0', ra: 10.01, n: 1, score: 0.9 },
      { name: 'AstrID J004004.80+003000.0', ra: 10.02, n: 1, score: 0.9 },
    ]);
  });

  test('stay as they are when a run is processed again, and lose what it no longer finds, but not their name', async () => {
    const { see, objects, links, database } = await openNight();
    const first = await see(sight(1, 10), sight(20, 10.01));
    await see(sight(1, 10));
    const before = links();
    await finishWith(database, first, [sight(1, 10), sight(20, 10.01)]);
    expect(links()).toEqual(before);
    await finishWith(database, first, [sight(1, 10, 0.5, 0.3)]);
    expect(objects().map(({ n }) => n)).toEqual([2, 0]);
    expect(objects()[0]!.score).toBe(0.9);
    await see(sight(20, 10.01));
    expect(objects().map(({ name, n }) => [name, n])).toEqual([
      ['AstrID J004000.00+003000.0', 2],
      ['AstrID J004002.40+003000.0', 1],
    ]);
  });

  test('let go of a labelled detection that was superseded', async () => {
    const { see, objects, links, database } = await openNight();
    const claim = await see(sight(1, 10));
    const { items } = await database.detections.list({ vetoed: false, order: 'score', limit: 1 });
    await database.labels.append({
      id: '01900000-0000-7000-8000-000000000099',
      candidateId: items[0]!.id,
      verdict: 'real',
      curator: 'tester',
      scoreVisible: true,
    });
    await finishWith(database, claim, []);
    expect(links()).toEqual([]);
    expect(objects()[0]!.n).toBe(0);
  });

  test('part when new coordinates put a detection elsewhere', async () => {
    const { see, objects, database } = await openNight();
    const first = await see(sight(1, 10));
    await see(sight(1, 10));
    await finishWith(database, first, [sight(1, 10.01)]);
    expect(objects().map(({ n }) => n)).toEqual([1, 1]);
    // Alone, an object goes where its detection goes.
    await finishWith(database, first, [sight(1, 10.5)]);
    expect(objects().map(({ ra, n }) => [ra, n])).toEqual([
      [10, 1],
      [10.5, 1],
    ]);
  });

  test('are found across 0 h and at the pole', async () => {
    const { see, objects } = await openNight();
    await see(sight(1, 359.99999), sight(30, 20, 89.99998));
    await see(sight(1, 0.00001), sight(30, 200, 89.99998));
    expect(objects().map(({ n }) => n)).toEqual([2, 2]);
  });

  test('are made for the runs of a workspace that was filled before there were any', async () => {
    const { see, objects, links, database } = await openNight();
    await see(sight(1, 10), sight(20, 10.01));
    await see(sight(1, 10));
    const before = objects();
    const write = new Database(`${database.folder}/workspace.sqlite`);
    write.exec('DELETE FROM sky_object_detections; DELETE FROM sky_objects; DELETE FROM associated_runs');
    write.close();
    expect(await database.catalog.associateRemaining()).toBe(2);
    expect(objects()).toEqual(before);
    expect(links()).toHaveLength(3);
    expect(await database.catalog.associateRemaining()).toBe(0);
  });
});
