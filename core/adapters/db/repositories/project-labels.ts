import { and, eq, sql } from 'drizzle-orm';
import {
  type CandidateCuration,
  type ConsensusConfig,
  type CurationEvent,
  DEFAULT_CONSENSUS_CONFIG,
  decideConsensus,
  foldEvents,
} from '../../../domains/curation/index.ts';
import type { Connection } from '../connection.ts';
import { candidateStates, foreignCandidates, type labelEvents, standingLabels } from '../schema/index.ts';
import { type EventColumns, labelStatements } from './label-statements.ts';

type EventRow = typeof labelEvents.$inferSelect;

/** Where the rules of consensus are kept. */
export const CONSENSUS_KEY = 'curation.consensus';

/** The rules of consensus of this workspace. */
export function readConsensus(connection: Connection): ConsensusConfig {
  const kept = labelStatements(connection).readSetting(CONSENSUS_KEY);
  return { ...DEFAULT_CONSENSUS_CONFIG, ...(kept as Partial<ConsensusConfig> | undefined) };
}

/** The detection here that an event's candidate is: itself, unless it came from another workspace. */
export function localId(connection: Connection, candidateId: string): string {
  return labelStatements(connection).findHere(candidateId) ?? candidateId;
}

/** All events of a candidate, those that other workspaces recorded under their own id for it too. */
export function readEventsOf(connection: Connection, candidateId: string): readonly CurationEvent[] {
  const statements = labelStatements(connection);
  return [candidateId, ...statements.listElsewhere(candidateId)]
    .flatMap((id) => statements.eventsOf(id))
    .map(toEvent);
}

/** What stands of a candidate. */
export function foldCandidate(connection: Connection, candidateId: string): CandidateCuration {
  return foldEvents(candidateId, readEventsOf(connection, candidateId));
}

/**
 * Bring what lists show of a candidate in step with its events; call it inside the transaction that wrote them.
 *
 * @param candidateId a detection here, or a candidate that is not here yet.
 */
export function projectCandidate(
  connection: Connection,
  candidateId: string,
  config: ConsensusConfig = readConsensus(connection),
): CandidateCuration {
  connection.touch('labels');
  const statements = labelStatements(connection);
  const curation = foldCandidate(connection, candidateId);
  const { labels, comments, flaggedBy, adjudication } = curation;
  const here = statements.findCandidate(candidateId);
  statements.setStanding(
    candidateId,
    labels.map(({ curator, id, verdict, classId }) => ({
      curator,
      labelId: id,
      runId: here?.runId ?? null,
      verdict,
      classId: classId ?? null,
    })),
  );
  const newest = labels.at(-1);
  const isTouched =
    newest !== undefined || comments.length > 0 || flaggedBy.length > 0 || adjudication !== undefined;
  if (isTouched)
    statements.setState(candidateId, {
      labels: labels.length,
      verdict: adjudication?.verdict ?? newest?.verdict ?? null,
      classId: adjudication?.classId ?? newest?.classId ?? null,
      isFlagged: flaggedBy.length > 0,
      comments: comments.length,
      consensus: decideConsensus(curation, config).kind,
    });
  else statements.dropState(candidateId);
  if (here !== undefined) statements.setLabel(candidateId, newest?.id ?? null, newest?.verdict ?? null);
  return curation;
}

