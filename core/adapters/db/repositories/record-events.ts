import {
  type CurationEvent,
  type NewCurationEvent,
  STARTER_TAXONOMY,
  stampClock,
} from '../../../domains/curation/index.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { appendEvent } from './events.ts';
import { isChange } from './is-change.ts';
import { labelStatements } from './label-statements.ts';
import { projectCandidates } from './project-candidates.ts';
import { localId, toEvent, toRow } from './project-labels.ts';

/** Where the version of the taxonomy in use is kept. */
export const TAXONOMY_KEY = 'curation.taxonomy';

/** The newest stamp of any event here. */
export function newestClock(connection: Connection): string {
  return labelStatements(connection).newestClock();
}

/**
 * Record what a curator did, inside one transaction: all of it or none.
 *
 * An event that is there already is answered as it was stored.
 *
 * @throws detection/candidate-not-found, curation/label-id-reused, curation/label-not-found, curation/not-yours
 */
export function recordEvents(
  connection: Connection,
  curator: string,
  events: readonly NewCurationEvent[],
): readonly CurationEvent[] {
  const statements = labelStatements(connection);
  const touched = new Set<string>();
  const recorded = events.map((event): CurationEvent => {
    const known = findEvent(connection, event.id);
    if (known !== undefined) return requireSame(known, event);
    const completed = complete(connection, curator, event);
    if (completed.id !== event.id) return completed;
    if (isChange(connection, event.id)) throw reused(event.id);
    const here = localId(connection, completed.candidateId);
    const runId = statements.findCandidate(here)?.runId;
    statements.addEvent(toRow(completed, runId));
    announce(connection, completed, runId);
    touched.add(here);
    return completed;
  });
  projectCandidates(connection, touched);
  return recorded;
}

/** Add who, when, and what the model said at that time. A second retraction is answered with the first. */
function complete(connection: Connection, curator: string, event: NewCurationEvent): CurationEvent {
  const at = connection.now();
  const stamp = { curator, at, clock: stampClock(newestClock(connection), Date.parse(at)) };
  if (event.kind === 'retraction') {
    const target = findEvent(connection, event.retractsId);
    if (target === undefined || target.kind === 'retraction')
      throw new AstridError(
        'curation/label-not-found',
        `There is no label ${event.retractsId} to take back.`,
        { id: event.retractsId },
      );
    if (target.curator !== curator)
      throw new AstridError(
        'curation/not-yours',
        'This label is another curator’s; only they can take it back. Give your own instead.',
        { id: event.retractsId, curator: target.curator },
      );
    const earlier = labelStatements(connection).findRetraction(event.retractsId, curator);
    return earlier === undefined ? { ...event, ...stamp, candidateId: target.candidateId } : toEvent(earlier);
  }
  const candidate = labelStatements(connection).findCandidate(event.candidateId);
  if (candidate === undefined)
    throw new AstridError(
      'detection/candidate-not-found',
      `There is no candidate ${event.candidateId} in this workspace; the verdict was not stored.`,
      { id: event.candidateId },
    );
  const { score, modelVersion } = candidate;
  switch (event.kind) {
    case 'label': {
      const taxonomy = event.classId === undefined ? undefined : taxonomyInUse(connection);
      return {
        ...event,
        ...stamp,
        score,
        modelVersion,
        taxonomyId: taxonomy?.id,
        taxonomyVersion: taxonomy?.version,
        // What was shown on request was seen, whatever the screen says of itself.
        scoreVisible:
          event.scoreVisible || labelStatements(connection).wasRevealed(event.candidateId, curator),
      };
    }
    case 'reveal':
      return { ...event, ...stamp, score, modelVersion };
    default:
      return { ...event, ...stamp };
  }
}

/** Which taxonomy is in use: `{ id, version }`. */
export function taxonomyInUse(connection: Connection): { readonly id: string; readonly version: number } {
  const kept = labelStatements(connection).readSetting(TAXONOMY_KEY) as
    | { id: string; version: number }
    | undefined;
  return kept ?? STARTER_TAXONOMY;
}

function findEvent(connection: Connection, id: string): CurationEvent | undefined {
  const row = labelStatements(connection).findEvent(id);
  return row && toEvent(row);
}

/** Sent again, an event is the one that is there, if it asks for the same. */
function requireSame(known: CurationEvent, event: NewCurationEvent): CurationEvent {
  const told = known as unknown as Readonly<Record<string, unknown>>;
  const isSame = Object.entries(event).every(
    ([name, value]) => LOOSE.has(name) || value === undefined || told[name] === value,
  );
  const lacks = ['classId', 'reason', 'confidence', 'text'].some(
    (name) => told[name] !== undefined && (event as unknown as Record<string, unknown>)[name] === undefined,
  );
  if (isSame && !lacks) return known;
  throw reused(event.id);
}

function reused(id: string): AstridError {
  return new AstridError(
    'curation/label-id-reused',
    `The id ${id} belongs to another verdict, or to something else; send this one under a new id.`,
    { id },
  );
}

/** Fields of a repeated request that may differ: how long it took, and what the store itself decides. */
const LOOSE = new Set(['decisionMs', 'scoreVisible', 'viewHash']);

function announce(connection: Connection, event: CurationEvent, runId: string | undefined): void {
  const { kind, candidateId, curator } = event;
  switch (kind) {
    case 'label':
    case 'adjudication':
      appendEvent(connection, {
        kind: 'detection.validated',
        runId,
        candidateId,
        // Every window hears of it, also that of a curator who has not judged the candidate: the verdict stays with it.
        data: { labelId: event.id, curator },
      });
      break;
    case 'retraction':
      appendEvent(connection, {
        kind: 'label.retracted',
        runId,
        candidateId,
        data: { labelId: event.retractsId },
      });
      break;
    default:
      appendEvent(connection, { kind: 'candidate.noted', runId, candidateId, data: { note: kind, curator } });
  }
}
