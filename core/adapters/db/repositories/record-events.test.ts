import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  claimRun,
  finishWith,
  makeClock,
  makeDetection,
  makeId,
  makeScored,
  openTemporaryDatabase,
} from '../../../../tests/support/temporary-workspace.ts';
import type { LabelLine, NewCurationEvent, Verdict } from '../../../domains/curation/index.ts';
import { makeUuidV7, readAll } from '../../../utils/index.ts';
import type { WorkspaceDatabase } from '../open-database.ts';

const ANN = makeId(901);
const BOB = makeId(902);
const CAT = makeId(903);

/** A workspace in which the line found candidates at known places; ids differ from workspace to workspace. */
async function openWith(count: number, night = 'a') {
  const clock = makeClock();
  const database = await openTemporaryDatabase({ clock: clock.read });
  const claim = await claimRun(database, night);
  await finishWith(
    database,
    claim,
    Array.from({ length: count }, (_, n) => makeScored(makeDetection(n * 10, 5), 1 - n / count, n + 1)),
  );
  const { items } = await database.detections.list({ vetoed: false, order: 'rank', limit: 100 });
  const ids = items.map(({ id }) => id);
  return { ...database, clock, ids, runId: claim.runId };
}

let made = 0;
const freshId = (): string => makeUuidV7(1_780_000_000_000 + made++, randomBytes(10));
const label = (candidateId: string, verdict: Verdict, more: object = {}): NewCurationEvent => ({
  kind: 'label',
  id: freshId(),
  candidateId,
  verdict,
  purpose: 'work',
  scoreVisible: false,
  ...more,
});

async function readLines(database: Pick<WorkspaceDatabase, 'labelExchange'>): Promise<LabelLine[]> {
  const lines: LabelLine[] = [];
  for await (const line of database.labelExchange.export()) lines.push(line);
  return lines;
}

/** What stands of each place: verdicts by curator; the same in every workspace that has the same events. */
async function standing(database: WorkspaceDatabase & { ids: readonly string[] }) {
  const folded = await database.curation.fold(database.ids);
  return folded.map(({ labels }) =>
    Object.fromEntries(labels.map(({ curator, verdict }) => [curator, verdict])),
  );
}

