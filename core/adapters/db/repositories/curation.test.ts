import { join } from 'node:path';
import Database from 'better-sqlite3';
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
import type { NewLabel } from '../../../pipeline/ports.ts';

async function openWithCandidates() {
  const clock = makeClock();
  const database = await openTemporaryDatabase({ clock: clock.read });
  const claim = await claimRun(database);
  await finishWith(
    database,
    claim,
    [0, 1].map((n) => makeScored(makeDetection(n * 10, 0), 0.5, n + 1)),
  );
  const { items } = await database.detections.list({ vetoed: false, order: 'rank', limit: 10 });
  const label = (n: number, candidate: number, changes: Partial<NewLabel> = {}): NewLabel => ({
    id: makeId(n),
    candidateId: items[candidate]!.id,
    verdict: 'real',
    curator: 'vera',
    scoreVisible: true,
    ...changes,
  });
  const shown = async (candidate: number) => (await database.detections.get(items[candidate]!.id)).label;
  return { ...database, runId: claim.runId, clock, label, shown };
}

describe('labels', () => {
  test('come back as they were given, on the candidate too', async () => {
    const { labels, label, shown } = await openWithCandidates();
    const given = label(1, 0, { reason: 'host galaxy', decisionMs: 850, scoreVisible: false });
    const stored = await labels.append(given);
    expect(stored).toEqual({ ...given, purpose: 'work', decidedAt: '2026-03-01T00:00:00.000Z' });
    expect(await shown(0)).toEqual(stored);
    expect(await shown(1)).toBeUndefined();
  });

  test('sent twice are stored and announced once', async () => {
    const { labels, events, label } = await openWithCandidates();
    const first = await labels.append(label(1, 0));
    const last = await events.lastId();
    expect(await labels.append(label(1, 0))).toEqual(first);
    expect((await labels.list({ limit: 10 })).total).toBe(1);
    expect(await events.lastId()).toBe(last);
  });

  test('refuse an id that another verdict has', async () => {
    const { labels, label } = await openWithCandidates();
    await labels.append(label(1, 0));
    for (const other of [label(1, 1), label(1, 0, { verdict: 'bogus' }), label(1, 0, { reason: 'why' })])
      await expect(labels.append(other)).rejects.toMatchObject({ code: 'curation/label-id-reused' });
  });

  test('refuse a candidate that is not there', async () => {
    const { labels, label } = await openWithCandidates();
    const stray = labels.append(label(1, 0, { candidateId: makeId(404) }));
    await expect(stray).rejects.toMatchObject({ code: 'detection/candidate-not-found' });
  });

  test('the newest shows; taken back, the one before shows again', async () => {
    const { labels, events, label, shown } = await openWithCandidates();
    await labels.append(label(1, 0, { verdict: 'real' }));
    await labels.append(label(2, 0, { verdict: 'bogus' }));
    expect(await shown(0)).toMatchObject({ id: makeId(2) });
    const retraction = await labels.retract(makeId(2), makeId(3));
    expect(retraction).toMatchObject({ id: makeId(3), labelId: makeId(2) });
    expect(await shown(0)).toMatchObject({ id: makeId(1), verdict: 'real' });
    expect(await labels.retract(makeId(2), makeId(4))).toEqual(retraction);
    await labels.retract(makeId(1), makeId(5));
    expect(await shown(0)).toBeUndefined();
    expect((await labels.list({ limit: 10 })).items).toEqual([]);
    const kinds = (await events.read({ afterId: 0, limit: 100 })).map(({ kind }) => kind).slice(-4);
    expect(kinds).toEqual([
      'detection.validated',
      'detection.validated',
      'label.retracted',
      'label.retracted',
    ]);
  });

  test('that are not there cannot be taken back, and a retraction is no label', async () => {
    const { labels, label } = await openWithCandidates();
    await expect(labels.retract(makeId(1), makeId(2))).rejects.toMatchObject({
      code: 'curation/label-not-found',
    });
    await labels.append(label(1, 0));
    await labels.append(label(3, 1));
    await labels.retract(makeId(1), makeId(2));
    await expect(labels.retract(makeId(2), makeId(9))).rejects.toMatchObject({
      code: 'curation/label-not-found',
    });
    await expect(labels.retract(makeId(3), makeId(2))).rejects.toMatchObject({
      code: 'curation/label-id-reused',
    });
  });

  test('are listed newest first, by page, by run and by candidate', async () => {
    const { labels, label, runId, clock } = await openWithCandidates();
    for (let n = 1; n <= 5; n++) {
      await labels.append(label(n, n % 2));
      clock.advance(1000);
    }
    const first = await labels.list({ limit: 3 });
    expect(first.items.map(({ id }) => id)).toEqual([makeId(5), makeId(4), makeId(3)]);
    const second = await labels.list({ limit: 3, cursor: first.nextCursor });
    expect(second.items.map(({ id }) => id)).toEqual([makeId(2), makeId(1)]);
    expect(second).toMatchObject({ total: 5, nextCursor: undefined });
    expect((await labels.list({ limit: 9, runId })).total).toBe(5);
    expect((await labels.list({ limit: 9, candidateId: first.items[0]!.candidateId })).total).toBe(3);
    await expect(labels.list({ limit: 9, cursor: '!' })).rejects.toMatchObject({
      code: 'curation/bad-cursor',
    });
  });

  test('cannot be changed or deleted, not even by another program', async () => {
    const { labels, label, folder, close } = await openWithCandidates();
    await labels.append(label(1, 0));
    close();
    const sqlite = new Database(join(folder, 'workspace.sqlite'));
    expect(() => sqlite.exec("UPDATE label_events SET verdict = 'bogus'")).toThrow('append-only');
    expect(() => sqlite.exec('DELETE FROM label_events')).toThrow('append-only');
    sqlite.close();
  });
});

describe('settings', () => {
  test('are kept by name and survive a restart', async () => {
    const { settings, folder, close } = await openTemporaryDatabase();
    expect(await settings.get('sample-night')).toBeUndefined();
    await settings.set('sample-night', { seed: 1 });
    await settings.set('sample-night', { seed: 2 });
    close();
    const again = await openTemporaryDatabase({ folder });
    expect(await again.settings.get('sample-night')).toEqual({ seed: 2 });
  });
});

describe('the event log', () => {
  test('is read after an id, for all runs or one, and tells its readers once a commit', async () => {
    const database = await openTemporaryDatabase();
    let told = 0;
    const stop = database.events.subscribe(() => told++);
    const first = await claimRun(database, 'a');
    await claimRun(database, 'b');
    expect(told).toBe(2);
    stop();
    await claimRun(database, 'c');
    expect(told).toBe(2);
    expect((await database.events.read({ afterId: 1, limit: 10 })).map(({ id }) => id)).toEqual([2, 3]);
    expect((await database.events.read({ afterId: 0, limit: 1 })).map(({ id }) => id)).toEqual([1]);
    expect(await database.events.read({ afterId: 0, limit: 10, runId: first.runId })).toHaveLength(1);
    expect(await database.events.lastId()).toBe(3);
  });
});
