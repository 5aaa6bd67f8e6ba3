import { sql } from 'drizzle-orm';
import {
  type AnySQLiteColumn,
  index,
  integer,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import type { Verdict } from '../../../pipeline/ports.ts';
import { detections } from './detection.ts';
import { runs } from './pipeline.ts';

/** Verdicts and their retractions, append-only (triggers of the database see to it). */
export const labelEvents = sqliteTable(
  'label_events',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }).notNull(),
    id: text('id').notNull().unique(),
    kind: text('kind').$type<'label' | 'retraction'>().notNull(),
    candidateId: text('candidate_id')
      .notNull()
      .references(() => detections.id),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id),
    at: text('at').notNull(),
    curator: text('curator').notNull(),
    verdict: text('verdict').$type<Verdict>(),
    reason: text('reason'),
    decisionMs: integer('decision_ms'),
    isScoreVisible: integer('is_score_visible', { mode: 'boolean' }),
    retractsId: text('retracts_id').references((): AnySQLiteColumn => labelEvents.id),
  },
  (label) => [
    index('label_events_by_candidate').on(label.candidateId, label.seq),
    index('label_events_by_run').on(label.runId, label.seq),
    uniqueIndex('label_events_retractions').on(label.retractsId).where(sql`retracts_id IS NOT NULL`),
  ],
);
