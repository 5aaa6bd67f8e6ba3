import { index, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { runs } from './pipeline.ts';

/** Exposures that the line has read here, once each; triggers on the runs write them. */
export const observations = sqliteTable(
  'observations',
  {
    path: text('path').primaryKey().notNull(),
    facts: text('facts_json').notNull(),
    band: text('band'),
    object: text('object'),
    /** Midpoint, MJD TAI; far in the past where the header says none. */
    sortMjd: real('sort_mjd').notNull(),
    firstSeenAt: text('first_seen_at').notNull(),
    lastRunId: text('last_run_id')
      .notNull()
      .references(() => runs.id),
    isScience: integer('is_science').notNull(),
    isTemplate: integer('is_template').notNull(),
  },
  (row) => [
    index('observations_by_time').on(row.sortMjd, row.path),
    index('observations_by_band').on(row.band, row.sortMjd, row.path),
    index('observations_by_object').on(row.object, row.sortMjd, row.path),
  ],
);
