import { sql } from 'drizzle-orm';
import type { ObservationRecord, ObservationRepository } from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';

interface Row {
  readonly path: string;
  readonly facts: string;
  readonly sortMjd: number;
  readonly firstSeenAt: string;
  readonly lastRunId: string;
  readonly isScience: number;
  readonly isTemplate: number;
}

/** List the exposures that the line has read; triggers on the runs write them down. */
export function createObservationRepository({ orm, read }: Connection): ObservationRepository {
  return {
    list: ({ cursor, limit, band, object, fromMjdTai, toMjdTai }) =>
      read(() => {
        const conditions = [
          sql`TRUE`,
          ...(band === undefined ? [] : [sql`band = lower(${band})`]),
          ...(object === undefined ? [] : [sql`object = lower(${object})`]),
          ...(fromMjdTai === undefined ? [] : [sql`sort_mjd >= ${fromMjdTai}`]),
          ...(toMjdTai === undefined ? [] : [sql`sort_mjd <= ${toMjdTai}`]),
        ];
        const matching = sql.join(conditions, sql` AND `);
        const [mjd, path] =
          cursor === undefined ? [] : readCursor(cursor, [0, ''], 'observations/bad-cursor');
        const after = mjd === undefined ? sql`TRUE` : sql`(sort_mjd, path) < (${mjd}, ${path})`;
        const rows = orm.all<Row>(sql`
          SELECT path, facts_json AS facts, sort_mjd AS sortMjd, first_seen_at AS firstSeenAt,
            last_run_id AS lastRunId, is_science AS isScience, is_template AS isTemplate
          FROM observations WHERE ${matching} AND ${after} ORDER BY sort_mjd DESC, path DESC LIMIT ${limit + 1}`);
        const page = rows.slice(0, limit);
        const last = page.at(-1);
        return {
          items: page.map(toObservation),
          nextCursor:
            rows.length > limit && last !== undefined ? writeCursor([last.sortMjd, last.path]) : undefined,
          total: orm.get<{ n: number }>(sql`SELECT count(*) AS n FROM observations WHERE ${matching}`)!.n,
        };
      }),
  };
}

function toObservation({ facts, firstSeenAt, lastRunId, isScience, isTemplate }: Row): ObservationRecord {
  return {
    ...JSON.parse(facts),
    firstSeenAt,
    lastRunId,
    isScience: isScience === 1,
    isTemplate: isTemplate === 1,
  };
}
