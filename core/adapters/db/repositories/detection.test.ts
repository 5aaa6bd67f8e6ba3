import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  claimRun,
  finishWith,
  makeDetection,
  makeId,
  makeScored,
  openTemporaryDatabase,
} from '../../../../tests/support/temporary-workspace.ts';
import type { CandidateQuery } from '../../../pipeline/ports.ts';

const everything: CandidateQuery = { vetoed: false, order: 'rank', limit: 1000 };
const veto = { rule: 'edge', reason: 'it touches the edge' };

describe('candidates', () => {
  test('come back as they were scored, with their triplet', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    const detection = makeDetection(10.25, 20.5, {
      raDeg: 150,
      decDeg: -2.5,
      mag: 20.125,
      flags: ['near-saturated'],
    });
    const scored = makeScored(detection, 0.75, 1);
    await finishWith(database, claim, [scored]);
    const [candidate] = (await database.detections.list(everything)).items;
    const tripletSha256 = createHash('sha256').update(scored.triplet).digest('hex');
    expect(candidate).toEqual({
      ...detection,
      id: expect.any(String),
      runId: claim.runId,
      rank: 1,
      score: 0.75,
      modelVersion: 'model-1',
      executionProvider: 'cpu',
      tripletSha256,
      label: undefined,
    });
    expect(await database.detections.get(candidate!.id)).toEqual(candidate);
    expect(await database.planes.describe(tripletSha256)).toEqual({
      dtype: 'float32',
      shape: [3, 63, 63],
      unit: 'e-',
    });
    const { cutouts } = database;
    expect(await cutouts.size(tripletSha256)).toBe(scored.triplet.length);
    const bytes = await cutouts.get(tripletSha256);
    expect(bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(Buffer.from(bytes).equals(scored.triplet)).toBe(true);
    const parts: number[] = [];
    for await (const part of cutouts.openRange(tripletSha256, 4, 12)) parts.push(...part);
    expect(parts).toEqual([...scored.triplet.subarray(4, 12)]);
    await expect(cutouts.get('0'.repeat(64))).rejects.toMatchObject({ code: 'storage/not-found' });
  });

  test('are announced once each, vetoed detections not at all', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    const detections = [
      makeScored(makeDetection(10, 10), 0.9, 1),
      makeScored(makeDetection(50, 10, { vetoes: [veto] }), 0.2, 2),
    ];
    await finishWith(database, claim, detections);
    await finishWith(database, claim, detections);
    const found = (await database.events.read({ afterId: 0, limit: 100 })).filter(
      ({ kind }) => kind === 'candidate.found',
    );
    expect(found.map(({ data }) => Object.keys(data ?? {}))).toEqual([['snr', 'xPx', 'yPx']]);
    expect(found).toMatchObject([{ data: { xPx: 10, yPx: 10 } }]);
    expect((await database.detections.list(everything)).total).toBe(1);
    expect((await database.detections.list({ ...everything, vetoed: true })).items).toMatchObject([
      { vetoes: [veto] },
    ]);
  });

  test('are paged in every order without a gap or a repeat, also where values tie', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    await finishWith(
      database,
      claim,
      Array.from({ length: 23 }, (_, n) =>
        makeScored(makeDetection(10 * n, 5, { snr: 5 + (n % 4) }), (n % 5) / 5, 1 + Math.floor(n / 2)),
      ),
    );
    for (const order of ['score', 'snr', 'rank'] as const) {
      const values: number[] = [];
      const ids = new Set<string>();
      let cursor: string | undefined;
      do {
        const page = await database.detections.list({
          vetoed: false,
          order,
          limit: 4,
          cursor,
          runId: claim.runId,
        });
        expect(page.total).toBe(23);
        values.push(...page.items.map((candidate) => candidate[order]));
        for (const { id } of page.items) ids.add(id);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(ids.size).toBe(23);
      expect(values).toEqual(values.toSorted((a, b) => (order === 'rank' ? a - b : b - a)));
    }
  });

  test('refuse a cursor of another order', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    await finishWith(
      database,
      claim,
      [0, 1].map((n) => makeScored(makeDetection(n * 10, 0), n / 2, 2 - n)),
    );
    const { nextCursor } = await database.detections.list({ ...everything, limit: 1 });
    const asked = database.detections.list({ ...everything, order: 'score', cursor: nextCursor });
    await expect(asked).rejects.toMatchObject({ code: 'detection/bad-cursor' });
  });

  test('are filtered by run, score, label and verdict', async () => {
    const database = await openTemporaryDatabase();
    const first = await claimRun(database, 'a');
    await finishWith(
      database,
      first,
      [0, 1, 2, 3].map((n) => makeScored(makeDetection(n * 10, 0), n / 4, 4 - n)),
    );
    const second = await claimRun(database, 'b');
    await finishWith(database, second, [makeScored(makeDetection(1, 1), 1, 1)]);
    const { detections, labels } = database;
    const inFirst = { ...everything, runId: first.runId };
    const [best, next] = (await detections.list(inFirst)).items;
    for (const [n, candidate, verdict] of [
      [1, best, 'real'],
      [2, next, 'bogus'],
    ] as const)
      await labels.append({
        id: makeId(n),
        candidateId: candidate!.id,
        verdict,
        curator: 'me',
        scoreVisible: true,
      });
    const count = async (query: Partial<CandidateQuery>): Promise<number> =>
      (await detections.list({ ...everything, ...query })).total;
    expect(await count({})).toBe(5);
    expect(await count({ runId: first.runId })).toBe(4);
    expect(await count({ minScore: 0.5 })).toBe(3);
    expect(await count({ labelled: true })).toBe(2);
    expect(await count({ labelled: false })).toBe(3);
    expect(await count({ verdict: 'bogus' })).toBe(1);
    expect(await count({ runId: second.runId, labelled: true })).toBe(0);
  });
});

