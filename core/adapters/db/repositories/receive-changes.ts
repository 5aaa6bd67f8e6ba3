import { eq, sql } from 'drizzle-orm';
import type { CurationEvent, LabelLine, Taxonomy } from '../../../domains/curation/index.ts';
import type { SharedChange, SharedDetection, SharedReview, SharedRun } from '../../../domains/sync/index.ts';
import type { Connection } from '../connection.ts';
import {
  cutouts,
  detections,
  foreignCandidates,
  labelEvents,
  outbox,
  reviewEvents,
  runs,
  taxonomies,
  twinRuns,
  waitingChanges,
} from '../schema/index.ts';
import { associateRun } from './associate-run.ts';
import { appendEvent } from './events.ts';
import { importLines } from './exchange-labels.ts';
import { adoptForeign, fileName, localId, projectCandidate } from './project-labels.ts';
import { receiveField } from './shared-fields.ts';

type Place = Omit<Extract<LabelLine, { line: 'candidate' }>, 'line'>;

/** Runs that changes of one message touched. */
interface Touched {
  readonly runs: Set<string>;
  readonly twins: Set<string>;
}

/**
 * Take in changes of the shared catalogue, inside a transaction of the caller's that is marked as receiving.
 *
 * What is here already changes nothing but its stamp; what cannot be taken in yet is kept until it can.
 */
export function receiveChanges(connection: Connection, changes: readonly SharedChange[]): void {
  const touched: Touched = { runs: new Set(), twins: new Set() };
  let lines: LabelLine[] = [];
  const flush = (): void => {
    if (lines.length > 0) importLines(connection, lines);
    lines = [];
  };
  for (const change of changes) {
    if (change.kind === 'set') {
      flush();
      if (!receiveField(connection, change)) wait(connection, change);
      continue;
    }
    const value = change.value as unknown;
    switch (change.entity) {
      case 'curation-event': {
        const { place, ...event } = value as CurationEvent & { readonly place?: Place };
        if (restamp(connection, event.id, change.clock)) break;
        if (place) lines.push({ line: 'candidate', ...place });
        lines.push({ line: 'event', event: { ...event, clock: change.clock } as CurationEvent });
        break;
      }
      case 'taxonomy': {
        const taxonomy = value as Taxonomy;
        const { id, version } = taxonomy;
        connection.orm
          .insert(taxonomies)
          .values({ id, version, createdAt: connection.now(), taxonomy })
          .onConflictDoNothing()
          .run();
        break;
      }
      case 'run':
        receiveRun(connection, value as SharedRun, change.author, touched);
        break;
      case 'detection':
        // Labels of these candidates may be among the lines that wait to be merged.
        flush();
        if (!receiveDetection(connection, value as SharedDetection, touched)) wait(connection, change);
        break;
      case 'review':
        if (!receiveReview(connection, value as SharedReview)) wait(connection, change);
        break;
      default:
        wait(connection, change);
    }
  }
  flush();
  for (const runId of touched.runs) finishRun(connection, runId);
  for (const runId of touched.twins) adoptForeign(connection, runId);
}

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

function wait(connection: Connection, change: SharedChange): void {
  connection.orm
    .insert(waitingChanges)
    .values({ seq: change.seq, change: JSON.stringify(change) })
    .onConflictDoNothing()
    .run();
}

function receiveRun(connection: Connection, run: SharedRun, author: string, touched: Touched): void {
  const { orm } = connection;
  const { id, createdAt, scienceName, templateName } = run;
  if (orm.select({ id: runs.id }).from(runs).where(eq(runs.id, id)).get() !== undefined) return;
  const twin = findTwin(connection, scienceName, templateName);
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
  touched.runs.add(id);
}

/** A run of this workstation of the same two files. */
function findTwin(connection: Connection, scienceName: string, templateName: string): string | undefined {
  // The words of the list's index end in both paths: only few rows are looked at in full.
  const rows = connection.orm.all<{ id: string; science: string; template: string }>(sql`
    SELECT id, science_path AS science, template_path AS template FROM runs
    WHERE origin IS NULL AND status = 'done' AND instr(words, lower(${scienceName})) > 0`);
  return rows.find(
    ({ science, template }) => fileName(science) === scienceName && fileName(template) === templateName,
  )?.id;
}

/** @returns whether its run is known */
function receiveDetection(connection: Connection, detection: SharedDetection, touched: Touched): boolean {
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
    const here = findTwin(connection, scienceName, templateName);
    if (here !== undefined) touched.twins.add(here);
    return true;
  }
  const run = orm.select({ origin: runs.origin }).from(runs).where(eq(runs.id, runId)).get();
  if (run === undefined) return false;
  // Our own, come back.
  if (run.origin === null) return true;
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
  return true;
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

/** @returns whether its run and what it takes back are here */
function receiveReview(connection: Connection, review: SharedReview): boolean {
  const { orm } = connection;
  const { id, runId, retractsId } = review;
  if (orm.select({ id: reviewEvents.id }).from(reviewEvents).where(eq(reviewEvents.id, id)).get())
    return true;
  if (!orm.select({ id: runs.id }).from(runs).where(eq(runs.id, runId)).get()) return false;
  if (
    retractsId !== undefined &&
    !orm.select({ id: reviewEvents.id }).from(reviewEvents).where(eq(reviewEvents.id, retractsId)).get()
  )
    return false;
  const { decision, comment, ...columns } = review;
  orm
    .insert(reviewEvents)
    .values({
      ...columns,
      decision: (decision ?? null) as typeof reviewEvents.$inferInsert.decision,
      comment: comment ?? null,
      retractsId: retractsId ?? null,
    })
    .onConflictDoNothing()
    .run();
  return true;
}

/** Note that the catalogue has had a change. */
export function noteSent(connection: Connection, changeId: string): void {
  connection.orm
    .update(outbox)
    .set({ sentAt: connection.now(), refusedAt: null, refusedCode: null, refusedReason: null })
    .where(eq(outbox.changeId, changeId))
    .run();
}
