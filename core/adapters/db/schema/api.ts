import { blob, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Answers to requests that bear an Idempotency-Key; without a status, one that a crash cut off. */
export const keptAnswers = sqliteTable(
  'kept_answers',
  {
    principal: text('principal').notNull(),
    key: text('key').notNull(),
    requestSha256: text('request_sha256').notNull(),
    madeId: text('made_id').notNull(),
    createdAt: text('created_at').notNull(),
    status: integer('status'),
    contentType: text('content_type'),
    body: blob('body', { mode: 'buffer' }),
  },
  (row) => [
    primaryKey({ columns: [row.principal, row.key] }),
    index('kept_answers_by_age').on(row.createdAt),
  ],
);
