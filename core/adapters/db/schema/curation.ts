import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type {
  Confidence,
  CurationEvent,
  CuratorShape,
  Purpose,
  Taxonomy,
  Verdict,
} from '../../../domains/curation/index.ts';

/** Everything people did to candidates, append-only (triggers of the database see to it). */
export const labelEvents = sqliteTable(
  'label_events',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }).notNull(),
    id: text('id').notNull().unique(),
    kind: text('kind').$type<CurationEvent['kind']>().notNull(),
    candidateId: text('candidate_id').notNull(),
    runId: text('run_id'),
    at: text('at').notNull(),
    clock: text('clock').notNull(),
    curator: text('curator').notNull(),
    verdict: text('verdict').$type<Verdict>(),
    classId: text('class_id'),
    taxonomyId: text('taxonomy_id'),
    taxonomyVersion: integer('taxonomy_version'),
    confidence: text('confidence').$type<Confidence>(),
    purpose: text('purpose').$type<Purpose>(),
    reason: text('reason'),
    isSet: integer('is_set', { mode: 'boolean' }),
    decisionMs: integer('decision_ms'),
    isScoreVisible: integer('is_score_visible', { mode: 'boolean' }),
    score: real('score'),
    modelVersion: text('model_version'),
    viewHash: text('view_hash'),
    retractsId: text('retracts_id'),
  },
  (event) => [
    index('label_events_by_candidate').on(event.candidateId, event.seq),
    index('label_events_by_run').on(event.runId, event.seq),
    index('label_events_by_curator').on(event.curator, event.seq),
    index('label_events_by_clock').on(event.clock),
    index('label_events_retractions').on(event.retractsId).where(sql`retracts_id IS NOT NULL`),
  ],
);

/** Each curator's newest label of a candidate that was not taken back. */
export const standingLabels = sqliteTable(
  'standing_labels',
  {
    candidateId: text('candidate_id').notNull(),
    curator: text('curator').notNull(),
    labelId: text('label_id').notNull(),
    runId: text('run_id'),
    verdict: text('verdict').$type<Verdict>().notNull(),
    classId: text('class_id'),
  },
  (row) => [
    primaryKey({ columns: [row.candidateId, row.curator] }),
    index('standing_labels_by_curator').on(row.curator, row.labelId),
    index('standing_labels_by_run').on(row.runId, row.candidateId),
    index('standing_labels_by_class').on(row.classId).where(sql`class_id IS NOT NULL`),
  ],
);

/** What all curators together come to; a candidate that nobody touched has no row. */
export const candidateStates = sqliteTable(
  'candidate_states',
  {
    candidateId: text('candidate_id').primaryKey().notNull(),
    labels: integer('labels').notNull(),
    verdict: text('verdict').$type<Verdict>(),
    classId: text('class_id'),
    isFlagged: integer('is_flagged', { mode: 'boolean' }).notNull(),
    comments: integer('comments').notNull(),
    consensus: text('consensus').notNull(),
  },
  (row) => [
    index('candidate_states_open')
      .on(row.consensus, row.candidateId)
      .where(sql`consensus IN ('disputed', 'to-adjudicate')`),
    index('candidate_states_gold').on(row.candidateId).where(sql`consensus = 'adjudicated'`),
  ],
);

/** Who labels. */
export const curators = sqliteTable('curators', {
  id: text('id').primaryKey().notNull(),
  name: text('name').notNull(),
  shortId: text('short_id').notNull(),
  colour: integer('colour').notNull(),
  shape: text('shape').$type<CuratorShape>().notNull(),
  clock: text('clock').notNull(),
});

/** Candidates of other workspaces, and which detection here each is. */
export const foreignCandidates = sqliteTable(
  'foreign_candidates',
  {
    id: text('id').primaryKey().notNull(),
    candidateId: text('candidate_id'),
    scienceName: text('science_name').notNull(),
    templateName: text('template_name').notNull(),
    xPx: real('x_px').notNull(),
    yPx: real('y_px').notNull(),
    isNegative: integer('is_negative', { mode: 'boolean' }).notNull(),
    nthOfPair: integer('nth_of_pair').notNull().default(0),
  },
  (row) => [
    index('foreign_candidates_here').on(row.candidateId).where(sql`candidate_id IS NOT NULL`),
    index('foreign_candidates_waiting')
      .on(row.scienceName, row.templateName)
      .where(sql`candidate_id IS NULL`),
  ],
);

/** Every version of every taxonomy. */
export const taxonomies = sqliteTable(
  'taxonomies',
  {
    id: text('id').notNull(),
    version: integer('version').notNull(),
    createdAt: text('created_at').notNull(),
    taxonomy: text('taxonomy_json', { mode: 'json' }).$type<Taxonomy>().notNull(),
  },
  (row) => [primaryKey({ columns: [row.id, row.version] })],
);
