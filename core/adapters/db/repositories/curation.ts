import { and, count, desc, eq, inArray, lt, max, not, sql } from 'drizzle-orm';
import type { CurationStore, LabelEvent, Rating, Verdict } from '../../../domains/curation/index.ts';
import type { LabelRecord, LabelRepository } from '../../../pipeline/ports.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';
import { candidateStates, labelEvents, standingLabels } from '../schema/index.ts';
import { foldCandidate, localId, toEvent } from './project-labels.ts';
import { recordEvents } from './record-events.ts';
import { type Asker, askerOf, isWithheld, LABELLED_HERE } from './withhold-labels.ts';

type LabelRow = typeof labelEvents.$inferSelect;

// A verdict stands until its own curator takes it back.
const stands = sql`label_events.kind = 'label' AND NOT EXISTS
  (SELECT 1 FROM label_events AS later WHERE later.retracts_id = label_events.id AND later.curator = label_events.curator)`;

/** Keep verdicts as an append-only history. */
export function createLabelRepository(connection: Connection): LabelRepository {
  const { orm } = connection;
  return {
    append: ({ curator, ...label }) =>
      connection.write(() => {
        const [event] = recordEvents(connection, curator, [{ kind: 'label', purpose: 'work', ...label }]);
        return toLabelRecord(event as LabelEvent);
      }),
    retract: (labelId, retractionId, curator) =>
      connection.write(() => {
        const label = orm.select().from(labelEvents).where(eq(labelEvents.id, labelId)).get();
        if (label?.kind !== 'label')
          throw new AstridError('curation/label-not-found', `There is no label ${labelId} to take back.`, {
            id: labelId,
          });
        const [event] = recordEvents(connection, curator ?? label.curator, [
          { kind: 'retraction', id: retractionId, retractsId: labelId },
        ]);
        const { id, candidateId, at } = event!;
        return { id, labelId, candidateId, retractedAt: at };
      }),
    list: ({ cursor, limit, candidateId, runId, curator, seenBy }) =>
      connection.read(() => {
        const asker = askerOf(connection, seenBy);
        const matching = and(
          candidateId === undefined ? undefined : eq(labelEvents.candidateId, candidateId),
          runId === undefined ? undefined : eq(labelEvents.runId, runId),
          curator === undefined ? undefined : eq(labelEvents.curator, curator),
          asker === null ? undefined : not(isWithheld(LABELLED_HERE, sql`${asker}`)),
        );
        const after =
          cursor === undefined
            ? undefined
            : lt(labelEvents.seq, readCursor(cursor, [0], 'curation/bad-cursor')[0]);
        const rows = orm
          .select()
          .from(labelEvents)
          .where(and(stands, matching, after))
          .orderBy(desc(labelEvents.seq))
          .limit(limit + 1)
          .all();
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

/** Keep everything people do to candidates. */
export function createCurationStore(connection: Connection): CurationStore {
  const { orm } = connection;
  return {
    record: (curator, events) => connection.write(() => recordEvents(connection, curator, events)),
    fold: (candidateIds) => connection.read(() => candidateIds.map((id) => foldCandidate(connection, id))),
    ratings: (runId, seenBy) =>
      connection.read(() => {
        const asker = askerOf(connection, seenBy);
        return orm
          .select({
            itemId: standingLabels.candidateId,
            curator: standingLabels.curator,
            category: standingLabels.verdict,
          })
          .from(standingLabels)
          .where(
            and(
              runId === undefined ? undefined : eq(standingLabels.runId, runId),
              asker === null ? undefined : not(isWithheld(sql`${standingLabels.candidateId}`, sql`${asker}`)),
            ),
          )
          .orderBy(standingLabels.candidateId, standingLabels.curator)
          .all();
      }),
    repeats: (seenBy) => connection.read(() => readRepeats(connection, askerOf(connection, seenBy))),
    countStates: () =>
      connection.read(() =>
        Object.fromEntries(
          orm
            .select({ consensus: candidateStates.consensus, n: count() })
            .from(candidateStates)
            .groupBy(candidateStates.consensus)
            .all()
            .map(({ consensus, n }) => [consensus, n]),
        ),
      ),
    listOpen: (limit) =>
      connection.read(() =>
        (['to-adjudicate', 'disputed'] as const)
          .flatMap((state) =>
            orm
              .select({ id: candidateStates.candidateId })
              .from(candidateStates)
              // In so many words: the partial index holds these two states only.
              .where(sql`consensus IN ('disputed', 'to-adjudicate') AND consensus = ${state}`)
              .orderBy(candidateStates.candidateId)
              .limit(limit)
              .all()
              .map(({ id }) => id),
          )
          .slice(0, limit),
      ),
    listGold: () =>
      connection.read(
        () =>
          new Map(
            orm
              .select({ id: candidateStates.candidateId, verdict: candidateStates.verdict })
              .from(candidateStates)
              .where(sql`consensus = 'adjudicated'`)
              .all()
              .flatMap(({ id, verdict }) => (verdict === null ? [] : [[id, verdict] as const])),
          ),
      ),
    retire: (candidateIds) =>
      connection.write(() => {
        let changed = 0;
        for (let first = 0; first < candidateIds.length; first += IDS_AT_ONCE)
          changed += orm
            .update(candidateStates)
            .set({ consensus: 'retired' })
            .where(
              and(
                inArray(candidateStates.candidateId, candidateIds.slice(first, first + IDS_AT_ONCE)),
                sql`consensus IN ('disputed', 'to-adjudicate')`,
              ),
            )
            .run().changes;
        if (changed > 0) connection.touch('labels');
      }),
    subscribe: (listener) => connection.onCommit('labels', listener),
    version: () =>
      connection.read(
        () =>
          orm
            .select({ seq: max(labelEvents.seq) })
            .from(labelEvents)
            .get()?.seq ?? 0,
      ),
    history: (curator, { cursor, limit }) =>
      connection.read(() => {
        const matching = and(stands, eq(labelEvents.curator, curator));
        const after =
          cursor === undefined
            ? undefined
            : lt(labelEvents.seq, readCursor(cursor, [0], 'curation/bad-cursor')[0]);
        const rows = orm
          .select()
          .from(labelEvents)
          .where(and(matching, after))
          .orderBy(desc(labelEvents.seq))
          .limit(limit + 1)
          .all();
        const page = rows.slice(0, limit);
        const last = page.at(-1);
        return {
          items: page.map((row) => ({
            ...(toEvent(row) as LabelEvent),
            candidateId: localId(connection, row.candidateId),
          })),
          nextCursor: rows.length > limit && last !== undefined ? writeCursor([last.seq]) : undefined,
          total: orm.select({ n: count() }).from(labelEvents).where(matching).get()?.n ?? 0,
        };
      }),
  };
}

// SQLite takes 32,766 parameters a statement.
const IDS_AT_ONCE = 1000;

/** A curator's label before a repeat, and the repeat, as two words on the same candidate. */
function readRepeats(connection: Connection, asker: Asker): ReadonlyMap<string, readonly Rating[]> {
  const pairs = connection.orm.all<{
    curator: string;
    candidate: string;
    first: Verdict | null;
    again: Verdict;
  }>(sql`
    SELECT label_events.curator AS curator, label_events.candidate_id AS candidate, label_events.verdict AS again, (
      SELECT before.verdict FROM label_events AS before
      WHERE before.candidate_id = label_events.candidate_id AND before.curator = label_events.curator
        AND before.kind = 'label' AND before.clock < label_events.clock
        AND NOT EXISTS (SELECT 1 FROM label_events AS later
          WHERE later.retracts_id = before.id AND later.curator = before.curator)
      ORDER BY before.clock DESC LIMIT 1
    ) AS first
    FROM label_events
    WHERE ${stands} AND label_events.purpose = 'repeat'
    ${asker === null ? sql`` : sql`AND NOT ${isWithheld(LABELLED_HERE, sql`${asker}`)}`}
    ORDER BY label_events.seq`);
  const byCurator = new Map<string, Rating[]>();
  for (const [n, { curator: by, candidate, first, again }] of pairs.entries()) {
    if (first === null) continue;
    const words = byCurator.get(by) ?? [];
    const itemId = `${candidate} ${n}`;
    words.push({ itemId, curator: 'first', category: first }, { itemId, curator: 'again', category: again });
    byCurator.set(by, words);
  }
  return byCurator;
}

/** Read a verdict from its row. */
export function toLabel(row: LabelRow): LabelRecord {
  const event = toEvent(row);
  if (event.kind !== 'label') throw new Error(`label event ${row.id} is not a verdict`);
  return toLabelRecord(event);
}

function toLabelRecord(event: LabelEvent): LabelRecord {
  const { id, candidateId, verdict, classId, confidence, reason, curator, purpose } = event;
  return {
    id,
    candidateId,
    verdict,
    classId,
    confidence,
    reason,
    curator,
    purpose,
    decidedAt: event.at,
    decisionMs: event.decisionMs,
    scoreVisible: event.scoreVisible,
  };
}