describe('what curators do', () => {
  test('is listed page by page, newest first, without what they took back', async () => {
    const { curation, ids } = await openWith(6);
    const events = await curation.record(
      ANN,
      ids.map((id) => label(id, 'real')),
    );
    await curation.record(ANN, [{ kind: 'retraction', id: makeId(900), retractsId: events[2]!.id }]);
    const pages = await readAll((cursor) => curation.history(ANN, { limit: 2, cursor }));
    expect(pages.map(({ candidateId }) => candidateId)).toEqual(
      ids.toReversed().filter((id) => id !== ids[2]),
    );
    expect((await curation.history(ANN, { limit: 2 })).total).toBe(5);
    await expect(curation.history(ANN, { limit: 2, cursor: 'x' })).rejects.toMatchObject({
      code: 'curation/bad-cursor',
    });
  });

  test('is recorded with who, when, and what the model said at that time', async () => {
    const { curation, ids } = await openWith(2);
    const [event] = await curation.record(ANN, [
      label(ids[0]!, 'bogus', { classId: 'dipole', confidence: 'high', decisionMs: 640, viewHash: 'v1' }),
    ]);
    expect(event).toMatchObject({
      kind: 'label',
      curator: ANN,
      score: 1,
      modelVersion: 'model-1',
      taxonomyId: 'starter',
      taxonomyVersion: 1,
      scoreVisible: false,
      confidence: 'high',
      clock: expect.stringMatching(/^[0-9a-f]{12}-[0-9a-f]{4}$/),
    });
    expect((await curation.history(ANN, { limit: 5 })).items[0]).toEqual(event);
  });

  test('keeps its order within a millisecond: stamps rise with every event', async () => {
    const { curation, ids } = await openWith(3);
    const recorded = await curation.record(
      ANN,
      ids.map((id) => label(id, 'real')),
    );
    const clocks = recorded.map(({ clock }) => clock);
    expect([...clocks].sort()).toEqual(clocks);
    expect(new Set(clocks).size).toBe(3);
  });

  test('counts a score as seen once it was revealed, whatever the screen says', async () => {
    const { curation, ids } = await openWith(1);
    await curation.record(ANN, [{ kind: 'reveal', id: freshId(), candidateId: ids[0]! }]);
    const [mine] = await curation.record(ANN, [label(ids[0]!, 'real')]);
    const [other] = await curation.record(BOB, [label(ids[0]!, 'real')]);
    expect([mine, other]).toMatchObject([{ scoreVisible: true }, { scoreVisible: false }]);
  });

  test('is all there or not at all', async () => {
    const { curation, ids } = await openWith(2);
    const events = [label(ids[0]!, 'real'), label(makeId(404), 'real')];
    await expect(curation.record(ANN, events)).rejects.toMatchObject({
      code: 'detection/candidate-not-found',
    });
    expect((await curation.fold([ids[0]!]))[0]!.labels).toEqual([]);
  });

  test('stays by each curator’s own hand: nobody takes back another’s label', async () => {
    const { curation, ids } = await openWith(1);
    const [mine] = await curation.record(ANN, [label(ids[0]!, 'real')]);
    const retraction = (): NewCurationEvent => ({ kind: 'retraction', id: freshId(), retractsId: mine!.id });
    await expect(curation.record(BOB, [retraction()])).rejects.toMatchObject({ code: 'curation/not-yours' });
    const [first] = await curation.record(ANN, [retraction()]);
    expect(await curation.record(ANN, [retraction()])).toEqual([first]);
    expect((await curation.fold(ids))[0]!.labels).toEqual([]);
  });

  test('moves a candidate from waiting to agreed, disputed and settled', async () => {
    const { curation, ids } = await openWith(3);
    await curation.record(ANN, [label(ids[0]!, 'real'), label(ids[1]!, 'real'), label(ids[2]!, 'real')]);
    await curation.record(BOB, [label(ids[0]!, 'real'), label(ids[1]!, 'bogus')]);
    expect(await curation.countStates()).toEqual({ agreed: 1, disputed: 1, waiting: 1 });
    expect(await curation.listOpen(10)).toEqual([ids[1]]);
    await curation.record(CAT, [label(ids[1]!, 'unsure')]);
    expect(await curation.countStates()).toEqual({ agreed: 1, 'to-adjudicate': 1, waiting: 1 });
    await curation.record(CAT, [
      { kind: 'adjudication', id: freshId(), candidateId: ids[1]!, verdict: 'bogus' },
    ]);
    expect(await curation.listGold()).toEqual(new Map([[ids[1], 'bogus']]));
    expect(await curation.listOpen(10)).toEqual([]);
  });

  test('follows when the rules change', async () => {
    const { curation, curationRules, ids } = await openWith(1);
    await curation.record(ANN, [label(ids[0]!, 'real')]);
    await curationRules.setConsensus({ ...(await curationRules.consensus()), labelsWanted: 1 });
    expect(await curation.countStates()).toEqual({ agreed: 1 });
  });

  test('tells first labels from repeats of the same curator', async () => {
    const { curation, ids } = await openWith(2);
    await curation.record(ANN, [label(ids[0]!, 'real'), label(ids[1]!, 'bogus')]);
    await curation.record(ANN, [label(ids[0]!, 'bogus', { purpose: 'repeat' })]);
    const words = (await curation.repeats()).get(ANN)!;
    expect(words.map(({ curator, category }) => [curator, category])).toEqual([
      ['first', 'real'],
      ['again', 'bogus'],
    ]);
  });
});

