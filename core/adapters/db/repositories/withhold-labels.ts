import { type SQL, sql } from 'drizzle-orm';
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import type { Connection } from '../connection.ts';
import { readConsensus } from './project-labels.ts';

/**
 * Who is asking, as SQL knows them: from this curator the verdicts of others are kept, from `null` nothing is.
 *
 * The rule, once for every list, filter, plot, count and export: where several people judge each candidate, they do so
 * apart. As long as another label of a candidate is wanted, what others said of it is not told to a curator who has not
 * judged it: for them it is a candidate without a label. That a label exists, and that labels differ, is told: it says
 * that work is wanted, and not which way.
 */
export type Asker = string | null;

/** Say from whom something has to be kept: from nobody where everything is asked for, or one label is enough. */
export function askerOf(connection: Connection, seenBy: string | undefined): Asker {
  if (seenBy === undefined) return null;
  return readConsensus(connection).labelsWanted < 2 ? null : seenBy;
}

/** Say in SQL whether what others said of a candidate is kept from whoever asks. */
export function isWithheld(candidateId: SQL, asker: SQL): SQL {
  return sql`(${asker} IS NOT NULL
    AND EXISTS (SELECT 1 FROM candidate_states AS wanting WHERE wanting.candidate_id = ${candidateId}
      AND wanting.labels > 0 AND wanting.consensus IN ('waiting', 'disputed'))
    AND NOT EXISTS (SELECT 1 FROM standing_labels AS own WHERE own.candidate_id = ${candidateId} AND own.curator = ${asker}))`;
}

/** The detection here that the candidate of a label is. */
export const LABELLED_HERE = sql`coalesce((SELECT here.candidate_id FROM foreign_candidates AS here
  WHERE here.id = label_events.candidate_id), label_events.candidate_id)`;

/** The same as text, for statements that are prepared once; who asks is their parameter `@asker`. */
export function withheldText(candidateId: SQL): string {
  return new SQLiteSyncDialect().sqlToQuery(isWithheld(candidateId, sql.raw('@asker'))).sql;
}