/** Find candidates of other workspaces among a run's detections; call it inside the transaction that wrote either. */
export function adoptForeign(connection: Connection, runId: string): readonly string[] {
  const { orm } = connection;
  const run = orm.all<{ science: string; template: string }>(
    sql`SELECT science_path AS science, template_path AS template FROM runs WHERE id = ${runId}`,
  )[0];
  if (run === undefined) return [];
  const waiting = orm
    .select()
    .from(foreignCandidates)
    .where(
      and(
        sql`candidate_id IS NULL`,
        eq(foreignCandidates.scienceName, fileName(run.science)),
        eq(foreignCandidates.templateName, fileName(run.template)),
      ),
    )
    .all();
  return waiting.flatMap((foreign) => {
    const [found] = orm.all<{ id: string }>(sql`
      SELECT id FROM detections
      WHERE run_id = ${runId} AND superseded_at IS NULL AND is_negative = ${foreign.isNegative ? 1 : 0}
        AND x_px BETWEEN ${foreign.xPx - SAME_PX} AND ${foreign.xPx + SAME_PX}
        AND y_px BETWEEN ${foreign.yPx - SAME_PX} AND ${foreign.yPx + SAME_PX}
      ORDER BY (x_px - ${foreign.xPx}) * (x_px - ${foreign.xPx}) + (y_px - ${foreign.yPx}) * (y_px - ${foreign.yPx}), id
      LIMIT 1`);
    if (found === undefined) return [];
    orm
      .update(foreignCandidates)
      .set({ candidateId: found.id })
      .where(eq(foreignCandidates.id, foreign.id))
      .run();
    // Until now its labels stood under the id of the other workspace.
    orm.delete(standingLabels).where(eq(standingLabels.candidateId, foreign.id)).run();
    orm.delete(candidateStates).where(eq(candidateStates.candidateId, foreign.id)).run();
    projectCandidate(connection, found.id);
    return [found.id];
  });
}

/** As far apart two workspaces may measure the same detection, px: what two executions of the line may differ by. */
const SAME_PX = 2;

/** The last part of a path of any system: what a file is called wherever it lies. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1)!;
}

/** Read an event from its row. */
export function toEvent(row: EventRow): CurationEvent {
  const { id, candidateId, curator, at, clock } = row;
  const base = { id, candidateId, curator, at, clock };
  switch (row.kind) {
    case 'label':
      return {
        ...base,
        kind: 'label',
        verdict: row.verdict!,
        classId: row.classId ?? undefined,
        taxonomyId: row.taxonomyId ?? undefined,
        taxonomyVersion: row.taxonomyVersion ?? undefined,
        confidence: row.confidence ?? undefined,
        reason: row.reason ?? undefined,
        purpose: row.purpose ?? 'work',
        decisionMs: row.decisionMs ?? undefined,
        scoreVisible: row.isScoreVisible ?? true,
        score: row.score ?? undefined,
        modelVersion: row.modelVersion ?? undefined,
        viewHash: row.viewHash ?? undefined,
      };
    case 'retraction':
      return { ...base, kind: 'retraction', retractsId: row.retractsId! };
    case 'comment':
      return { ...base, kind: 'comment', text: row.reason ?? '' };
    case 'flag':
      return { ...base, kind: 'flag', isSet: row.isSet! };
    case 'reveal':
      return { ...base, kind: 'reveal', score: row.score ?? 0, modelVersion: row.modelVersion ?? '' };
    case 'adjudication':
      return {
        ...base,
        kind: 'adjudication',
        verdict: row.verdict!,
        classId: row.classId ?? undefined,
        text: row.reason ?? undefined,
      };
  }
}

/** The columns of an event. */
export function toRow(event: CurationEvent, runId: string | undefined): EventColumns {
  const { id, kind, candidateId, curator, at, clock } = event;
  const base = { id, kind, candidateId, curator, at, clock, runId };
  switch (event.kind) {
    case 'label': {
      const { scoreVisible, ...columns } = event;
      return { ...columns, runId, isScoreVisible: scoreVisible };
    }
    case 'retraction':
      return { ...base, retractsId: event.retractsId };
    case 'comment':
      return { ...base, reason: event.text };
    case 'flag':
      return { ...base, isSet: event.isSet };
    case 'reveal':
      return { ...base, score: event.score, modelVersion: event.modelVersion };
    case 'adjudication':
      return { ...base, verdict: event.verdict, classId: event.classId, reason: event.text };
  }
}
