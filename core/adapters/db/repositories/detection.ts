import { and, asc, count, desc, eq, gte, isNotNull, isNull, not, type SQL, sql } from 'drizzle-orm';
import type { CandidateQuery, CandidateRecord, DetectionRepository } from '../../../pipeline/ports.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';
import { detections, labelEvents } from '../schema/index.ts';
import { toLabel } from './curation.ts';
import { type Asker, askerOf, isWithheld } from './withhold-labels.ts';

const sortColumns = { score: detections.score, snr: detections.snr, rank: detections.rank } as const;

const DETECTION = sql`${detections.id}`;

/** The newest verdict that whoever asks may know. */
function verdictFor(asker: Asker): SQL {
  if (asker === null) return sql`label_verdict`;
  const isKept = isWithheld(DETECTION, sql`${asker}`);
  return sql`CASE WHEN label_id IS NULL OR ${isKept} THEN NULL ELSE label_verdict END`;
}

/** Read candidates and vetoed detections. */
export function createDetectionRepository(connection: Connection): DetectionRepository {
  const { orm } = connection;
  const select = (asker: Asker) =>
    orm
      .select({ detection: detections, label: labelEvents })
      .from(detections)
      .leftJoin(
        labelEvents,
        and(
          eq(labelEvents.id, detections.labelId),
          asker === null ? undefined : not(isWithheld(DETECTION, sql`${asker}`)),
        ),
      );

  return {
    countScores: (modelVersion, bins, seenBy) =>
      connection.read(() =>
        orm
          .all<{ bin: number; verdict: 'real' | 'bogus' | 'unsure' | null; count: number }>(sql`
            SELECT min(CAST(score * ${bins} AS INTEGER), ${bins - 1}) AS bin, ${verdictFor(askerOf(connection, seenBy))} AS verdict,
              count(*) AS count
            FROM detections INDEXED BY detections_by_model
            WHERE superseded_at IS NULL AND is_vetoed = 0 AND model_version = ${modelVersion}
            GROUP BY 1, 2`)
          .map(({ bin, verdict, count }) => ({ bin, verdict: verdict ?? undefined, count })),
      ),
    listNames: (limit) =>
      connection.read(() =>
        orm
          .select({
            id: detections.id,
            runId: detections.runId,
            rank: detections.rank,
            score: detections.score,
            snr: detections.snr,
            raDeg: detections.raDeg,
            decDeg: detections.decDeg,
          })
          .from(detections)
          .where(and(isNull(detections.supersededAt), eq(detections.isVetoed, false)))
          .orderBy(desc(detections.score), desc(detections.id))
          .limit(limit)
          .all()
          .map(({ raDeg, decDeg, ...name }) => ({
            ...name,
            raDeg: raDeg ?? undefined,
            decDeg: decDeg ?? undefined,
          })),
      ),
    get: (id, seenBy) =>
      connection.read(() => {
        const row = select(askerOf(connection, seenBy)).where(eq(detections.id, id)).get();
        if (row === undefined)
          throw new AstridError(
            'detection/candidate-not-found',
            `There is no candidate ${id} in this workspace.`,
            { id },
          );
        return toCandidate(row);
      }),
    list: (query) =>
      connection.read(() => {
        const asker = askerOf(connection, query.seenBy);
        const matching = matches(query, asker);
        const column = sortColumns[query.order];
        const rows = select(asker)
          .where(
            and(matching, query.cursor === undefined ? undefined : comesAfter(query.order, query.cursor)),
          )
          // Rank 1 is the best, the others are better the larger they are.
          .orderBy(
            ...(query.order === 'rank'
              ? [asc(column), asc(detections.id)]
              : [desc(column), desc(detections.id)]),
          )
          .limit(query.limit + 1)
          .all();
        const page = rows.slice(0, query.limit);
        const last = page.at(-1)?.detection;
        return {
          items: page.map(toCandidate),
          nextCursor:
            rows.length > query.limit && last !== undefined
              ? writeCursor([query.order, last[query.order], last.id])
              : undefined,
          total: orm.select({ n: count() }).from(detections).where(matching).get()?.n ?? 0,
        };
      }),
  };
}

function matches(
  { runId, labelled, verdict, vetoed, minScore }: CandidateQuery,
  asker: Asker,
): SQL | undefined {
  return and(
    isNull(detections.supersededAt),
    eq(detections.isVetoed, vetoed),
    runId === undefined ? undefined : eq(detections.runId, runId),
    labelled === undefined
      ? undefined
      : labelled
        ? isNotNull(detections.labelId)
        : isNull(detections.labelId),
    verdict === undefined ? undefined : eq(detections.labelVerdict, verdict),
    verdict === undefined || asker === null ? undefined : not(isWithheld(DETECTION, sql`${asker}`)),
    minScore === undefined ? undefined : gte(detections.score, minScore),
  );
}

function comesAfter(order: CandidateQuery['order'], cursor: string): SQL {
  const [sortedBy, value, id] = readCursor(cursor, ['', 0, ''], 'detection/bad-cursor');
  if (sortedBy !== order)
    throw new AstridError(
      'detection/bad-cursor',
      `The cursor belongs to a list ordered by ${sortedBy}, not by ${order}; ask for the first page again.`,
      { cursor, order },
    );
  const key = sql`(${sortColumns[order]}, ${detections.id})`;
  return order === 'rank' ? sql`${key} > (${value}, ${id})` : sql`${key} < (${value}, ${id})`;
}

function toCandidate({
  detection,
  label,
}: {
  readonly detection: typeof detections.$inferSelect;
  readonly label: typeof labelEvents.$inferSelect | null;
}): CandidateRecord {
  const { createdAt, supersededAt, isVetoed, labelId, labelVerdict, ...rest } = detection;
  const { isRanked, novelty, gain, uncertainty, raDeg, decDeg, mag, ...kept } = rest;
  return {
    ...kept,
    raDeg: raDeg ?? undefined,
    decDeg: decDeg ?? undefined,
    mag: mag ?? undefined,
    label: label === null ? undefined : toLabel(label),
  };
}
