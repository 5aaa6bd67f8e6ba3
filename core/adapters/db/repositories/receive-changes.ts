import { z } from 'zod';
import type { CurationEvent } from '../../../domains/curation/index.ts';
import type { SharedChange } from '../../../domains/sync/index.ts';
import type { Connection } from '../connection.ts';
import { taxonomies, waitingChanges } from '../schema/index.ts';
import {
  CandidatePlaceSchema,
  CurationEventSchema,
  SharedDetectionSchema,
  SharedReviewSchema,
  SharedRunSchema,
  TaxonomySchema,
} from '../shared-schemas.ts';
import { adoptForeign, adoptPlaces, noteForeign, type PairName } from './adopt-foreign.ts';
import { appendEvent } from './events.ts';
import { projectCandidates } from './project-candidates.ts';
import { finishRun, NotYet, receiveDetection, receiveReview, receiveRun } from './receive-runs.ts';
import { receiveField } from './shared-fields.ts';
import { findEvents, restampEvents, writeEvents } from './write-events.ts';

/** What the changes of one message touched: looked at once, when all of them are written. */
interface Touched {
  readonly runs: Set<string>;
  readonly twins: Set<string>;
  /** Detections here, or candidates that are not here. */
  readonly candidates: Set<string>;
  readonly places: PairName[];
  readonly newEvents: Set<string>;
}

/**
 * Take in changes of the shared catalogue, inside a transaction of the caller's that is marked as receiving.
 *
 * What is here already changes nothing but its stamp. What cannot be taken in is kept with its reason, and the rest
 * goes on: one bad row must not stop the exchange of a whole team.
 */
export function receiveChanges(connection: Connection, changes: readonly SharedChange[]): void {
  const touched: Touched = {
    runs: new Set(),
    twins: new Set(),
    candidates: new Set(),
    places: [],
    newEvents: new Set(),
  };
  for (const group of groupChanges(changes)) {
    if (explain(connection, () => takeIn(connection, group, touched)) === undefined) continue;
    for (const change of group) {
      const reason = explain(connection, () => takeIn(connection, [change], touched));
      if (reason !== undefined) wait(connection, change, reason);
    }
  }
  // A third workstation's candidates may have come before those of the run that they are found in.
  for (const runId of new Set([...touched.twins, ...touched.runs]))
    for (const id of adoptForeign(connection, runId)) touched.candidates.add(id);
  for (const id of adoptPlaces(connection, touched.places)) touched.candidates.add(id);
  projectCandidates(connection, touched.candidates);
  for (const runId of touched.runs) finishRun(connection, runId);
  if (touched.newEvents.size > 0)
    appendEvent(connection, {
      kind: 'labels.merged',
      data: { events: touched.newEvents.size, candidates: touched.candidates.size },
    });
}

/** Neighbours that are taken in together: label events and detections, of which there are many. */
function groupChanges(changes: readonly SharedChange[]): readonly (readonly SharedChange[])[] {
  const groups: SharedChange[][] = [];
  const isMany = ({ kind, entity }: SharedChange): boolean =>
    kind === 'append' && (entity === 'curation-event' || entity === 'detection');
  for (const change of changes) {
    const last = groups.at(-1);
    if (last?.[0] && isMany(change) && isMany(last[0]) && last[0].entity === change.entity) last.push(change);
    else groups.push([change]);
  }
  return groups;
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

/** @param changes one, or several of a kind that is taken in together. */
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
      takeInEvents(connection, changes, touched);
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
    case 'run': {
      const runId = receiveRun(connection, SharedRunSchema.parse(change.value), change.author);
      if (runId !== undefined) touched.runs.add(runId);
      break;
    }
    case 'detection':
      for (const { value } of changes) {
        const received = receiveDetection(connection, SharedDetectionSchema.parse(value));
        if (received.kind === 'added') {
          touched.candidates.add(received.id);
          touched.runs.add(received.runId);
        } else if (received.kind === 'twin' && received.runId !== undefined)
          touched.twins.add(received.runId);
      }
      break;
    case 'review':
      receiveReview(connection, SharedReviewSchema.parse(change.value));
      break;
    default:
      throw new NotYet(`${String((change as SharedChange).entity)} is not known to this version`);
  }
}

const PlaceOf = z.object({ place: CandidatePlaceSchema.optional() });

function takeInEvents(connection: Connection, changes: readonly SharedChange[], touched: Touched): void {
  const here = findEvents(
    connection,
    changes.map(({ key }) => key),
  );
  const added = new Map<string, CurationEvent>();
  const stamps: { readonly id: string; readonly clock: string }[] = [];
  const places: PairName[] = [];
  const told = new Set<string>();
  for (const { value, clock } of changes) {
    const event = CurationEventSchema.parse(value);
    const known = here.get(event.id);
    if (known !== undefined) {
      if (known.clock !== clock) stamps.push({ id: event.id, clock });
      continue;
    }
    if (!told.has(event.candidateId)) {
      const { place } = PlaceOf.parse(value);
      if (place !== undefined && noteForeign(connection, place)) places.push(place);
      told.add(event.candidateId);
    }
    added.set(event.id, { ...event, clock });
  }
  // Only what stays is looked at again: nothing of a group that is undone.
  for (const id of restampEvents(connection, stamps)) touched.candidates.add(id);
  for (const id of writeEvents(connection, [...added.values()])) touched.candidates.add(id);
  for (const id of added.keys()) touched.newEvents.add(id);
  touched.places.push(...places);
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

function wait(connection: Connection, change: SharedChange, reason: string): void {
  connection.orm
    .insert(waitingChanges)
    .values({ seq: change.seq, change: JSON.stringify(change), reason: reason.slice(0, 1000) })
    .onConflictDoNothing()
    .run();
}
