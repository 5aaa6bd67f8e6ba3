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
import { appendEvent } from './events.ts';
import { adoptForeign, fileName, localId, projectCandidate, toEvent, toRow } from './project-labels.ts';

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
  let added = 0;
  let events = 0;
  let clashes = 0;
  let people = 0;
  const touched = new Set<string>();
  const merge = makeEventMerger(connection);
  const foreign = new Set<string>();
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
        foreign.add(place.id);
        orm.insert(foreignCandidates).values(place).onConflictDoNothing().run();
        break;
      }
      case 'event': {
        events++;
        const outcome = merge(line.event);
        if (outcome === 'clash') clashes++;
        if (outcome !== 'added') break;
        added++;
        touched.add(line.event.candidateId);
      }
    }
  }
  // Runs that have the same files are where the same detections are.
  const runs = orm.all<{ id: string }>(
    sql`SELECT id FROM runs WHERE EXISTS (SELECT 1 FROM foreign_candidates WHERE candidate_id IS NULL)`,
  );
  for (const { id } of runs) adoptForeign(connection, id);
  for (const id of touched) projectCandidate(connection, localId(connection, id));
  if (added > 0)
    appendEvent(connection, { kind: 'labels.merged', data: { events: added, candidates: touched.size } });
  const matched = [...foreign].filter((id) => localId(connection, id) !== id).length;
  return { events, added, curators: people, matched, waiting: foreign.size - matched, clashes };
}

/**
 * Make what merges events one by one, with what many of them need asked for once.
 *
 * Events are never changed here: of two under one id the first to arrive stays, and the other is told of.
 */
function makeEventMerger(connection: Connection): (event: CurationEvent) => 'added' | 'known' | 'clash' {
  const { orm } = connection;
  const find = orm
    .select()
    .from(labelEvents)
    .where(eq(labelEvents.id, sql.placeholder('id')))
    .prepare();
  // One statement for each set of columns that is given: drizzle writes a boolean that is null as 0.
  const inserts = new Map<string, ReturnType<typeof prepareInsert>>();
  const prepareInsert = (columns: readonly string[]) =>
    orm
      .insert(labelEvents)
      .values(
        Object.fromEntries(
          columns.map((name) => [name, sql.placeholder(name)]),
        ) as unknown as typeof labelEvents.$inferInsert,
      )
      .prepare();
  const insert = (row: typeof labelEvents.$inferInsert): void => {
    const given = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
    const columns = Object.keys(given);
    const key = columns.join(' ');
    const statement = inserts.get(key) ?? prepareInsert(columns);
    inserts.set(key, statement);
    statement.run(given);
  };
  const runs = new Map<string, string | undefined>();
  return (event) => {
    const known = find.get({ id: event.id });
    if (known !== undefined) return isSameEvent(toEvent(known), event) ? 'known' : 'clash';
    if (!runs.has(event.candidateId))
      runs.set(
        event.candidateId,
        orm
          .select({ runId: detections.runId })
          .from(detections)
          .where(eq(detections.id, localId(connection, event.candidateId)))
          .get()?.runId,
      );
    insert(toRow(event, runs.get(event.candidateId)));
    return 'added';
  };
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
