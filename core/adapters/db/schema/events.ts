import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { EventKind } from '../../../pipeline/ports.ts';

/** What happened, each row written in the transaction of the data it speaks of. */
export const events = sqliteTable(
  'events',
  {
    id: integer('id').primaryKey({ autoIncrement: true }).notNull(),
    kind: text('kind').$type<EventKind>().notNull(),
    at: text('at').notNull(),
    runId: text('run_id'),
    candidateId: text('candidate_id'),
    data: text('data_json', { mode: 'json' })
      .$type<Readonly<Record<string, unknown>>>()
      .notNull()
      .default({}),
  },
  (event) => [index('events_by_run').on(event.runId, event.id)],
);
