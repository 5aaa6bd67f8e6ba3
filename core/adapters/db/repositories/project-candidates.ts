import {
  type CandidateCuration,
  type ConsensusConfig,
  type CurationEvent,
  decideConsensus,
  foldEvents,
} from '../../../domains/curation/index.ts';
import { type Connection, prepareOnce } from '../connection.ts';
import { labelStatements } from './label-statements.ts';
import { type EventRow, readConsensus, toEvent } from './project-labels.ts';

/** Candidates whose events are in memory at once. */
const AT_ONCE = 500;

/**
 * Bring what lists show of candidates in step with their events; call it inside the transaction that wrote them, once
 * for all that it touched.
 *
 * @param candidateIds detections here, or candidates under the ids of other workspaces; each is looked at once.
 */
export function projectCandidates(
  connection: Connection,
  candidateIds: Iterable<string>,
  rules?: ConsensusConfig,
): void {
  const given = [...candidateIds];
  if (given.length === 0) return;
  connection.touch('labels');
  const config = rules ?? readConsensus(connection);
  const statements = prepared(connection);
  const labels = labelStatements(connection);
  const all = [...new Set(statements.local.all(JSON.stringify(given)) as string[])];
  for (let first = 0; first < all.length; first += AT_ONCE) {
    const page = all.slice(first, first + AT_ONCE);
    const wanted = JSON.stringify(page);
    const events = readEvents(statements, wanted);
    const here = new Map(
      (statements.here.all(wanted) as HereRow[]).map((row) => [row.id, row] satisfies [string, HereRow]),
    );
    for (const id of page) writeCandidate(labels, foldEvents(id, events.get(id) ?? []), here.get(id), config);
  }
}

/** Bring all labelled candidates in step with the rules of consensus, where these say something else than before. */
export function projectByRules(connection: Connection, before: ConsensusConfig): void {
  const config = readConsensus(connection);
  const isSame = (['labelsWanted', 'labelsOnDispute', 'retireAt'] as const).every(
    (name) => config[name] === before[name],
  );
  if (!isSame) projectCandidates(connection, prepared(connection).labelled.all() as string[], config);
}

interface HereRow {
  readonly id: string;
  readonly runId: string;
  readonly labelId: string | null;
  readonly labelVerdict: string | null;
}

/** SQLite has no booleans. */
interface FlagRow {
  readonly here: string;
  readonly isSet: number | null;
}

function readEvents(statements: Prepared, wanted: string): ReadonlyMap<string, CurationEvent[]> {
  const events = new Map<string, CurationEvent[]>();
  const rows = statements.events.all({ wanted }) as (Omit<EventRow, 'isSet'> & FlagRow)[];
  for (const row of rows) {
    const event = toEvent({ ...row, isSet: row.isSet === 1 });
    const known = events.get(row.here);
    if (known === undefined) events.set(row.here, [event]);
    else known.push(event);
  }
  return events;
}

function writeCandidate(
  statements: ReturnType<typeof labelStatements>,
  curation: CandidateCuration,
  here: HereRow | undefined,
  config: ConsensusConfig,
): void {
  const { candidateId, labels, comments, flaggedBy, adjudication } = curation;
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
  const labelId = newest?.id ?? null;
  const verdict = newest?.verdict ?? null;
  // Most that is taken in changes nothing of a detection: its indexes are left alone.
  if (here !== undefined && (here.labelId !== labelId || here.labelVerdict !== verdict))
    statements.setLabel(candidateId, labelId, verdict);
}

type Prepared = ReturnType<typeof prepare>;

const prepared = prepareOnce(prepare);

function prepare({ sqlite }: Connection) {
  // What a fold looks at; CROSS JOIN keeps the order of the tables, whatever the planner knows of them.
  const event = `event.id, event.kind, event.candidate_id AS candidateId, event.at, event.clock, event.curator,
    event.verdict, event.class_id AS classId, event.is_set AS isSet, event.retracts_id AS retractsId`;
  return {
    local: sqlite
      .prepare(`
      SELECT coalesce(candidate_id, wanted.value) FROM json_each(?) AS wanted
        LEFT JOIN foreign_candidates ON foreign_candidates.id = wanted.value`)
      .pluck(),
    labelled: sqlite.prepare('SELECT candidate_id FROM candidate_states').pluck(),
    events: sqlite.prepare(`
      SELECT wanted.value AS here, ${event} FROM json_each(@wanted) AS wanted
        CROSS JOIN label_events AS event ON event.candidate_id = wanted.value
      UNION ALL
      SELECT wanted.value AS here, ${event} FROM json_each(@wanted) AS wanted
        CROSS JOIN foreign_candidates AS elsewhere ON elsewhere.candidate_id = wanted.value
        CROSS JOIN label_events AS event ON event.candidate_id = elsewhere.id`),
    here: sqlite.prepare(`
      SELECT detections.id, run_id AS runId, label_id AS labelId, label_verdict AS labelVerdict
      FROM json_each(?) AS wanted CROSS JOIN detections ON detections.id = wanted.value`),
  };
}
