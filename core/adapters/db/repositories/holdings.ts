import { sql } from 'drizzle-orm';
import type { HoldingRepository, RunStatus } from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';

type BlobCount = Awaited<ReturnType<HoldingRepository['countBlobs']>>[number];

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
    countRuns: () =>
      read(() => {
        const counts = { queued: 0, running: 0, done: 0, failed: 0, cancelled: 0 };
        const rows = orm.all<{ status: RunStatus; n: number }>(
          sql`SELECT status, count(*) AS n FROM runs GROUP BY status`,
        );
        for (const { status, n } of rows) counts[status] = n;
        return counts;
      }),
    countBlobs: () =>
      read(() =>
        [
          ...orm.all<BlobCount>(sql`
          SELECT kind, count(*) AS count, sum(bytes) AS bytes, 0 AS missing FROM (
            SELECT DISTINCT kind, sha256, width_px * height_px * (CASE dtype WHEN 'uint16' THEN 2 ELSE 4 END) AS bytes
            FROM planes) GROUP BY kind`),
          // All triplets that are here are of one size: counting them reads no pixels.
          ...orm
            .all<{ count: number; missing: number; each: number | null }>(sql`
            SELECT count(*) AS count, (SELECT count(*) FROM cutouts WHERE length(bytes) = 0) AS missing,
              (SELECT length(bytes) FROM cutouts WHERE length(bytes) > 0 LIMIT 1) AS each FROM cutouts`)
            .map(({ count, missing, each }) => ({
              kind: 'triplet',
              count: count - missing,
              bytes: (count - missing) * (each ?? 0),
              missing,
            })),
        ].sort((a, b) => b.bytes - a.bytes),
      ),
  };
}
