import { sql } from 'drizzle-orm';
import {
  type AnySQLiteColumn,
  index,
  integer,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import type { ReviewDecision } from '../../../pipeline/ports.ts';
import { runs } from './pipeline.ts';

/** Decisions on differences and their retractions, append-only (triggers of the database see to it). */
export const reviewEvents = sqliteTable(
  'review_events',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }).notNull(),
    id: text('id').notNull().unique(),
    kind: text('kind').$type<'review' | 'retraction'>().notNull(),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id),
    at: text('at').notNull(),
    curator: text('curator').notNull(),
    decision: text('decision').$type<ReviewDecision>(),
    comment: text('comment'),
    retractsId: text('retracts_id').references((): AnySQLiteColumn => reviewEvents.id),
  },
  (review) => [
    index('review_events_by_run').on(review.runId, review.seq),
    uniqueIndex('review_events_retractions').on(review.retractsId).where(sql`retracts_id IS NOT NULL`),
  ],
);
