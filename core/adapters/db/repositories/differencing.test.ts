import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import {
  claimRun,
  makeClock,
  makeId,
  openTemporaryDatabase,
} from '../../../../tests/support/temporary-workspace.ts';
import type { NewReview } from '../../../pipeline/ports.ts';

async function openWithRuns() {
  const clock = makeClock();
  const database = await openTemporaryDatabase({ clock: clock.read });
  const { runId } = await claimRun(database, 'a');
  const { runId: other } = await claimRun(database, 'b');
  const review = (n: number, changes: Partial<NewReview> = {}): NewReview => ({
    id: makeId(n),
    runId,
    decision: 'accepted',
    curator: 'vera',
    ...changes,
  });
  return { ...database, runId, other, clock, review };
}

test('a decision comes back as it was given and is announced once, however often it is sent', async () => {
  const { reviews, events, review, runId } = await openWithRuns();
  const given = review(1, { decision: 'rejected', comment: 'dipoles in the corner' });
  const stored = await reviews.append(given);
  expect(stored).toEqual({ ...given, decidedAt: '2026-03-01T00:00:00.000Z' });
  expect(await reviews.append(given)).toEqual(stored);
  const announced = (await events.read({ afterId: 0, limit: 100, runId })).filter(
    ({ kind }) => kind === 'difference.reviewed',
  );
  expect(announced).toHaveLength(1);
  expect(announced[0]!.data).toEqual({ reviewId: makeId(1), decision: 'rejected', curator: 'vera' });
});

test('an id that another decision has is refused, and so is a run that is not there', async () => {
  const { reviews, review, other } = await openWithRuns();
  await reviews.append(review(1));
  for (const changed of [{ runId: other }, { decision: 'rejected' as const }, { comment: 'why' }])
    await expect(reviews.append(review(1, changed))).rejects.toMatchObject({
      code: 'differencing/review-id-reused',
    });
  await expect(reviews.append(review(2, { runId: makeId(404) }))).rejects.toMatchObject({
    code: 'pipeline/run-not-found',
  });
});

test('the newest stands; taken back, the one before stands again', async () => {
  const { reviews, review, runId, other } = await openWithRuns();
  await reviews.append(review(1));
  await reviews.append(review(2, { decision: 'rejected' }));
  await reviews.append(review(3, { runId: other }));
  const standing = async () => (await reviews.latest([runId, other])).map(({ id }) => id).sort();
  expect(await standing()).toEqual([makeId(2), makeId(3)]);
  const retraction = await reviews.retract(makeId(2), makeId(4));
  expect(retraction).toMatchObject({ id: makeId(4), reviewId: makeId(2), runId });
  expect(await reviews.retract(makeId(2), makeId(5))).toEqual(retraction);
  expect(await standing()).toEqual([makeId(1), makeId(3)]);
  await reviews.retract(makeId(1), makeId(6));
  expect(await standing()).toEqual([makeId(3)]);
  expect((await reviews.list({ limit: 10, runId })).total).toBe(0);
  await expect(reviews.retract(makeId(404), makeId(7))).rejects.toMatchObject({
    code: 'differencing/review-not-found',
  });
  await expect(reviews.retract(makeId(3), makeId(4))).rejects.toMatchObject({
    code: 'differencing/review-id-reused',
  });
});

test('decisions are listed newest first, by page', async () => {
  const { reviews, review } = await openWithRuns();
  for (let n = 1; n <= 5; n++) await reviews.append(review(n));
  const first = await reviews.list({ limit: 3 });
  expect(first.items.map(({ id }) => id)).toEqual([makeId(5), makeId(4), makeId(3)]);
  expect(first.total).toBe(5);
  const rest = await reviews.list({ limit: 3, cursor: first.nextCursor! });
  expect(rest.items.map(({ id }) => id)).toEqual([makeId(2), makeId(1)]);
  expect(rest.nextCursor).toBeUndefined();
});

test('the history cannot be changed, even by hand', async () => {
  const { reviews, review, folder } = await openWithRuns();
  await reviews.append(review(1));
  const byHand = new Database(join(folder, 'workspace.sqlite'));
  expect(() => byHand.exec("UPDATE review_events SET decision = 'rejected'")).toThrow('append-only');
  expect(() => byHand.exec('DELETE FROM review_events')).toThrow('append-only');
  byHand.close();
});
