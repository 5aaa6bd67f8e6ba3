import { describe, expect, test } from 'vitest';
import {
  claimRun,
  finishWith,
  makeDetection,
  makeId,
  makeScored,
  openTemporaryDatabase,
} from '../../../../tests/support/temporary-workspace.ts';
import type { LabelLine } from '../../../domains/curation/index.ts';
import type { CatalogQuery } from '../../../pipeline/ports.ts';

const ALL: CatalogQuery = { filter: {}, order: 'score', isFalling: true, limit: 100 };

/** Thirty detections of a run: scores rise with x, every third has a magnitude, one is vetoed. */
async function openField() {
  const database = await openTemporaryDatabase();
  const claim = await claimRun(database);
  const veto = { rule: 'edge', reason: 'it touches the edge' };
  const scored = Array.from({ length: 30 }, (_, n) =>
    makeScored(
      makeDetection(10 * n, 5, {
        raDeg: 10 + n / 100,
        decDeg: 1,
        snr: 5 + n,
        isNegative: n % 2 === 1,
        ...(n % 3 === 0 ? { mag: 25 - n / 10 } : {}),
        ...(n === 29 ? { vetoes: [veto] } : {}),
      }),
      // Ten of each score.
      Math.floor(n / 10) / 10,
      n + 1,
    ),
  );
  await finishWith(database, claim, scored);
  return { database, catalog: database.catalog, claim, scored };
}

