import { eq, sql } from 'drizzle-orm';
import type { SharedDetection, SharedReview, SharedRun } from '../../../domains/sync/index.ts';
import { type Connection, prepareOnce } from '../connection.ts';
import { detections, planes, reviewEvents, runs, twinRuns } from '../schema/index.ts';
import { adoptForeign, findRunsOfPair, noteForeign, type PairName } from './adopt-foreign.ts';
import { associateRun, objectsOfRun } from './associate-run.ts';
import { appendEvent } from './events.ts';
import { projectCandidates } from './project-candidates.ts';
import { showPlanes } from './shared-blobs.ts';
import { showConfig } from './shared-config.ts';

/** What a change needs is not here yet. */
export class NotYet extends Error {}

/** Take in a run of another workstation. @returns its id where it is new, and no twin of a run that is here */
export function receiveRun(connection: Connection, run: SharedRun, author: string): string | undefined {
  const { orm } = connection;
  const { id, createdAt, scienceName, templateName } = run;
  const nthOfPair = run.nthOfPair ?? 0;
  if (orm.select({ id: runs.id }).from(runs).where(eq(runs.id, id)).get() !== undefined) return undefined;
  if (findTwin(connection, id, run) !== undefined) {
    orm.insert(twinRuns).values({ id, scienceName, templateName, nthOfPair }).onConflictDoNothing().run();
    return undefined;
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
      nthOfPair,
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
  showConfig(connection, id);
  return id;
}

/** A finished run of the same two files: this workstation's own, or else the first that came. */
function findTwin(connection: Connection, id: string, pair: PairName): string | undefined {
  return findRunsOfPair(connection, pair).find((run) => run.id !== id && run.status === 'done')?.id;
}

/**
 * Put received runs aside whose pair was processed here since: its candidates are those found here, and their labels
 * go to them.
 */
export function foldTwins(connection: Connection): void {
  const { orm } = connection;
  const statements = prepared(connection);
  for (const { id, twin, first: _, ...pair } of statements.received.all() as ReceivedTwin[]) {
    orm
      .insert(twinRuns)
      .values({ id, ...pair })
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
    const objects = objectsOfRun(connection, id);
    orm.delete(detections).where(eq(detections.runId, id)).run();
    // Candidates of third workstations that were found among these wait again, to be found among our own.
    const left: string[] = [];
    for (const place of places) {
      noteForeign(connection, { ...place, ...pair });
      left.push(place.id, ...(statements.leave.all(place.id) as string[]));
      orm.run(sql`DELETE FROM standing_labels WHERE candidate_id = ${place.id}`);
      orm.run(sql`DELETE FROM candidate_states WHERE candidate_id = ${place.id}`);
    }
    associateRun(connection, id, objects);
    orm.run(sql`DELETE FROM associated_runs WHERE run_id = ${id}`);
    orm.run(sql`UPDATE review_events SET run_id = ${twin} WHERE run_id = ${id}`);
    orm.run(sql`UPDATE label_events SET run_id = ${twin} WHERE run_id = ${id}`);
    orm.delete(planes).where(eq(planes.runId, id)).run();
    orm.delete(runs).where(eq(runs.id, id)).run();
    const adopted = adoptForeign(connection, twin);
    // Those that were found here, and those that were not: their labels stand by themselves.
    projectCandidates(connection, [...adopted, ...left]);
    appendEvent(connection, { kind: 'run.received', runId: twin, data: { twin: id } });
  }
}

interface ReceivedTwin {
  readonly id: string;
  readonly twin: string;
  /** SQLite gives the columns of the row that has the least of it. */
  readonly first: number;
  readonly scienceName: string;
  readonly templateName: string;
  readonly nthOfPair: number;
}

/** What became of a candidate of another workstation. */
type ReceivedDetection =
  | { readonly kind: 'added'; readonly id: string; readonly runId: string }
  /** Its pair was processed here too; with the run whose detections may be it. */
  | { readonly kind: 'twin'; readonly runId: string | undefined }
  | { readonly kind: 'own' };

/** Take in a candidate; its labels and its run have yet to be brought in step. @throws NotYet */
export function receiveDetection(connection: Connection, detection: SharedDetection): ReceivedDetection {
  const statements = prepared(connection);
  const { id, runId, xPx, yPx, isNegative } = detection;
  const run = statements.run.get(runId) as { origin: string | null } | undefined;
  if (run === undefined) {
    const twin = statements.twin.get(runId) as (PairName & { id: string }) | undefined;
    if (twin === undefined) throw new NotYet(`the run ${runId} is not here`);
    const { scienceName, templateName, nthOfPair } = twin;
    noteForeign(connection, { id, scienceName, templateName, nthOfPair, xPx, yPx, isNegative });
    return { kind: 'twin', runId: findTwin(connection, runId, twin) };
  }
  // Our own, come back.
  if (run.origin === null) return { kind: 'own' };
  // Its pixels come by their address when somebody looks: until then it has none.
  statements.addCutout.run(detection.tripletSha256);
  statements.addDetection.run({
    ...detection,
    isNegative: isNegative ? 1 : 0,
    raDeg: detection.raDeg ?? null,
    decDeg: detection.decDeg ?? null,
    mag: detection.mag ?? null,
    uncertainty: Math.abs(detection.score - 0.5),
    flags: JSON.stringify(detection.flags),
    features: JSON.stringify(detection.features),
  });
  // Labels may have come before it.
  statements.dropForeign.run(id);
  return { kind: 'added', id, runId };
}

/** Bring what lists show of a received run in step with its candidates. */
export function finishRun(connection: Connection, runId: string): void {
  prepared(connection).countCandidates.run({ runId });
  associateRun(connection, runId, []);
  appendEvent(connection, { kind: 'run.received', runId, data: {} });
}

/** Take in a decision on a difference. @throws NotYet */
export function receiveReview(connection: Connection, review: SharedReview): void {
  const { orm } = connection;
  const { id, retractsId } = review;
  const twin = orm.select().from(twinRuns).where(eq(twinRuns.id, review.runId)).get();
  const runId = (twin && findTwin(connection, twin.id, twin)) ?? review.runId;
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

const prepared = prepareOnce(prepare);

function prepare({ sqlite }: Connection) {
  return {
    received: sqlite.prepare(`
      SELECT received.id, min(own.rowid) AS first, own.id AS twin, received.science_name AS scienceName,
        received.template_name AS templateName, coalesce(received.nth_of_pair, 0) AS nthOfPair
      FROM runs AS received CROSS JOIN runs AS own ON own.science_name = received.science_name
        AND own.template_name = received.template_name AND own.origin IS NULL AND own.status = 'done'
        AND coalesce(own.nth_of_pair, 0) = coalesce(received.nth_of_pair, 0)
      WHERE received.origin IS NOT NULL GROUP BY received.id`),
    leave: sqlite
      .prepare('UPDATE foreign_candidates SET candidate_id = NULL WHERE candidate_id = ? RETURNING id')
      .pluck(),
    run: sqlite.prepare('SELECT origin FROM runs WHERE id = ?'),
    twin: sqlite.prepare(
      `SELECT id, science_name AS scienceName, template_name AS templateName, nth_of_pair AS nthOfPair
       FROM twin_runs WHERE id = ?`,
    ),
    addCutout: sqlite.prepare(`INSERT INTO cutouts (sha256, bytes) VALUES (?, x'') ON CONFLICT DO NOTHING`),
    addDetection: sqlite.prepare(`
      INSERT INTO detections (id, run_id, created_at, is_vetoed, rank, score, uncertainty, model_version,
        execution_provider, x_px, y_px, ra_deg, dec_deg, flux_e, flux_err_e, snr, scorr_sigma, is_negative, area_px,
        mask_bits, mag, triplet_sha256, flags_json, vetoes_json, features_json)
      VALUES (@id, @runId, @createdAt, 0, @rank, @score, @uncertainty, @modelVersion,
        @executionProvider, @xPx, @yPx, @raDeg, @decDeg, @fluxE, @fluxErrE, @snr, @scorr, @isNegative, @areaPx,
        @maskBits, @mag, @tripletSha256, @flags, '[]', @features)
      ON CONFLICT DO NOTHING`),
    dropForeign: sqlite.prepare('DELETE FROM foreign_candidates WHERE id = ?'),
    countCandidates: sqlite.prepare(`
      UPDATE runs SET candidate_count =
        (SELECT count(*) FROM detections WHERE run_id = @runId AND is_vetoed = 0 AND superseded_at IS NULL)
      WHERE id = @runId`),
  };
}
