import { describe, expect, test } from 'vitest';
import { openWorkstation } from '../../../tests/support/open-workstation.ts';
import { makeId } from '../../../tests/support/seed-workspace.ts';
import type { ReferenceStars } from '../../domains/catalog/index.ts';
import type { Services } from '../index.ts';

const ANN = makeId(901);
const BOB = makeId(902);
const CAT = makeId(903);

/** A door over twelve candidates at RA 10 + n/1000, Dec 0.5, of scores (12 - n) / 12. */
async function openDoor(change?: (services: Services) => Services) {
  const { fetch, seed, database } = await openWorkstation(change === undefined ? {} : { change });
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(
      new Request(`http://x/api/v1${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      }),
    );
    const text = await response.text();
    return { status: response.status, text, body: JSON.parse(text) };
  };
  /** Sit down as a curator: who labels here is chosen, and everything is read as that one. */
  const sitDown = async (id: string) => {
    await ask('PUT', `/curators/${id}`, { id, name: id, shortId: id.slice(-3), colour: 0, shape: 'disc' });
    await ask('POST', `/curators/${id}/choose`, {});
  };
  await sitDown(ANN);
  const queue = async (request: object = {}) =>
    (await ask('POST', '/labelling/queue', { curatorId: ANN, ...request })).body;
  let made = 5000;
  const label = (curatorId: string, candidateId: string, verdict: string, more: object = {}) =>
    ask('POST', '/curation/events', {
      curatorId,
      events: [{ kind: 'label', id: makeId(made++), candidateId, verdict, scoreVisible: false, ...more }],
    });
  const { items } = await database.detections.list({ vetoed: false, order: 'rank', limit: 100 });
  return { ask, queue, label, sitDown, seed, database, ids: items.map(({ id }) => id) };
}

describe('a blind curator', () => {
  test('is told no score, in no field of the queue and not in its cursor, until asking for it', async () => {
    const { ask, queue, ids } = await openDoor();
    const asked = { curatorId: ANN, limit: 5, order: 'score' };
    const { text, body } = await ask('POST', '/labelling/queue', asked);
    expect(text).not.toMatch(/"score":/);
    expect(text).not.toMatch(/"rank":/);
    expect(Buffer.from(body.nextCursor, 'base64url').toString()).not.toMatch(/0\.\d/);
    const revealed = await ask('POST', `/candidates/${ids[1]}/reveal`, { curatorId: ANN, id: makeId(1000) });
    expect(revealed.body.score).toBeCloseTo(11 / 12, 12);
    const { items } = await queue(asked);
    expect(items.map(({ score }: { score?: number }) => score !== undefined)).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  test('has it recorded that the score was seen, and another curator has not', async () => {
    const { ask, label, ids } = await openDoor();
    await ask('POST', `/candidates/${ids[0]}/reveal`, { curatorId: ANN, id: makeId(1000) });
    const mine = (await label(ANN, ids[0]!, 'real')).body.labels[0];
    const other = (await label(BOB, ids[0]!, 'real')).body.labels[0];
    expect([mine.scoreVisible, other.scoreVisible]).toEqual([true, false]);
  });
});

describe('the queue', () => {
  test('comes in every order, leaves out what is asked to be left out, and counts', async () => {
    const { queue, label, ids } = await openDoor();
    for (const order of ['score', 'uncertainty', 'novelty', 'gain', 'snr'])
      expect((await queue({ order })).items).toHaveLength(12);
    await label(ANN, ids[0]!, 'bogus', { classId: 'dipole' });
    const rest = await queue({ filter: { include: { labelledByMe: false } } });
    expect([rest.items.length, rest.left]).toEqual([11, { count: 11, isAtLeast: false }]);
    const own = await queue({ filter: { include: { classIds: ['dipole'] } } });
    expect(own.items[0].label).toMatchObject({ classId: 'dipole', curator: ANN });
  });

  test('shows nobody’s labels before one’s own', async () => {
    const { ask, label, queue, ids } = await openDoor();
    await label(BOB, ids[0]!, 'bogus');
    await ask('POST', '/curation/events', {
      curatorId: BOB,
      events: [{ kind: 'comment', id: makeId(7000), candidateId: ids[0], text: 'a ghost' }],
    });
    const seen = async () => (await ask('GET', `/candidates/${ids[0]}/curation?curatorId=${ANN}`)).body;
    expect(await seen()).toMatchObject({ labels: [], comments: [] });
    expect((await queue()).items[0]).toMatchObject({ comments: 0 });
    await label(ANN, ids[0]!, 'real');
    expect((await seen()).labels).toHaveLength(2);
    expect((await seen()).comments[0].text).toBe('a ghost');
  });

  test('is read as oneself: an admin who may sign for another is not told what that one may know', async () => {
    const { ask, queue, label, ids } = await openDoor();
    await label(BOB, ids[0]!, 'bogus');
    for (const path of [`/candidates/${ids[0]}/curation`, '/curation/open', '/labelling/history']) {
      const { status, text, body } = await ask('GET', `${path}?curatorId=${BOB}`);
      expect([status, body.code]).toEqual([403, 'api/forbidden']);
      expect(text).not.toContain('bogus');
    }
    expect(await queue({ curatorId: BOB })).toMatchObject({ status: 403, code: 'api/forbidden' });
    expect((await queue({ curatorId: ANN })).items[0].label).toBeUndefined();
  });

  test('mixes in gold and repeats, and a repeat does not show the first label', async () => {
    const { ask, label, queue, ids } = await openDoor();
    await ask('PUT', '/curation/consensus', { repeatFraction: 0.3, goldFraction: 0.3 });
    await label(ANN, ids[0]!, 'real');
    await ask('POST', '/curation/events', {
      curatorId: BOB,
      events: [{ kind: 'adjudication', id: makeId(7000), candidateId: ids[1], verdict: 'bogus' }],
    });
    const { items } = await queue({
      hasControls: true,
      filter: { include: { labelledByMe: false }, exclude: { consensus: ['adjudicated'] } },
    });
    const of = (purpose: string) => items.filter((item: { purpose: string }) => item.purpose === purpose);
    expect(of('work')).toHaveLength(10);
    expect(of('gold').map(({ candidateId }: { candidateId: string }) => candidateId)).toEqual([ids[1]]);
    expect(of('repeat').map(({ candidateId }: { candidateId: string }) => candidateId)).toEqual([ids[0]]);
    expect(of('repeat')[0].label).toBeUndefined();
  });

  test('keeps filters by name', async () => {
    const { ask } = await openDoor();
    const filter = { name: 'faint', order: 'snr', filter: { snr: { max: 7 } } };
    await ask('PUT', '/labelling/filters/faint', filter);
    expect((await ask('GET', '/labelling/filters')).body.items).toEqual([filter]);
    await ask('DELETE', '/labelling/filters/faint');
    expect((await ask('GET', '/labelling/filters')).body.items).toEqual([]);
  });
});

describe('what is around a candidate', () => {
  test('are the stars of the catalogues, nearest first, with their distance', async () => {
    const stars: ReferenceStars = {
      count: 2,
      epochYr: 2016,
      raDeg: Float64Array.of(10.001, 10),
      decDeg: Float64Array.of(0.5, 0.5005),
      pmRaMasYr: new Float32Array(2),
      pmDecMasYr: new Float32Array(2),
      bands: [{ band: 'G', mag: Float32Array.of(15, Number.NaN), magErr: new Float32Array(2) }],
      isVariable: Uint8Array.of(1, 0),
      ids: ['far', 'near'],
    };
    const { ask, ids } = await openDoor((services) => ({
      ...services,
      starsAround: async () => [{ name: 'gaia', stars }],
    }));
    const { catalogs, items } = (await ask('GET', `/candidates/${ids[0]}/neighbours`)).body;
    expect(catalogs).toEqual(['gaia']);
    expect(items.map(({ id }: { id: string }) => id)).toEqual(['near', 'far']);
    expect(items[0].separationArcsec).toBeCloseTo(1.8, 6);
    // 3.6 arcsec of right ascension, foreshortened by the cosine of half a degree.
    expect(items[1].separationArcsec).toBeCloseTo(3.6 * Math.cos((0.5 * Math.PI) / 180), 6);
    expect(items.map(({ mags }: { mags: unknown[] }) => mags.length)).toEqual([0, 1]);
  });

  test('are its epochs, its own first of all, with where to cut its pixels', async () => {
    const { ask, ids, seed } = await openDoor();
    const { items } = (await ask('GET', `/candidates/${ids[3]}/epochs`)).body;
    expect(items).toEqual([
      expect.objectContaining({
        runId: seed.doneRunId,
        isOwn: true,
        xPx: 9,
        yPx: 10,
        plane: expect.objectContaining({ kind: 'science', sha256: seed.plane.sha256 }),
      }),
    ]);
  });
});

describe('consensus over the door', () => {
  test('tells nobody on any screen what others said before they have judged, while another label is wanted', async () => {
    const { ask, label, sitDown, ids } = await openDoor();
    await sitDown(makeId(904));
    await label(ANN, ids[0]!, 'real');
    await label(ANN, ids[1]!, 'real');
    await label(BOB, ids[1]!, 'real');
    const seen = async (id: string) => {
      const { items } = (await ask('GET', '/catalog/detections?limit=100')).body;
      const row = items.find((one: { id: string }) => one.id === id);
      return [(await ask('GET', `/candidates/${id}`)).body.label?.verdict, row.verdict];
    };
    expect(await seen(ids[0]!)).toEqual([undefined, undefined]);
    // Two labels that agree are all that is wanted: there is nobody left to be led.
    expect(await seen(ids[1]!)).toEqual(['real', 'real']);
    await ask('PUT', '/curation/consensus', { labelsWanted: 1 });
    expect(await seen(ids[0]!)).toEqual(['real', 'real']);
  });

  test('agrees, disputes, waits for a last word, and takes it', async () => {
    const { ask, label, sitDown, ids } = await openDoor();
    await sitDown(makeId(904));
    for (const [curator, verdict] of [
      [ANN, 'real'],
      [BOB, 'bogus'],
      [CAT, 'unsure'],
    ] as const)
      await label(curator, ids[0]!, verdict);
    for (const curator of [ANN, BOB]) await label(curator, ids[1]!, 'bogus');
    const open = (await ask('GET', `/curation/open?curatorId=${makeId(904)}`)).body.items;
    expect(open).toHaveLength(1);
    expect(open[0]).toMatchObject({ candidateId: ids[0], state: 'to-adjudicate' });
    expect(open[0].labels.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      'real',
      'bogus',
      'unsure',
    ]);
    // As many say real as say bogus, both as skilled: what is common, bogus, is likelier.
    expect(open[0].realProbability).toBeGreaterThan(0.02);
    expect(open[0].realProbability).toBeLessThan(0.5);
    const { all, pairs, skills, states } = (await ask('GET', '/curation/agreement')).body;
    expect(all).toMatchObject({ items: 2, curators: 3, ratings: 5 });
    expect(all.percent).toBeCloseTo(0.5, 12);
    expect(pairs).toHaveLength(3);
    expect(skills.map(({ curator }: { curator: string }) => curator)).toEqual([ANN, BOB, CAT]);
    expect(states).toEqual({ agreed: 1, 'to-adjudicate': 1 });
    await ask('POST', '/curation/events', {
      curatorId: CAT,
      events: [{ kind: 'adjudication', id: makeId(7000), candidateId: ids[0], verdict: 'real' }],
    });
    const after = (await ask('GET', '/curation/agreement')).body;
    expect(after.states).toEqual({ adjudicated: 1, agreed: 1 });
    const gold = after.skills.map((skill: { gold: object }) => skill.gold);
    expect(gold).toEqual([
      { right: 1, total: 1 },
      { right: 0, total: 1 },
      { right: 0, total: 1 },
    ]);
  });

  test('changes no candidate, whoever asks and however sure the labels are together', async () => {
    const { ask, label, ids } = await openDoor();
    for (const [n, id] of ids.entries()) {
      const truth = n % 2 === 0 ? 'real' : 'bogus';
      await label(ANN, id, truth);
      await label(BOB, id, truth);
      await label(CAT, id, n % 2 === 0 ? 'bogus' : 'real');
    }
    await ask('PUT', '/curation/consensus', { labelsWanted: 2, labelsOnDispute: 5 });
    for (let asked = 0; asked < 2; asked++)
      expect((await ask('GET', '/curation/agreement')).body.states).toEqual({ disputed: 12 });
  });

  test('has no figure, and no failure, where nobody has labelled', async () => {
    const { ask } = await openDoor();
    expect((await ask('GET', '/curation/agreement')).body).toEqual({
      all: { items: 0, curators: 0, ratings: 0 },
      pairs: [],
      skills: [],
      states: {},
    });
  });
});

describe('a taxonomy', () => {
  test('says what a change would do to labels, and is used in its new version', async () => {
    const { ask, label, ids } = await openDoor();
    await label(ANN, ids[0]!, 'bogus', { classId: 'dipole' });
    const { body: taxonomy } = await ask('GET', '/taxonomy');
    const next = { ...taxonomy, version: 2, classes: taxonomy.classes.slice(1) };
    expect((await ask('POST', '/taxonomy/compare', next)).body.changes).toEqual([
      { classId: 'dipole', change: 'removed', labels: 1 },
    ]);
    expect((await ask('POST', '/taxonomy', next)).status).toBe(201);
    expect((await ask('GET', '/taxonomy')).body.version).toBe(2);
    expect((await ask('POST', '/taxonomy', next)).status).toBe(409);
    const broken = { ...next, version: 3, classes: [{ ...next.classes[0], key: '0' }, ...next.classes] };
    expect((await ask('POST', '/taxonomy', broken)).body.code).toBe('curation/bad-taxonomy');
  });
});