describe('the catalogue of detections', () => {
  test('is paged in any order without losing or repeating a row, and tells how many there are', async () => {
    const { catalog } = await openField();
    for (const order of ['score', 'snr', 'mag', 'raDeg'] as const)
      for (const isFalling of [true, false]) {
        const whole = await catalog.listDetections({ ...ALL, order, isFalling });
        expect(whole.total).toBe(30);
        const ids: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await catalog.listDetections({ ...ALL, order, isFalling, limit: 7, cursor });
          expect(page.offset).toBe(ids.length);
          ids.push(...page.items.map(({ id }) => id));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        expect(ids).toEqual(whole.items.map(({ id }) => id));
        expect(new Set(ids).size).toBe(30);
        const known = whole.items.map((row) => row[order]).filter((value) => value !== undefined);
        expect(known).toEqual(known.toSorted((a, b) => (isFalling ? b - a : a - b)));
        const far = await catalog.listDetections({ ...ALL, order, isFalling, limit: 2, offset: 17 });
        expect(far.items.map(({ id }) => id)).toEqual(ids.slice(17, 19));
      }
  });

  test('filters, and refuses cursors of other orders and columns that are not there', async () => {
    const { catalog } = await openField();
    const filter = {
      ranges: [{ column: 'mag', to: 24 }],
      words: [{ column: 'state', names: ['candidate'] }],
    };
    const bright = await catalog.listDetections({ ...ALL, filter, order: 'mag', isFalling: false });
    expect(bright.items.map(({ mag }) => mag)).toEqual(
      [22.3, 22.6, 22.9, 23.2, 23.5, 23.8].map((mag) => expect.closeTo(mag, 9)),
    );
    const { nextCursor } = await catalog.listDetections({ ...ALL, limit: 3 });
    await expect(catalog.listDetections({ ...ALL, order: 'snr', cursor: nextCursor! })).rejects.toMatchObject(
      {
        code: 'catalog/bad-cursor',
      },
    );
    await expect(catalog.listDetections({ ...ALL, cursor: 'x' })).rejects.toMatchObject({
      code: 'catalog/bad-cursor',
    });
    await expect(
      catalog.listDetections({ ...ALL, filter: { ranges: [{ column: 'colour' }] } }),
    ).rejects.toMatchObject({ code: 'catalog/unknown-column' });
  });

  test('shows labels, new runs and rows that changed as soon as they are on disk', async () => {
    const { catalog, database, claim, scored } = await openField();
    const real = { ...ALL, filter: { words: [{ column: 'verdict', names: ['real'] }] } };
    expect((await catalog.listDetections(real)).total).toBe(0);
    const candidateId = (await catalog.listDetections(ALL)).items.find(({ isVetoed }) => !isVetoed)!.id;
    const label = {
      id: makeId(77),
      candidateId,
      verdict: 'real',
      curator: 'tester',
      scoreVisible: true,
    } as const;
    await database.labels.append(label);
    expect((await catalog.listDetections(real)).items.map(({ id }) => id)).toEqual([candidateId]);
    expect((await catalog.listObjects(real)).total).toBe(1);
    await database.labels.retract(label.id, makeId(78));
    expect((await catalog.listDetections(real)).total).toBe(0);
    expect((await catalog.listObjects(real)).total).toBe(0);

    const second = await claimRun(database);
    await finishWith(database, second, scored.slice(0, 5));
    expect((await catalog.listDetections(ALL)).total).toBe(35);
    // Processed again, the run has fewer, and the best has another score.
    await finishWith(database, claim, [{ ...scored[3]!, score: 1 }, ...scored.slice(10, 15)]);
    const after = await catalog.listDetections(ALL);
    expect(after.total).toBe(11);
    expect(after.items[0]).toMatchObject({ score: 1, snr: 8 });
  });

  test('shows labels that were merged from elsewhere, and lets go of those taken back there', async () => {
    const { catalog, database } = await openField();
    const real = { ...ALL, filter: { words: [{ column: 'verdict', names: ['real'] }] } };
    const whole = await catalog.listDetections({
      ...ALL,
      filter: { words: [{ column: 'state', names: ['candidate'] }] },
    });
    const [first, second] = whole.items.map(({ id }) => id);
    const label = (n: number, candidateId: string) =>
      ({ id: makeId(n), candidateId, verdict: 'real', curator: 'tester', scoreVisible: true }) as const;
    await database.labels.append(label(81, first!));
    await database.labels.append(label(82, second!));
    expect((await catalog.listDetections(real)).total).toBe(2);
    const lines: LabelLine[] = [];
    for await (const line of database.labelExchange.export()) lines.push(line);
    const clockOf = (line: LabelLine): string => (line.line === 'event' ? line.event.clock : '');
    const newest = lines
      .filter(({ line }) => line === 'event')
      .toSorted((a, b) => (clockOf(a) < clockOf(b) ? 1 : -1))[0]!;
    if (newest.line !== 'event') throw new Error('no event');
    const { curator, at, clock } = newest.event;
    await database.labelExchange.import([
      ...lines,
      {
        line: 'event',
        event: {
          kind: 'retraction',
          id: makeId(83),
          candidateId: first!,
          curator,
          at,
          clock: `${clock.slice(0, -1)}f`,
          retractsId: makeId(81),
        },
      },
    ]);
    expect((await catalog.listDetections(real)).items.map(({ id }) => id)).toEqual([second]);
    expect((await catalog.listObjects(real)).total).toBe(1);
  });

  test('counts along axes, and tells few rows one by one', async () => {
    const { catalog } = await openField();
    const x = { column: 'score', isLog: false, from: 0, to: 0.3, bins: 3 };
    const bins = await catalog.countBins('detections', {}, x, 'sign');
    expect(bins.edges).toHaveLength(4);
    expect(bins.counts).toEqual({ positive: [5, 5, 5], negative: [5, 5, 5] });
    const y = { column: 'snr', isLog: true, bins: 2 };
    const cells = await catalog.countCells('detections', {}, x, y, 30);
    expect(cells.counts.reduce((sum, n) => sum + n)).toBe(30);
    expect(cells.points?.x).toHaveLength(30);
    expect((await catalog.countCells('detections', {}, x, y, 29)).points).toBeUndefined();
    const none = await catalog.countBins('detections', { ranges: [{ column: 'snr', from: 1e9 }] }, y, 'sign');
    expect(none).toEqual({ edges: [], counts: {}, total: 0 });
  });

  test('is read whole for exports', async () => {
    const { catalog } = await openField();
    const rows = [];
    for await (const some of catalog.readDetections({ ranges: [{ column: 'snr', from: 10 }] }))
      rows.push(...some);
    expect(rows).toHaveLength(25);
  });
});

describe('the catalogue of sky objects', () => {
  test('joins what several runs saw at one place, and tells its detections', async () => {
    const { catalog, database, scored } = await openField();
    const second = await claimRun(database);
    await finishWith(database, second, scored.slice(0, 5));
    const twice = await catalog.listObjects({
      ...ALL,
      order: 'detectionCount',
      filter: { ranges: [{ column: 'detectionCount', from: 2 }] },
    });
    expect(twice.total).toBe(5);
    // The vetoed one is no object.
    expect((await catalog.listObjects(ALL)).total).toBe(29);
    const { object, detections } = await catalog.getObject(twice.items[0]!.id);
    expect(object.name).toMatch(/^AstrID J0040\d\d\.\d\d\+010000\.0$/);
    expect(detections.map(({ objectId }) => objectId)).toEqual([object.id, object.id]);
    expect(new Set(detections.map(({ runId }) => runId)).size).toBe(2);
  });

  test('says which one is not there', async () => {
    const { catalog } = await openField();
    await expect(catalog.getObject(makeId(5))).rejects.toMatchObject({ code: 'catalog/object-not-found' });
  });
});
