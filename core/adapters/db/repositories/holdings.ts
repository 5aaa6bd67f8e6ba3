import { sql } from 'drizzle-orm';
import type { HoldingRepository } from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';

/** Count what a workspace holds. */
export function createHoldingRepository({ orm, read }: Connection): HoldingRepository {
  return {
    count: () =>
      read(() => {
        const one = orm.get<{
          curators: number;
          events: number;
          lastLabelAt: string | null;
          lastEventAt: string | null;
          runs: number;
        }>(sql`SELECT
          (SELECT count(DISTINCT curator) FROM label_events) AS curators,
          (SELECT coalesce(max(id), 0) FROM events) AS events,
          (SELECT at FROM label_events ORDER BY seq DESC LIMIT 1) AS lastLabelAt,
          (SELECT at FROM events ORDER BY id DESC LIMIT 1) AS lastEventAt,
          (SELECT count(*) FROM runs) AS runs`);
        const { curators, events, lastLabelAt, lastEventAt, runs } = one!;
        return {
          labelEvents: orm.all<{ kind: string; count: number }>(
            sql`SELECT kind, count(*) AS count FROM label_events GROUP BY kind ORDER BY kind`,
          ),
          curators,
          events,
          runs,
          lastLabelAt: lastLabelAt ?? undefined,
          lastEventAt: lastEventAt ?? undefined,
        };
      }),
  };
}
