import { eq, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { LabelLine } from '../../../domains/curation/index.ts';
import type { SharedChange, SharedDetection, SharedReview, SharedRun } from '../../../domains/sync/index.ts';
import type { Connection } from '../connection.ts';
import {
  cutouts,
  detections,
  foreignCandidates,
  labelEvents,
  planes,
  reviewEvents,
  runs,
  taxonomies,
  twinRuns,
  waitingChanges,
} from '../schema/index.ts';
import {
  CandidatePlaceSchema,
  CurationEventSchema,
  SharedDetectionSchema,
  SharedReviewSchema,
  SharedRunSchema,
  TaxonomySchema,
} from '../shared-schemas.ts';
import { associateRun, objectsOfRun } from './associate-run.ts';
import { appendEvent } from './events.ts';
import { importLines } from './exchange-labels.ts';
import { adoptForeign, fileName, localId, projectCandidate } from './project-labels.ts';
import { showPlanes } from './shared-blobs.ts';
import { receiveField } from './shared-fields.ts';

/** Runs that changes of one message touched. */
interface Touched {
  readonly runs: Set<string>;
  readonly twins: Set<string>;
}

/**
 * Take in changes of the shared catalogue, inside a transaction of the caller's that is marked as receiving.
 *
 * What is here already changes nothing but its stamp. What cannot be taken in is kept with its reason, and the rest
 * goes on: one bad row must not stop the exchange of a whole team.
 */
export function receiveChanges(connection: Connection, changes: readonly SharedChange[]): void {
  const touched: Touched = { runs: new Set(), twins: new Set() };
  for (const batch of groupChanges(changes)) {
    if (attempt(connection, () => takeIn(connection, batch, touched))) continue;
    for (const change of batch) {
      const reason = explain(connection, () => takeIn(connection, [change], touched));
      if (reason !== undefined) wait(connection, change, reason);
    }
  }
  for (const runId of touched.runs) finishRun(connection, runId);
  for (const runId of touched.twins) adoptForeign(connection, runId);
}

/** Label events that follow each other are merged together; everything else comes one by one. */
function groupChanges(changes: readonly SharedChange[]): readonly (readonly SharedChange[])[] {
  const groups: SharedChange[][] = [];
  const isEvent = ({ kind, entity }: SharedChange): boolean =>
    kind === 'append' && entity === 'curation-event';
  for (const change of changes) {
    const last = groups.at(-1);
    if (last?.[0] && isEvent(last[0]) && isEvent(change)) last.push(change);
    else groups.push([change]);
  }
  return groups;
}

/** Do all of it or nothing. @returns whether it was done */
function attempt(connection: Connection, work: () => void): boolean {
  return explain(connection, work) === undefined;
}

/** Do all of it or nothing. @returns why it could not be done */
function explain(connection: Connection, work: () => void): string | undefined {
  try {
    connection.orm.transaction(work);
    return undefined;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (error instanceof NotYet || error instanceof z.ZodError) return error.message;
    // What the schema of this workspace cannot hold; anything else that goes wrong is no matter of the row.
    if (typeof code === 'string' && code.startsWith('SQLITE_CONSTRAINT')) return String(error);
    const { cause } = error as { cause?: { code?: unknown } };
    if (typeof cause?.code === 'string' && cause.code.startsWith('SQLITE_CONSTRAINT')) return String(cause);
    throw error;
  }
}

/** What a change needs is not here yet. */
class NotYet extends Error {}

function takeIn(connection: Connection, changes: readonly SharedChange[], touched: Touched): void {
  const [change] = changes;
  if (change === undefined) return;
  const { orm } = connection;
  if (change.kind === 'set') {
    if (!receiveField(connection, change))
      throw new NotYet(`the field ${change.entity}.${change.field} is not known to this version`);
    return;
  }
  switch (change.entity) {
    case 'curation-event':
      takeInEvents(connection, changes);
      break;
    case 'taxonomy': {
      const taxonomy = TaxonomySchema.parse(change.value);
      const { id, version } = taxonomy;
      orm
        .insert(taxonomies)
        .values({ id, version, createdAt: connection.now(), taxonomy })
        .onConflictDoNothing()
        .run();
      break;
    }
    case 'run':
      receiveRun(connection, SharedRunSchema.parse(change.value), change.author, touched);
      break;
    case 'detection':
      receiveDetection(connection, SharedDetectionSchema.parse(change.value), touched);
      break;
    case 'review':
      receiveReview(connection, SharedReviewSchema.parse(change.value));
      break;
    default:
      throw new NotYet(`${String((change as SharedChange).entity)} is not known to this version`);
  }
}

function takeInEvents(connection: Connection, changes: readonly SharedChange[]): void {
  const lines: LabelLine[] = [];
  const known = new Map<string, string>();
  for (let first = 0; first < changes.length; first += IDS_AT_ONCE)
    for (const { id, clock } of connection.orm
      .select({ id: labelEvents.id, clock: labelEvents.clock })
      .from(labelEvents)
      .where(
        inArray(
          labelEvents.id,
          changes.slice(first, first + IDS_AT_ONCE).map(({ key }) => key),
        ),
      )
      .all())
      known.set(id, clock);
  const told = new Set<string>();
  for (const { value, clock } of changes) {
    const event = CurationEventSchema.parse(value);
    const here = known.get(event.id);
    if (here !== undefined) {
      if (here !== clock) restamp(connection, event.id, clock);
      continue;
    }
    if (!told.has(event.candidateId)) {
      const { place } = PlaceOf.parse(value);
      if (place) lines.push({ line: 'candidate', ...place });
      told.add(event.candidateId);
    }
    lines.push({ line: 'event', event: { ...event, clock } });
  }
  if (lines.length > 0) importLines(connection, lines);
}

/** SQLite takes 32,766 parameters a statement. */
const IDS_AT_ONCE = 1000;

const PlaceOf = z.object({ place: CandidatePlaceSchema.optional() });

/** Try again what could not be taken in before; call it as `receiveChanges` is called. */
export function receiveWaiting(connection: Connection): void {
  const waiting = connection.orm.select().from(waitingChanges).orderBy(waitingChanges.seq).all();
  if (waiting.length === 0) return;
  connection.orm.delete(waitingChanges).run();
  receiveChanges(
    connection,
    waiting.map(({ change }) => JSON.parse(change) as SharedChange),
  );
}

/** Give an event that is here the catalogue's stamp. @returns whether it is here */
export function restamp(connection: Connection, eventId: string, clock: string): boolean {
  const { orm } = connection;
  const known = orm
    .select({ clock: labelEvents.clock, candidateId: labelEvents.candidateId })
    .from(labelEvents)
    .where(eq(labelEvents.id, eventId))
    .get();
  if (known === undefined) return false;
  if (known.clock !== clock) {
    orm.update(labelEvents).set({ clock }).where(eq(labelEvents.id, eventId)).run();
    projectCandidate(connection, localId(connection, known.candidateId));
  }
  return true;
}

function wait(connection: Connection, change: SharedChange, reason: string): void {
  connection.orm
    .insert(waitingChanges)
    .values({ seq: change.seq, change: JSON.stringify(change), reason: reason.slice(0, 1000) })
    .onConflictDoNothing()
    .run();
}

function receiveRun(connection: Connection, run: SharedRun, author: string, touched: Touched): void {
  const { orm } = connection;
  const { id, createdAt, scienceName, templateName } = run;
  if (orm.select({ id: runs.id }).from(runs).where(eq(runs.id, id)).get() !== undefined) return;
  const twin = findTwin(connection, run);
  if (twin !== undefined) {
    orm.insert(twinRuns).values({ id, scienceName, templateName }).onConflictDoNothing().run();
    return;
  }
  orm
    .insert(runs)
    .values({
      id,
      createdAt,
      queuedAt: createdAt,
      status: 'done',
      sciencePath: scienceName,
      templatePath: templateName,
      options: { allowBandMismatch: false },
      science: (run.science ?? null) as typeof runs.$inferInsert.science,
      template: (run.template ?? null) as typeof runs.$inferInsert.template,
      grade: (run.grade ?? null) as typeof runs.$inferInsert.grade,
      gradeReasons: run.gradeReasons,
      completeness: (run.completeness ?? null) as typeof runs.$inferInsert.completeness,
      origin: author,
    })
    .run();
  showPlanes(connection, id);
  touched.runs.add(id);
}

/** A finished run of the same two files: this workstation's own, or else the first that came. */
function findTwin(
  connection: Connection,
  {
    id,
    scienceName,
    templateName,
  }: { readonly id: string; readonly scienceName: string; readonly templateName: string },
): string | undefined {
  // The words of the list hold both paths: only few rows are looked at in full.
  const rows = connection.orm.all<{ id: string; science: string; template: string }>(sql`
    SELECT id, science_path AS science, template_path AS template FROM runs
    WHERE status = 'done' AND id <> ${id} AND instr(words, lower(${scienceName})) > 0
    ORDER BY origin IS NOT NULL, rowid`);
  return rows.find(
    ({ science, template }) => fileName(science) === scienceName && fileName(template) === templateName,
  )?.id;
}

/**
 * Put received runs aside whose pair was processed here since: its candidates are those found here, and their labels
 * go to them.
 */
export function foldTwins(connection: Connection): void {
  const { orm } = connection;
  const received = orm.all<{ id: string; science: string; template: string }>(
    sql`SELECT id, science_path AS science, template_path AS template FROM runs WHERE origin IS NOT NULL
      AND EXISTS (SELECT 1 FROM runs AS own WHERE own.origin IS NULL AND own.status = 'done'
        AND instr(own.words, lower(runs.science_path)) > 0)`,
  );
  for (const { id, science, template } of received) {
    const twin = findTwin(connection, { id, scienceName: science, templateName: template });
    const isOwn =
      twin !== undefined &&
      orm.select({ origin: runs.origin }).from(runs).where(eq(runs.id, twin)).get()?.origin === null;
    if (!isOwn) continue;
    orm
      .insert(twinRuns)
      .values({ id, scienceName: science, templateName: template })
      .onConflictDoNothing()
      .run();
    const places = orm
      .select({
        id: detections.id,
        xPx: detections.xPx,
        yPx: detections.yPx,
        isNegative: detections.isNegative,
      })
      .from(detections)
      .where(eq(detections.runId, id))
      .all();
    for (const place of places) {
      orm
        .insert(foreignCandidates)
        .values({ ...place, scienceName: science, templateName: template })
        .onConflictDoNothing()
        .run();
      orm.run(sql`DELETE FROM standing_labels WHERE candidate_id = ${place.id}`);
      orm.run(sql`DELETE FROM candidate_states WHERE candidate_id = ${place.id}`);
    }
    const objects = objectsOfRun(connection, id);
    orm.delete(detections).where(eq(detections.runId, id)).run();
    associateRun(connection, id, objects);
    orm.run(sql`DELETE FROM associated_runs WHERE run_id = ${id}`);
    orm.run(sql`UPDATE review_events SET run_id = ${twin} WHERE run_id = ${id}`);
    orm.run(sql`UPDATE label_events SET run_id = ${twin} WHERE run_id = ${id}`);
    orm.delete(planes).where(eq(planes.runId, id)).run();
    orm.delete(runs).where(eq(runs.id, id)).run();
    adoptForeign(connection, twin);
    appendEvent(connection, { kind: 'run.received', runId: twin, data: { twin: id } });
  }
}

function receiveDetection(connection: Connection, detection: SharedDetection, touched: Touched): void {
  const { orm } = connection;
  const { id, runId, tripletSha256 } = detection;
  const twin = orm.select().from(twinRuns).where(eq(twinRuns.id, runId)).get();
  if (twin !== undefined) {
    const { xPx, yPx, isNegative } = detection;
    const { scienceName, templateName } = twin;
    orm
      .insert(foreignCandidates)
      .values({ id, scienceName, templateName, xPx, yPx, isNegative })
      .onConflictDoNothing()
      .run();
    const here = findTwin(connection, twin);
    if (here !== undefined) touched.twins.add(here);
    return;
  }
  const run = orm.select({ origin: runs.origin }).from(runs).where(eq(runs.id, runId)).get();
  if (run === undefined) throw new NotYet(`the run ${runId} is not here`);
  // Our own, come back.
  if (run.origin === null) return;
  // Its pixels come by their address when somebody looks: until then it has none.
  orm
    .insert(cutouts)
    .values({ sha256: tripletSha256, bytes: Buffer.alloc(0) })
    .onConflictDoNothing()
    .run();
  const { raDeg, decDeg, mag, ...columns } = detection;
  orm
    .insert(detections)
    .values({
      ...columns,
      raDeg: raDeg ?? null,
      decDeg: decDeg ?? null,
      mag: mag ?? null,
      isVetoed: false,
      vetoes: [],
      uncertainty: Math.abs(detection.score - 0.5),
    })
    .onConflictDoNothing()
    .run();
  // Labels may have come before it.
  orm.delete(foreignCandidates).where(eq(foreignCandidates.id, id)).run();
  projectCandidate(connection, id);
  touched.runs.add(runId);
}

/** Bring what lists show of a received run in step with its candidates. */
function finishRun(connection: Connection, runId: string): void {
  const { orm } = connection;
  orm.run(sql`UPDATE runs SET candidate_count =
    (SELECT count(*) FROM detections WHERE run_id = ${runId} AND is_vetoed = 0 AND superseded_at IS NULL)
    WHERE id = ${runId}`);
  associateRun(connection, runId, []);
  appendEvent(connection, { kind: 'run.received', runId, data: {} });
}

function receiveReview(connection: Connection, review: SharedReview): void {
  const { orm } = connection;
  const { id, retractsId } = review;
  const twin = orm.select().from(twinRuns).where(eq(twinRuns.id, review.runId)).get();
  const runId = (twin && findTwin(connection, twin)) ?? review.runId;
  const has = (reviewId: string): boolean =>
    orm.select({ id: reviewEvents.id }).from(reviewEvents).where(eq(reviewEvents.id, reviewId)).get() !==
    undefined;
  if (has(id)) return;
  if (!orm.select({ id: runs.id }).from(runs).where(eq(runs.id, runId)).get())
    throw new NotYet(`the run ${runId} is not here`);
  if (retractsId !== undefined && !has(retractsId))
    throw new NotYet(`the decision ${retractsId} that it takes back is not here`);
  const { decision, comment, ...columns } = review;
  orm
    .insert(reviewEvents)
    .values({
      ...columns,
      runId,
      decision: (decision ?? null) as typeof reviewEvents.$inferInsert.decision,
      comment: comment ?? null,
      retractsId: retractsId ?? null,
    })
    .run();
}
