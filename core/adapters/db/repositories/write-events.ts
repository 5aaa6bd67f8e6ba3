import { inArray } from 'drizzle-orm';
import type { CurationEvent } from '../../../domains/curation/index.ts';
import { type Connection, prepareOnce } from '../connection.ts';
import { labelEvents } from '../schema/index.ts';
import { labelStatements } from './label-statements.ts';
import { toEvent, toRow } from './project-labels.ts';

/** SQLite takes 32,766 parameters a statement. */
const IDS_AT_ONCE = 1000;

/** Find those of many events that are here already, by their ids. */
export function findEvents(
  connection: Connection,
  ids: readonly string[],
): ReadonlyMap<string, CurationEvent> {
  // Of what comes from others next to nothing is here: that is asked for cheaply, and only the rest is read.
  const here = prepared(connection).known.all(JSON.stringify(ids)) as string[];
  const events = new Map<string, CurationEvent>();
  for (let first = 0; first < here.length; first += IDS_AT_ONCE)
    for (const row of connection.orm
      .select()
      .from(labelEvents)
      .where(inArray(labelEvents.id, here.slice(first, first + IDS_AT_ONCE)))
      .all())
      events.set(row.id, toEvent(row));
  return events;
}

/**
 * Write events that came from elsewhere and are not here; their candidates have yet to be projected.
 *
 * @returns the candidates that they speak of.
 */
export function writeEvents(connection: Connection, events: readonly CurationEvent[]): ReadonlySet<string> {
  const { addEvent } = labelStatements(connection);
  const { here } = prepared(connection);
  const candidates = [...new Set(events.map(({ candidateId }) => candidateId))];
  const rows = here.all(JSON.stringify(candidates)) as { candidateId: string; runId: string | null }[];
  const runs = new Map(rows.map(({ candidateId, runId }) => [candidateId, runId ?? undefined]));
  for (const event of events) {
    addEvent(toRow(event, runs.get(event.candidateId)));
  }
  return new Set(candidates);
}

/**
 * Give events that are here the catalogue's stamps; their candidates have yet to be projected.
 *
 * @returns the candidates they speak of.
 */
export function restampEvents(
  connection: Connection,
  stamps: readonly { readonly id: string; readonly clock: string }[],
): ReadonlySet<string> {
  const { restamp } = prepared(connection);
  return new Set(stamps.flatMap(({ id, clock }) => restamp.all({ id, clock }) as string[]));
}

const prepared = prepareOnce(prepare);

function prepare({ sqlite }: Connection) {
  return {
    known: sqlite
      .prepare(`
      SELECT label_events.id FROM json_each(?) AS wanted CROSS JOIN label_events ON label_events.id = wanted.value`)
      .pluck(),
    here: sqlite.prepare(`
      SELECT wanted.value AS candidateId,
        (SELECT run_id FROM detections WHERE detections.id = coalesce(candidate_id, wanted.value)) AS runId
      FROM json_each(?) AS wanted LEFT JOIN foreign_candidates ON foreign_candidates.id = wanted.value`),
    restamp: sqlite
      .prepare(
        'UPDATE label_events SET clock = @clock WHERE id = @id AND clock <> @clock RETURNING candidate_id',
      )
      .pluck(),
  };
}