describe('a run that is processed again', () => {
  test('keeps the ids and labels of what it finds again within 2 px', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    await finishWith(database, claim, [
      makeScored(makeDetection(100, 100), 0.5, 1),
      makeScored(makeDetection(103, 100), 0.4, 2),
    ]);
    const before = (await database.detections.list(everything)).items;
    await database.labels.append({
      id: makeId(1),
      candidateId: before[0]!.id,
      verdict: 'real',
      curator: 'me',
      scoreVisible: true,
    });
    await finishWith(database, claim, [
      makeScored(makeDetection(103.4, 100.2), 0.9, 1),
      makeScored(makeDetection(100.5, 99.5), 0.8, 2),
      makeScored(makeDetection(100.5, 99.5, { isNegative: true }), 0.1, 3, 7),
    ]);
    const after = (await database.detections.list(everything)).items;
    expect(after.map(({ id }) => id).slice(0, 2)).toEqual([before[1]!.id, before[0]!.id]);
    expect(after[1]).toMatchObject({ xPx: 100.5, score: 0.8, label: { id: makeId(1), verdict: 'real' } });
    expect(before.map(({ id }) => id)).not.toContain(after[2]!.id);
    expect((await database.runs.get(claim.runId)).candidateCount).toBe(3);
  });

  test('drops what it does not find again, but keeps it unlisted where a person judged it', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    const judged = makeScored(makeDetection(10, 10), 0.5, 1);
    const other = makeScored(makeDetection(200, 10), 0.4, 2);
    await finishWith(database, claim, [judged, other]);
    const before = (await database.detections.list(everything)).items;
    await database.labels.append({
      id: makeId(1),
      candidateId: before[0]!.id,
      verdict: 'bogus',
      curator: 'me',
      scoreVisible: false,
    });
    await finishWith(database, claim, [makeScored(makeDetection(50, 50), 0.3, 1)]);
    expect((await database.detections.list(everything)).items).toMatchObject([{ xPx: 50 }]);
    expect(await database.detections.get(before[0]!.id)).toMatchObject({ label: { verdict: 'bogus' } });
    expect(await database.cutouts.size(before[0]!.tripletSha256)).toBe(judged.triplet.length);
    await expect(database.detections.get(before[1]!.id)).rejects.toMatchObject({
      code: 'detection/candidate-not-found',
    });
    expect(await database.cutouts.size(before[1]!.tripletSha256)).toBeUndefined();
    expect((await database.labels.list({ limit: 10 })).total).toBe(1);
    expect((await database.runs.get(claim.runId)).labelledCount).toBe(0);
    // Found once more, it is listed again under its old id.
    await finishWith(database, claim, [judged]);
    expect((await database.detections.list(everything)).items).toMatchObject([
      { id: before[0]!.id, label: { verdict: 'bogus' } },
    ]);
  });

  test('takes two thousand detections in one transaction', async () => {
    const database = await openTemporaryDatabase();
    const claim = await claimRun(database);
    const many = Array.from({ length: 2000 }, (_, n) =>
      makeScored(makeDetection((n % 50) * 9, Math.floor(n / 50) * 9), 0.5, n + 1),
    );
    await finishWith(database, claim, many);
    await finishWith(database, claim, many);
    expect((await database.detections.list({ ...everything, limit: 1 })).total).toBe(2000);
  });
});
