import { createHash } from 'node:crypto';
import { and, eq, getTableColumns, inArray, isNull, sql } from 'drizzle-orm';
import type { FinishedCandidates, NewEvent, ScoredDetection } from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';
import { cutouts, detections, runs } from '../schema/index.ts';
import { adoptForeign, numberRun } from './adopt-foreign.ts';
import { matchDetections } from './match-detections.ts';
import { projectCandidates } from './project-candidates.ts';

/** Two detections of one run within this distance and of the same sign are the same one. */
const SAME_DETECTION_PX = 2;

// SQLite takes 32,766 parameters a statement, and a detection has 28; more rows at once are no faster.
const ROWS_AT_ONCE = 100;

type DetectionRow = typeof detections.$inferInsert;

// What a new execution says of a detection that it found again; its id, its birth and its label stay.
const rewritten = Object.fromEntries(
  Object.entries(getTableColumns(detections))
    .filter(
      ([name]) => !['id', 'runId', 'createdAt', 'labelId', 'labelVerdict', 'novelty', 'gain'].includes(name),
    )
    .map(([name, column]) => [name, sql.raw(`excluded.${column.name}`)]),
);

/**
 * Put a run's scored detections in the place of its earlier ones, inside the stage's transaction.
 *
 * A detection that is found again keeps its id. One that is gone is deleted, unless its history bears a label.
 *
 * @returns `candidate.found` for each candidate that was none before.
 */
export function replaceDetections(
  connection: Connection,
  runId: string,
  { detections: scored, modelVersion, executionProvider }: FinishedCandidates,
): readonly NewEvent[] {
  const { orm } = connection;
  const earlier = orm
    .select({
      id: detections.id,
      xPx: detections.xPx,
      yPx: detections.yPx,
      isNegative: detections.isNegative,
      wasCandidate: sql<number>`${detections.isVetoed} = 0 AND ${detections.supersededAt} IS NULL`,
      tripletSha256: detections.tripletSha256,
      // Names in full: drizzle leaves a select's table names out, and `id` would be the label's.
      hasHistory: sql<number>`(EXISTS (SELECT 1 FROM label_events WHERE label_events.candidate_id = detections.id)
        OR EXISTS (SELECT 1 FROM foreign_candidates WHERE foreign_candidates.candidate_id = detections.id))`,
    })
    .from(detections)
    .where(eq(detections.runId, runId))
    .all();
  const matches = matchDetections(
    scored.map(({ detection }) => detection),
    earlier,
    SAME_DETECTION_PX,
  );

  const triplets = scored.map(({ triplet }) => createHash('sha256').update(triplet).digest('hex'));
  const storeCutout = orm
    .insert(cutouts)
    .values({ sha256: sql.placeholder('sha256'), bytes: sql.placeholder('bytes') })
    .onConflictDoNothing()
    .prepare();
  for (const [position, { triplet }] of scored.entries())
    storeCutout.run({ sha256: triplets[position]!, bytes: Buffer.from(triplet) });

  const createdAt = connection.now();
  const rows = scored.map((one, position): DetectionRow => {
    const match = matches[position];
    return {
      id: match === undefined ? connection.makeId() : earlier[match]!.id,
      runId,
      createdAt,
      modelVersion,
      executionProvider,
      tripletSha256: triplets[position]!,
      ...toColumns(one),
    };
  });
  for (let first = 0; first < rows.length; first += ROWS_AT_ONCE)
    orm
      .insert(detections)
      .values(rows.slice(first, first + ROWS_AT_ONCE))
      .onConflictDoUpdate({ target: detections.id, set: rewritten })
      .run();

  const kept = new Set(matches);
  for (const [position, { id, hasHistory }] of earlier.entries()) {
    if (kept.has(position)) continue;
    if (hasHistory)
      orm
        .update(detections)
        .set({ supersededAt: createdAt })
        .where(and(eq(detections.id, id), isNull(detections.supersededAt)))
        .run();
    else orm.delete(detections).where(eq(detections.id, id)).run();
  }
  dropUnusedCutouts(
    connection,
    earlier.map(({ tripletSha256 }) => tripletSha256),
  );

  numberRun(connection, runId);
  projectCandidates(connection, adoptForeign(connection, runId));

  const candidates = rows.filter((row) => !row.isVetoed);
  orm.update(runs).set({ candidateCount: candidates.length }).where(eq(runs.id, runId)).run();
  const known = new Set(earlier.filter(({ wasCandidate }) => wasCandidate).map(({ id }) => id));
  return candidates
    .filter(({ id }) => !known.has(id))
    .map(({ id, snr, xPx, yPx }) => ({
      kind: 'candidate.found',
      candidateId: id,
      // Every window hears of it, also one whose curator is blind: the model's opinion stays with the candidate.
      data: { snr, xPx, yPx },
    }));
}

function toColumns({ detection, score, rank }: ScoredDetection) {
  const { xPx, yPx, raDeg, decDeg, fluxE, fluxErrE, snr, scorr, isNegative, areaPx, maskBits, mag } =
    detection;
  const { flags, vetoes, features } = detection;
  return {
    isVetoed: vetoes.length > 0,
    rank,
    score,
    uncertainty: Math.abs(score - 0.5),
    xPx,
    yPx,
    raDeg,
    decDeg,
    fluxE,
    fluxErrE,
    snr,
    scorr,
    isNegative,
    areaPx,
    maskBits,
    mag,
    flags,
    vetoes,
    features,
  };
}

function dropUnusedCutouts(connection: Connection, addresses: readonly string[]): void {
  for (let first = 0; first < addresses.length; first += ROWS_AT_ONCE)
    connection.orm
      .delete(cutouts)
      .where(
        and(
          inArray(cutouts.sha256, addresses.slice(first, first + ROWS_AT_ONCE)),
          sql`NOT EXISTS (SELECT 1 FROM detections WHERE detections.triplet_sha256 = cutouts.sha256)`,
        ),
      )
      .run();
}
