import { asc, eq, gt, inArray, sql } from 'drizzle-orm';
import {
  type CandidatePlace,
  type CurationEvent,
  type ImportReport,
  isSameEvent,
  type LabelExchange,
  type LabelLine,
} from '../../../domains/curation/index.ts';
import type { Connection } from '../connection.ts';
import { curators, detections, foreignCandidates, labelEvents, taxonomies } from '../schema/index.ts';
import { adoptPlaces, noteForeign } from './adopt-foreign.ts';
import { appendEvent } from './events.ts';
import { projectCandidates } from './project-candidates.ts';
import { fileName, localId, toEvent } from './project-labels.ts';
import { findEvents, writeEvents } from './write-events.ts';

/** Rows read at once. */
const PAGE = 1000;

/** Take labels out of a workspace and merge another's into it. */
export function createLabelExchange(connection: Connection): LabelExchange {
  return {
    export: () => exportLines(connection),
    import: (lines) => connection.write(() => importLines(connection, lines)),
  };
}

async function* exportLines(connection: Connection): AsyncGenerator<LabelLine> {
  const { orm } = connection;
  yield { line: 'header', format: 'astrid-labels', version: 1 };
  for (const curator of orm.select().from(curators).orderBy(asc(curators.id)).all())
    yield { line: 'curator', ...curator };
  for (const { taxonomy } of orm.select().from(taxonomies).orderBy(asc(taxonomies.version)).all())
    yield { line: 'taxonomy', taxonomy };
  const told = new Set<string>();
  let after = 0;
  for (;;) {
    const rows = orm
      .select()
      .from(labelEvents)
      .where(gt(labelEvents.seq, after))
      .orderBy(asc(labelEvents.seq))
      .limit(PAGE)
      .all();
    const unknown = [...new Set(rows.map(({ candidateId }) => candidateId))].filter((id) => !told.has(id));
    for (const place of readPlaces(connection, unknown)) yield { line: 'candidate', ...place };
    for (const id of unknown) told.add(id);
    for (const row of rows) yield { line: 'event', event: toEvent(row) };
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.seq;
  }
}

/** Where candidates lie: those of this workspace, and those it heard of from others. */
export function readPlaces(connection: Connection, ids: readonly string[]): readonly CandidatePlace[] {
  if (ids.length === 0) return [];
  const own = connection.orm
    .select({
      id: detections.id,
      xPx: detections.xPx,
      yPx: detections.yPx,
      isNegative: detections.isNegative,
      science: sql<string>`(SELECT science_path FROM runs WHERE runs.id = detections.run_id)`,
      template: sql<string>`(SELECT template_path FROM runs WHERE runs.id = detections.run_id)`,
      nthOfPair: sql<number>`(SELECT coalesce(nth_of_pair, 0) FROM runs WHERE runs.id = detections.run_id)`,
    })
    .from(detections)
    .where(inArray(detections.id, [...ids]))
    .all()
    .map(({ science, template, ...place }) => ({
      ...place,
      scienceName: fileName(science),
      templateName: fileName(template),
    }));
  const heardOf = connection.orm
    .select()
    .from(foreignCandidates)
    .where(inArray(foreignCandidates.id, [...ids]))
    .all()
    .map(({ candidateId, ...place }) => place);
  return [...own, ...heardOf];
}

/** Merge lines inside a transaction of the caller's. */
export function importLines(connection: Connection, lines: readonly LabelLine[]): ImportReport {
  const { orm } = connection;
  const events: CurationEvent[] = [];
  const foreign: CandidatePlace[] = [];
  let people = 0;
  for (const line of lines) {
    switch (line.line) {
      case 'header':
        break;
      case 'curator':
        people++;
        mergeCurator(connection, line);
        break;
      case 'taxonomy': {
        const { taxonomy } = line;
        orm
          .insert(taxonomies)
          .values({ id: taxonomy.id, version: taxonomy.version, createdAt: connection.now(), taxonomy })
          .onConflictDoNothing()
          .run();
        break;
      }
      case 'candidate': {
        const { line: _, ...place } = line;
        if (isHere(connection, place.id)) break;
        foreign.push(place);
        noteForeign(connection, place);
        break;
      }
      case 'event':
        events.push(line.event);
    }
  }
  // Runs that have the same files are where the same detections are.
  const touched = new Set(adoptPlaces(connection, foreign));
  const { added, clashes } = sortOut(connection, events);
  for (const id of writeEvents(connection, added)) touched.add(id);
  projectCandidates(connection, touched);
  if (added.length > 0)
    appendEvent(connection, {
      kind: 'labels.merged',
      data: { events: added.length, candidates: new Set(added.map(({ candidateId }) => candidateId)).size },
    });
  const places = new Set(foreign.map(({ id }) => id));
  const matched = [...places].filter((id) => localId(connection, id) !== id).length;
  return {
    events: events.length,
    added: added.length,
    curators: people,
    matched,
    waiting: places.size - matched,
    clashes,
  };
}

/**
 * Tell the events that are new from those that are here.
 *
 * Events are never changed here: of two under one id the first to arrive stays, and the other is told of.
 */
function sortOut(
  connection: Connection,
  events: readonly CurationEvent[],
): { readonly added: readonly CurationEvent[]; readonly clashes: number } {
  const known = new Map(
    findEvents(
      connection,
      events.map(({ id }) => id),
    ),
  );
  const added: CurationEvent[] = [];
  let clashes = 0;
  for (const event of events) {
    const earlier = known.get(event.id);
    if (earlier === undefined) {
      known.set(event.id, event);
      added.push(event);
    } else if (!isSameEvent(earlier, event)) clashes++;
  }
  return { added, clashes };
}

function mergeCurator(
  connection: Connection,
  { line: _, ...curator }: Extract<LabelLine, { line: 'curator' }>,
): void {
  const known = connection.orm.select().from(curators).where(eq(curators.id, curator.id)).get();
  if (known !== undefined && known.clock >= curator.clock) return;
  connection.orm
    .insert(curators)
    .values(curator)
    .onConflictDoUpdate({ target: curators.id, set: curator })
    .run();
}

function isHere(connection: Connection, id: string): boolean {
  return (
    connection.orm.select({ id: detections.id }).from(detections).where(eq(detections.id, id)).get() !==
    undefined
  );
}
