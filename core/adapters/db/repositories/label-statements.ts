import { and, desc, eq, max, sql } from 'drizzle-orm';
import { type Connection, prepareOnce } from '../connection.ts';
import { detections, foreignCandidates, labelEvents, settings } from '../schema/index.ts';

/** The columns of an event. */
export type EventColumns = typeof labelEvents.$inferInsert;

/** One curator's newest label of a candidate, as lists hold it. */
interface StandingRow {
  readonly curator: string;
  readonly labelId: string;
  readonly runId: string | null;
  readonly verdict: string;
  readonly classId: string | null;
}

/** What all curators come to, as lists hold it. */
interface StateRow {
  readonly labels: number;
  readonly verdict: string | null;
  readonly classId: string | null;
  readonly isFlagged: boolean;
  readonly comments: number;
  readonly consensus: string;
}

/**
 * What a label asks of the database and writes to it, prepared once: a key press waits for all of it, and preparing
 * these took five times as long as running them.
 */
function prepare({ orm, sqlite }: Connection) {
  const id = sql.placeholder('id');
  const curator = sql.placeholder('curator');
  const event = orm.select().from(labelEvents).where(eq(labelEvents.id, id)).prepare();
  const eventsOf = orm.select().from(labelEvents).where(eq(labelEvents.candidateId, id)).prepare();
  const retraction = orm
    .select()
    .from(labelEvents)
    .where(and(eq(labelEvents.retractsId, id), eq(labelEvents.curator, curator)))
    .prepare();
  const newestClock = orm
    .select({ clock: max(labelEvents.clock) })
    .from(labelEvents)
    .prepare();
  const candidate = orm
    .select({ runId: detections.runId, score: detections.score, modelVersion: detections.modelVersion })
    .from(detections)
    .where(eq(detections.id, id))
    .prepare();
  const here = orm
    .select({ id: foreignCandidates.candidateId })
    .from(foreignCandidates)
    .where(eq(foreignCandidates.id, id))
    .prepare();
  const elsewhere = orm
    .select({ id: foreignCandidates.id })
    .from(foreignCandidates)
    .where(eq(foreignCandidates.candidateId, id))
    .prepare();
  const setting = orm.select({ value: settings.value }).from(settings).where(eq(settings.key, id)).prepare();
  const reveal = orm
    .select({ id: labelEvents.id })
    .from(labelEvents)
    .where(
      and(eq(labelEvents.candidateId, id), eq(labelEvents.kind, 'reveal'), eq(labelEvents.curator, curator)),
    )
    .orderBy(desc(labelEvents.seq))
    .limit(1)
    .prepare();

  // With triggers on the table, ABORT would have SQLite copy every page that a row touches, for each of many rows; what
  // FAIL leaves is undone with the transaction.
  const addEvent = sqlite.prepare(
    `INSERT OR FAIL INTO label_events (id, kind, candidate_id, run_id, at, clock, curator, verdict, class_id, taxonomy_id,
      taxonomy_version, confidence, purpose, reason, is_set, decision_ms, is_score_visible, score, model_version,
      view_hash, retracts_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const dropStanding = sqlite.prepare('DELETE FROM standing_labels WHERE candidate_id = ?');
  const addStanding = sqlite.prepare(
    `INSERT INTO standing_labels (candidate_id, curator, label_id, run_id, verdict, class_id)
      VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const setState = sqlite.prepare(
    `INSERT INTO candidate_states (candidate_id, labels, verdict, class_id, is_flagged, comments, consensus)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (candidate_id) DO UPDATE SET labels = excluded.labels, verdict = excluded.verdict,
        class_id = excluded.class_id, is_flagged = excluded.is_flagged, comments = excluded.comments,
        consensus = excluded.consensus`,
  );
  const dropState = sqlite.prepare('DELETE FROM candidate_states WHERE candidate_id = ?');
  const setLabel = sqlite.prepare('UPDATE detections SET label_id = ?, label_verdict = ? WHERE id = ?');

  return {
    findEvent: (eventId: string) => event.get({ id: eventId }),
    eventsOf: (candidateId: string) => eventsOf.all({ id: candidateId }),
    findRetraction: (labelId: string, by: string) => retraction.get({ id: labelId, curator: by }),
    newestClock: () => newestClock.get()?.clock ?? '',
    findCandidate: (candidateId: string) => candidate.get({ id: candidateId }),
    findHere: (candidateId: string) => here.get({ id: candidateId })?.id ?? undefined,
    listElsewhere: (candidateId: string) => elsewhere.all({ id: candidateId }).map((row) => row.id),
    readSetting: (key: string) => setting.get({ id: key })?.value,
    wasRevealed: (candidateId: string, to: string) =>
      reveal.get({ id: candidateId, curator: to }) !== undefined,
    addEvent: (row: EventColumns) => {
      addEvent.run(...EVENT_COLUMNS.map((name) => toBinding(row[name])));
    },
    setStanding: (candidateId: string, rows: readonly StandingRow[]) => {
      dropStanding.run(candidateId);
      for (const { curator: by, labelId, runId, verdict, classId } of rows)
        addStanding.run(candidateId, by, labelId, runId, verdict, classId);
    },
    setState: (candidateId: string, row: StateRow) => {
      const { labels, verdict, classId, isFlagged, comments, consensus } = row;
      setState.run(candidateId, labels, verdict, classId, toBinding(isFlagged), comments, consensus);
    },
    dropState: (candidateId: string) => {
      dropState.run(candidateId);
    },
    setLabel: (candidateId: string, labelId: string | null, verdict: string | null) => {
      setLabel.run(labelId, verdict, candidateId);
    },
  };
}

/** The prepared statements of a connection. */
export const labelStatements = prepareOnce(prepare);

/** In the order of the statement. */
const EVENT_COLUMNS = [
  'id',
  'kind',
  'candidateId',
  'runId',
  'at',
  'clock',
  'curator',
  'verdict',
  'classId',
  'taxonomyId',
  'taxonomyVersion',
  'confidence',
  'purpose',
  'reason',
  'isSet',
  'decisionMs',
  'isScoreVisible',
  'score',
  'modelVersion',
  'viewHash',
  'retractsId',
] as const satisfies readonly (keyof EventColumns)[];

/** SQLite has no `undefined` and no truth. */
function toBinding(value: string | number | boolean | null | undefined): string | number | null {
  return typeof value === 'boolean' ? Number(value) : (value ?? null);
}
