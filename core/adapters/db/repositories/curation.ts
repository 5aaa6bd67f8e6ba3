import { and, count, desc, eq, lt, type SQL, sql } from 'drizzle-orm';
import type { LabelRecord, LabelRepository, Retraction } from '../../../pipeline/ports.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';
import { detections, labelEvents } from '../schema/index.ts';
import { appendEvent } from './events.ts';

type LabelRow = typeof labelEvents.$inferSelect;

// A verdict stands until a later row takes it back.
const stands = sql`label_events.kind = 'label' AND NOT EXISTS
  (SELECT 1 FROM label_events AS later WHERE later.retracts_id = label_events.id)`;

/** Keep verdicts as an append-only history. */
export function createLabelRepository(connection: Connection): LabelRepository {
  const { orm } = connection;

  const findEvent = (id: string): LabelRow | undefined =>
    orm.select().from(labelEvents).where(eq(labelEvents.id, id)).get();
  const refuseReuse = (id: string): never => {
    throw new AstridError(
      'curation/label-id-reused',
      `The id ${id} belongs to another verdict; send this one under a new id.`,
      { id },
    );
  };
  const standing = (condition: SQL | undefined, limit: number): readonly LabelRow[] =>
    orm
      .select()
      .from(labelEvents)
      .where(and(stands, condition))
      .orderBy(desc(labelEvents.seq))
      .limit(limit)
      .all();
  const showNewest = (candidateId: string): void => {
    const newest = standing(eq(labelEvents.candidateId, candidateId), 1)[0];
    orm
      .update(detections)
      .set({ labelId: newest?.id ?? null, labelVerdict: newest?.verdict ?? null })
      .where(eq(detections.id, candidateId))
      .run();
  };

  return {
    append: (label) =>
      connection.write(() => {
        const earlier = findEvent(label.id);
        if (earlier !== undefined) {
          const { candidateId, verdict, reason } = label;
          const isSame =
            earlier.candidateId === candidateId &&
            earlier.verdict === verdict &&
            (earlier.reason ?? undefined) === reason;
          return isSame ? toLabel(earlier) : refuseReuse(label.id);
        }
        const candidate = orm
          .select({ runId: detections.runId })
          .from(detections)
          .where(eq(detections.id, label.candidateId))
          .get();
        if (candidate === undefined)
          throw new AstridError(
            'detection/candidate-not-found',
            `There is no candidate ${label.candidateId} in this workspace; the verdict was not stored.`,
            { id: label.candidateId },
          );
        const { scoreVisible, ...columns } = label;
        const row = orm
          .insert(labelEvents)
          .values({
            ...columns,
            kind: 'label',
            runId: candidate.runId,
            at: connection.now(),
            isScoreVisible: scoreVisible,
          })
          .returning()
          .get();
        showNewest(label.candidateId);
        appendEvent(connection, {
          kind: 'detection.validated',
          runId: candidate.runId,
          candidateId: label.candidateId,
          data: { labelId: label.id, verdict: label.verdict, curator: label.curator },
        });
        return toLabel(row);
      }),
    retract: (labelId, retractionId) =>
      connection.write(() => {
        const label = findEvent(labelId);
        if (label?.kind !== 'label')
          throw new AstridError('curation/label-not-found', `There is no label ${labelId} to take back.`, {
            id: labelId,
          });
        const earlier = orm.select().from(labelEvents).where(eq(labelEvents.retractsId, labelId)).get();
        if (earlier !== undefined) return toRetraction(earlier, labelId);
        if (findEvent(retractionId) !== undefined) refuseReuse(retractionId);
        const { candidateId, runId, curator } = label;
        const row = orm
          .insert(labelEvents)
          .values({
            id: retractionId,
            kind: 'retraction',
            candidateId,
            runId,
            curator,
            at: connection.now(),
            retractsId: labelId,
          })
          .returning()
          .get();
        showNewest(candidateId);
        appendEvent(connection, { kind: 'label.retracted', runId, candidateId, data: { labelId } });
        return toRetraction(row, labelId);
      }),
    list: ({ cursor, limit, candidateId, runId }) =>
      connection.read(() => {
        const matching = and(
          candidateId === undefined ? undefined : eq(labelEvents.candidateId, candidateId),
          runId === undefined ? undefined : eq(labelEvents.runId, runId),
        );
        const after =
          cursor === undefined
            ? undefined
            : lt(labelEvents.seq, readCursor(cursor, [0], 'curation/bad-cursor')[0]);
        const rows = standing(and(matching, after), limit + 1);
        const page = rows.slice(0, limit);
        const last = page.at(-1);
        return {
          items: page.map(toLabel),
          nextCursor: rows.length > limit && last !== undefined ? writeCursor([last.seq]) : undefined,
          total: orm.select({ n: count() }).from(labelEvents).where(and(stands, matching)).get()?.n ?? 0,
        };
      }),
  };
}

/** Read a verdict from its row. */
export function toLabel(row: LabelRow): LabelRecord {
  if (row.verdict === null) throw new Error(`label event ${row.id} is not a verdict`);
  return {
    id: row.id,
    candidateId: row.candidateId,
    verdict: row.verdict,
    reason: row.reason ?? undefined,
    curator: row.curator,
    decidedAt: row.at,
    decisionMs: row.decisionMs ?? undefined,
    scoreVisible: row.isScoreVisible ?? true,
  };
}

function toRetraction(row: LabelRow, labelId: string): Retraction {
  return { id: row.id, labelId, candidateId: row.candidateId, retractedAt: row.at };
}
