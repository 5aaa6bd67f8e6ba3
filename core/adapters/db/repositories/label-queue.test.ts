import { describe, expect, test } from 'vitest';
import {
  claimRun,
  finishWith,
  makeDetection,
  makeId,
  makeScored,
  openTemporaryDatabase,
} from '../../../../tests/support/temporary-workspace.ts';
import {
  DEFAULT_CONSENSUS_CONFIG,
  type QueueFilter,
  type QueueOrder,
  type Verdict,
} from '../../../domains/curation/index.ts';

const ANN = makeId(901);
const BOB = makeId(902);

/** Ten candidates in two fields; the nth has score n/10 and S/N 10 + n, and even ones are flagged `edge`. */
async function openQueue() {
  const database = await openTemporaryDatabase();
  const runIds: string[] = [];
  for (const [night, from] of [
    ['a', 0],
    ['b', 5],
  ] as const) {
    const claim = await claimRun(database, night);
    runIds.push(claim.runId);
    await finishWith(
      database,
      claim,
      [0, 1, 2, 3, 4].map((i) => {
        const n = from + i;
        const detection = makeDetection(n * 10, 5, {
          snr: 10 + n,
          flags: n % 2 === 0 ? ['edge'] : [],
          features: { size: n < 9 ? 1 + n / 100 : 50 },
        });
        return makeScored(detection, n / 10, i + 1);
      }),
    );
  }
  const { items } = await database.detections.list({ vetoed: false, order: 'snr', limit: 100 });
  const ids = items.map(({ id }) => id).reverse();
  const numbers = async (order: QueueOrder, filter: QueueFilter = {}, limit = 100, cursor?: string) => {
    const page = await database.labelQueue.list({ curator: ANN, order, filter, limit, cursor });
    return { ...page, items: page.items.map(({ candidateId }) => ids.indexOf(candidateId)) };
  };
  let made = 0;
  const label = (curator: string, n: number, verdict: Verdict, classId?: string) =>
    database.curation.record(curator, [
      {
        kind: 'label',
        id: makeId(1000 + made++),
        candidateId: ids[n]!,
        verdict,
        classId,
        purpose: 'work',
        scoreVisible: false,
      },
    ]);
  return { ...database, ids, runIds, numbers, label };
}

describe('a queue', () => {
  test('is ordered by score, by S/N, and by how little the score says', async () => {
    const { numbers } = await openQueue();
    expect((await numbers('score')).items).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect((await numbers('snr')).items).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const uncertain = (await numbers('uncertainty')).items;
    expect(uncertain[0]).toBe(5);
    expect(uncertain.slice(1, 3).sort()).toEqual([4, 6]);
    expect(uncertain.at(-1)).toBe(0);
  });

  test('is paged in every order, each candidate once', async () => {
    const { numbers } = await openQueue();
    for (const order of ['score', 'snr', 'uncertainty', 'novelty', 'gain'] as const) {
      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await numbers(order, {}, 3, cursor);
        seen.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  test('says nothing of scores in its cursor', async () => {
    const { numbers } = await openQueue();
    const { nextCursor } = await numbers('score', {}, 3);
    const parts = JSON.parse(Buffer.from(nextCursor!, 'base64url').toString()) as unknown[];
    expect(parts).toEqual(['score', expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    await expect(numbers('snr', {}, 3, nextCursor)).rejects.toMatchObject({ code: 'curation/bad-cursor' });
  });

  test('includes and excludes by field, flags, ranges, labels, classes and consensus', async () => {
    const { numbers, runIds, label, curation, curationRules, ids } = await openQueue();
    await label(ANN, 9, 'bogus', 'dipole');
    await label(BOB, 8, 'real');
    await label(BOB, 9, 'bogus');
    await curation.record(BOB, [{ kind: 'flag', id: makeId(5000), candidateId: ids[3]!, isSet: true }]);
    const of = async (filter: QueueFilter) => (await numbers('score', filter)).items;
    expect(await of({ include: { runIds: [runIds[0]!] } })).toEqual([4, 3, 2, 1, 0]);
    expect(await of({ exclude: { runIds: [runIds[0]!] } })).toEqual([9, 8, 7, 6, 5]);
    expect(await of({ include: { flags: ['edge'] } })).toEqual([8, 6, 4, 2, 0]);
    expect(await of({ exclude: { flags: ['edge'] } })).toEqual([9, 7, 5, 3, 1]);
    expect(await of({ score: { min: 0.3, max: 0.6 } })).toEqual([6, 5, 4, 3]);
    expect(await of({ snr: { min: 17 }, score: { max: 0.85 } })).toEqual([8, 7]);
    expect(await of({ include: { labelledByMe: true } })).toEqual([9]);
    expect(await of({ exclude: { labelledByMe: true } })).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(await of({ include: { labelledByAnyone: false } })).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
    // What Bob said of 8 is not Ann's to know before she has judged it.
    expect(await of({ include: { verdicts: ['real'] } })).toEqual([]);
    expect(await of({ exclude: { verdicts: ['real'] } })).toContain(8);
    expect(await of({ include: { classIds: ['dipole'] } })).toEqual([]);
    expect(await of({ include: { consensus: ['agreed'] } })).toEqual([9]);
    expect(await of({ exclude: { consensus: ['agreed', 'retired'] } })).not.toContain(9);
    expect(await of({ include: { isFlagged: true } })).toEqual([3]);
    expect(await of({ include: { bands: ['r'] } })).toEqual([]);
    await curationRules.setConsensus({ ...DEFAULT_CONSENSUS_CONFIG, labelsWanted: 1 });
    expect(await of({ include: { verdicts: ['real'] } })).toEqual([8]);
    expect(await of({ exclude: { verdicts: ['real'] } })).not.toContain(8);
  });

  test('counts what matches', async () => {
    const { labelQueue, label } = await openQueue();
    await label(ANN, 1, 'real');
    const filter = { include: { labelledByMe: false } };
    expect(await labelQueue.count({ curator: ANN, filter })).toEqual({ count: 9, isAtLeast: false });
    expect(await labelQueue.count({ curator: BOB, filter })).toEqual({ count: 10, isAtLeast: false });
  });

  test('remembers what it was told of novelty and gain', async () => {
    const { labelQueue, ids, numbers } = await openQueue();
    expect(await labelQueue.listUnranked(100)).toHaveLength(10);
    await labelQueue.keepRanks(ids.map((id, n) => ({ id, novelty: (n * 7) % 10, gain: (n * 3) % 10 })));
    expect(await labelQueue.listUnranked(100)).toEqual([]);
    expect((await numbers('novelty', {}, 2)).items).toEqual([7, 4]);
    expect((await numbers('gain', {}, 2)).items).toEqual([3, 6]);
    await labelQueue.forgetRanks();
    expect(await labelQueue.listUnranked(100)).toHaveLength(10);
  });

  test('gives samples of all candidates and of those with labels', async () => {
    const { labelQueue, label, ids } = await openQueue();
    await label(ANN, 4, 'real');
    const { population, seen } = await labelQueue.sampleFeatures(6);
    expect(population).toHaveLength(6);
    expect(seen.map(({ id }) => id)).toEqual([ids[4]]);
    expect(seen[0]!.features).toEqual({ size: 1.04 });
  });
});
