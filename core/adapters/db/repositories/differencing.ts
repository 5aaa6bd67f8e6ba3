import { and, count, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import type { ReviewRecord, ReviewRepository, ReviewRetraction } from '../../../pipeline/ports.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';
import { reviewEvents, runs } from '../schema/index.ts';
import { appendEvent } from './events.ts';
import { isChange } from './is-change.ts';

type ReviewRow = typeof reviewEvents.$inferSelect;

// A decision stands until a later row takes it back.
const stands = sql`review_events.kind = 'review' AND NOT EXISTS
  (SELECT 1 FROM review_events AS later WHERE later.retracts_id = review_events.id)`;

/** Keep decisions on differences as an append-only history. */
export function createReviewRepository(connection: Connection): ReviewRepository {
  const { orm } = connection;

  const findEvent = (id: string): ReviewRow | undefined =>
    orm.select().from(reviewEvents).where(eq(reviewEvents.id, id)).get();
  const refuseReuse = (id: string): never => {
    throw new AstridError(
      'differencing/review-id-reused',
      `The id ${id} belongs to another decision; send this one under a new id.`,
      { id },
    );
  };

  return {
    append: (review) =>
      connection.write(() => {
        const earlier = findEvent(review.id);
        if (earlier !== undefined) {
          const isSame =
            earlier.runId === review.runId &&
            earlier.decision === review.decision &&
            (earlier.comment ?? undefined) === review.comment;
          return isSame ? toReview(earlier) : refuseReuse(review.id);
        }
        const run = orm.select({ id: runs.id }).from(runs).where(eq(runs.id, review.runId)).get();
        if (run === undefined)
          throw new AstridError(
            'pipeline/run-not-found',
            `There is no run ${review.runId} in this workspace; the decision was not stored.`,
            { id: review.runId },
          );
        if (isChange(connection, review.id)) refuseReuse(review.id);
        const row = orm
          .insert(reviewEvents)
          .values({ ...review, kind: 'review', at: connection.now() })
          .returning()
          .get();
        const { id, runId, decision, curator } = review;
        appendEvent(connection, {
          kind: 'difference.reviewed',
          runId,
          data: { reviewId: id, decision, curator },
        });
        return toReview(row);
      }),
    retract: (reviewId, retractionId) =>
      connection.write(() => {
        const review = findEvent(reviewId);
        if (review?.kind !== 'review')
          throw new AstridError(
            'differencing/review-not-found',
            `There is no decision ${reviewId} to take back.`,
            {
              id: reviewId,
            },
          );
        const earlier = orm.select().from(reviewEvents).where(eq(reviewEvents.retractsId, reviewId)).get();
        if (earlier !== undefined) return toRetraction(earlier, reviewId);
        if (findEvent(retractionId) !== undefined || isChange(connection, retractionId))
          refuseReuse(retractionId);
        const { runId, curator } = review;
        const row = orm
          .insert(reviewEvents)
          .values({
            id: retractionId,
            kind: 'retraction',
            runId,
            curator,
            at: connection.now(),
            retractsId: reviewId,
          })
          .returning()
          .get();
        appendEvent(connection, { kind: 'review.retracted', runId, data: { reviewId } });
        return toRetraction(row, reviewId);
      }),
    list: ({ cursor, limit, runId }) =>
      connection.read(() => {
        const matching = runId === undefined ? undefined : eq(reviewEvents.runId, runId);
        const after =
          cursor === undefined
            ? undefined
            : lt(reviewEvents.seq, readCursor(cursor, [0], 'differencing/bad-cursor')[0]);
        const rows = orm
          .select()
          .from(reviewEvents)
          .where(and(stands, matching, after))
          .orderBy(desc(reviewEvents.seq))
          .limit(limit + 1)
          .all();
        const page = rows.slice(0, limit);
        const last = page.at(-1);
        return {
          items: page.map(toReview),
          nextCursor: rows.length > limit && last !== undefined ? writeCursor([last.seq]) : undefined,
          total: orm.select({ n: count() }).from(reviewEvents).where(and(stands, matching)).get()?.n ?? 0,
        };
      }),
    latest: (runIds) =>
      connection.read(() => {
        if (runIds.length === 0) return [];
        const rows = orm
          .select()
          .from(reviewEvents)
          .where(and(stands, inArray(reviewEvents.runId, [...runIds])))
          .orderBy(reviewEvents.runId, reviewEvents.seq)
          .all();
        // Later ones take the place of earlier ones of their run.
        return [...new Map(rows.map((row) => [row.runId, toReview(row)])).values()];
      }),
  };
}

function toReview(row: ReviewRow): ReviewRecord {
  if (row.decision === null) throw new Error(`review event ${row.id} is not a decision`);
  return {
    id: row.id,
    runId: row.runId,
    decision: row.decision,
    comment: row.comment ?? undefined,
    curator: row.curator,
    decidedAt: row.at,
  };
}

function toRetraction(row: ReviewRow, reviewId: string): ReviewRetraction {
  return { id: row.id, reviewId, runId: row.runId, retractedAt: row.at };
}
