import {
  type CandidateCuration,
  type ConsensusConfig,
  type CurationEvent,
  DEFAULT_CONSENSUS_CONFIG,
  foldEvents,
} from '../../../domains/curation/index.ts';
import type { Connection } from '../connection.ts';
import type { labelEvents } from '../schema/index.ts';
import { type EventColumns, labelStatements } from './label-statements.ts';

/** An event as its table has it. */
export type EventRow = typeof labelEvents.$inferSelect;

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
