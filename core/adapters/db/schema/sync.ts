import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Json } from '../../../domains/sync/index.ts';

/** How far the exchange with the shared catalogue is; one row. */
export const syncState = sqliteTable('sync_state', {
  id: integer('id').primaryKey().notNull(),
  isReceiving: integer('is_receiving', { mode: 'boolean' }).notNull().default(false),
  cursor: integer('cursor').notNull().default(0),
  lastExchangeAt: text('last_exchange_at'),
  sent: integer('sent').notNull().default(0),
  received: integer('received').notNull().default(0),
});

/** Changes for the shared catalogue, written by triggers. */
export const outbox = sqliteTable(
  'outbox',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }).notNull(),
    changeId: text('change_id').notNull().unique(),
    kind: text('kind').$type<'append' | 'set'>().notNull(),
    entity: text('entity').notNull(),
    key: text('key').notNull(),
    sentAt: text('sent_at'),
    refusedAt: text('refused_at'),
    refusedCode: text('refused_code'),
    refusedReason: text('refused_reason'),
  },
  (row) => [
    index('outbox_waiting').on(row.seq).where(sql`sent_at IS NULL AND refused_at IS NULL`),
    index('outbox_refused').on(row.seq).where(sql`refused_at IS NOT NULL`),
  ],
);

/** Every value that a shared field was ever given. */
export const fieldVersions = sqliteTable(
  'field_versions',
  {
    id: text('id').primaryKey().notNull(),
    entity: text('entity').notNull(),
    key: text('key').notNull(),
    field: text('field').notNull(),
    value: text('value_json', { mode: 'json' }).$type<Json>().notNull(),
    clock: text('clock').notNull(),
    basedOn: text('based_on_json', { mode: 'json' }).$type<readonly string[]>().notNull(),
    author: text('author'),
    isRefused: integer('is_refused', { mode: 'boolean' }).notNull().default(false),
    isHead: integer('is_head', { mode: 'boolean' }).notNull().default(true),
  },
  (row) => [
    index('field_versions_of').on(row.entity, row.key, row.field, row.isHead),
    index('field_versions_by_clock').on(row.clock),
  ],
);

/** Changes that cannot be taken in yet. */
export const waitingChanges = sqliteTable('waiting_changes', {
  seq: integer('seq').primaryKey().notNull(),
  change: text('change_json').notNull(),
  reason: text('reason').notNull(),
});

/** Runs of others whose pair was processed here too. */
export const twinRuns = sqliteTable('twin_runs', {
  id: text('id').primaryKey().notNull(),
  scienceName: text('science_name').notNull(),
  templateName: text('template_name').notNull(),
  nthOfPair: integer('nth_of_pair').notNull().default(0),
});

/** Blobs that workstations share beside triplets. */
export const sharedBlobs = sqliteTable(
  'shared_blobs',
  {
    sha256: text('sha256').primaryKey().notNull(),
    bytes: integer('bytes').notNull(),
    changeId: text('change_id'),
    mirroredAt: text('mirrored_at'),
    usedAt: text('used_at').notNull(),
  },
  (row) => [
    index('shared_blobs_to_send').on(row.sha256).where(sql`mirrored_at IS NULL AND change_id IS NOT NULL`),
  ],
);

/** Runs whose images stay here. */
export const keptRuns = sqliteTable('kept_runs', {
  runId: text('run_id').primaryKey().notNull(),
});

/** Which version of a shared field is based on which; written by triggers. */
export const fieldBases = sqliteTable(
  'field_bases',
  { baseId: text('base_id').notNull(), versionId: text('version_id').notNull() },
  (row) => [primaryKey({ columns: [row.baseId, row.versionId] })],
);

/** Raw files of this workstation that go to the bucket. */
export const rawFiles = sqliteTable('raw_files', {
  sha256: text('sha256').primaryKey().notNull(),
  path: text('path').notNull(),
});