describe('profiles and taxonomies', () => {
  test('start with one curator of the account’s name, and remember who was chosen', async () => {
    const { curationRules } = await openTemporaryDatabase();
    const first = await curationRules.currentCurator('vera');
    expect(first).toMatchObject({ name: 'vera', shortId: 'VER' });
    expect(await curationRules.currentCurator('vera')).toEqual(first);
    const bob = { id: BOB, name: 'Bob', shortId: 'BO', colour: 3, shape: 'square' as const };
    await curationRules.saveCurator(bob);
    await curationRules.chooseCurator(BOB);
    expect(await curationRules.currentCurator('vera')).toEqual(bob);
    await expect(curationRules.chooseCurator(makeId(404))).rejects.toMatchObject({
      code: 'curation/curator-not-found',
    });
  });

  test('take a new version, and labels keep the one they were given in', async () => {
    const { curation, curationRules, ids } = await openWith(2);
    const old = await curationRules.taxonomy();
    await curation.record(ANN, [label(ids[0]!, 'bogus', { classId: 'dipole' })]);
    const next = { ...old, version: 2, classes: old.classes.slice(1) };
    await curationRules.saveTaxonomy(next);
    expect(await curationRules.taxonomy()).toEqual(next);
    await expect(curationRules.saveTaxonomy(next)).rejects.toMatchObject({
      code: 'curation/taxonomy-version-reused',
    });
    await curation.record(ANN, [label(ids[1]!, 'bogus', { classId: 'saturated' })]);
    const versions = (await curation.history(ANN, { limit: 5 })).items.map(
      ({ taxonomyVersion }) => taxonomyVersion,
    );
    expect(versions).toEqual([2, 1]);
    expect(await curationRules.countClasses()).toEqual(
      new Map([
        ['dipole', 1],
        ['saturated', 1],
      ]),
    );
  });
});

describe('two workspaces that are merged', () => {
  test('come to the same whichever way: no label lost, none doubled, whatever was done twice', async () => {
    const one = await openWith(4);
    const two = await openWith(4);
    await one.curation.record(ANN, [label(one.ids[0]!, 'real'), label(one.ids[1]!, 'real')]);
    two.clock.advance(-7_200_000);
    await two.curation.record(BOB, [
      label(two.ids[0]!, 'real'),
      label(two.ids[1]!, 'bogus'),
      label(two.ids[2]!, 'unsure'),
    ]);
    const report = await one.labelExchange.import(await readLines(two));
    expect(report).toMatchObject({ events: 3, added: 3, matched: 3, waiting: 0, clashes: 0 });
    await two.labelExchange.import(await readLines(one));
    expect(await one.labelExchange.import(await readLines(two))).toMatchObject({ added: 0 });

    const expected = [
      { [ANN]: 'real', [BOB]: 'real' },
      { [ANN]: 'real', [BOB]: 'bogus' },
      { [BOB]: 'unsure' },
      {},
    ];
    expect(await standing(one)).toEqual(expected);
    expect(await standing(two)).toEqual(expected);
    // By hand: the first agreed, the second disputed, the third waits for another label.
    for (const { curation } of [one, two])
      expect(await curation.countStates()).toEqual({ agreed: 1, disputed: 1, waiting: 1 });
    const events = async (of: WorkspaceDatabase) =>
      (await readLines(of)).flatMap((line) => (line.line === 'event' ? [line.event.id] : [])).sort();
    expect(await events(one)).toEqual(await events(two));
    // What is recorded after seeing the others' sorts after it, although that clock runs two hours late.
    const [late] = await two.curation.record(BOB, [label(two.ids[3]!, 'real')]);
    const newest = (await one.curation.history(ANN, { limit: 1 })).items[0]!;
    expect(late!.clock > newest.clock).toBe(true);
  });

  test('keep labels of candidates that are not here until the line finds them', async () => {
    const one = await openWith(3, 'z');
    await one.curation.record(ANN, [label(one.ids[1]!, 'bogus')]);
    const two = await openTemporaryDatabase();
    const report = await two.labelExchange.import(await readLines(one));
    expect(report).toMatchObject({ added: 1, matched: 0, waiting: 1 });
    const claim = await claimRun(two, 'z');
    await finishWith(
      two,
      claim,
      [0, 1, 2].map((n) => makeScored(makeDetection(n * 10 + 0.4, 5.3), 0.5, n + 1)),
    );
    const { items } = await two.detections.list({ vetoed: false, order: 'rank', limit: 10 });
    expect(items.map((candidate) => candidate.label?.verdict)).toEqual([undefined, 'bogus', undefined]);
    expect((await two.curation.ratings()).map(({ itemId }) => itemId)).toEqual([items[1]!.id]);
  });

  test('know each other’s people', async () => {
    const one = await openWith(1);
    const vera = await one.curationRules.currentCurator('vera');
    const two = await openWith(1);
    await two.labelExchange.import(await readLines(one));
    expect(await two.curationRules.listCurators()).toEqual([vera]);
  });
});
