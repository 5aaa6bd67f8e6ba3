import { and, asc, eq, inArray, isNull } from 'drizzle-orm';
import type { Change, Json, SharedDetection, SharedReview, SharedRun } from '../../../domains/sync/index.ts';
import type { Connection } from '../connection.ts';
import {
  detections,
  fieldVersions,
  labelEvents,
  outbox,
  reviewEvents,
  runs,
  taxonomies,
} from '../schema/index.ts';
import { readPlaces } from './exchange-labels.ts';
import { fileName, toEvent } from './project-labels.ts';

type OutboxRow = typeof outbox.$inferSelect;

/**
 * Read the oldest changes that wait to be sent, as they are now.
 *
 * A row that is gone meanwhile (a run done again finds other candidates) has nothing to tell, and leaves the outbox.
 */
export function readOutgoing(connection: Connection, limit: number): readonly Change[] {
  for (;;) {
    const rows = connection.orm
      .select()
      .from(outbox)
      .where(and(isNull(outbox.sentAt), isNull(outbox.refusedAt)))
      .orderBy(asc(outbox.seq))
      .limit(limit)
      .all();
    const events = readEvents(connection, rows);
    const changes = rows.map((row) => readChange(connection, row, events));
    const gone = rows.filter((_, at) => changes[at] === undefined).map(({ seq }) => seq);
    if (gone.length > 0) connection.orm.delete(outbox).where(inArray(outbox.seq, gone)).run();
    const found = changes.filter((change) => change !== undefined);
    if (found.length > 0 || rows.length === 0) return found;
  }
}

/** Read one change of the outbox; `undefined` where its row is gone. */
export function readChange(
  connection: Connection,
  row: OutboxRow,
  events: ReadonlyMap<string, Json> = readEvents(connection, [row]),
): Change | undefined {
  const { orm } = connection;
  const { changeId: id, entity, key } = row;
  if (row.kind === 'set') {
    const version = orm.select().from(fieldVersions).where(eq(fieldVersions.id, id)).get();
    return (
      version &&
      ({
        id,
        kind: 'set',
        entity,
        key,
        field: version.field,
        value: version.value,
        basedOn: version.basedOn,
        clock: version.clock,
      } as Change)
    );
  }
  const append = (value: object | undefined, clock = ''): Change | undefined =>
    value && ({ id, kind: 'append', entity, key, value: value as Json, clock } as Change);
  // What has no stamp of its own is in no order with anything: any stamp that is not ahead will do.
  const unordered = '000000000000-0000';
  switch (entity) {
    case 'curation-event': {
      const event = events.get(key) as { readonly clock: string } | undefined;
      return append(event, event?.clock);
    }
    case 'taxonomy': {
      const [taxonomyId = '', version] = key.split('@');
      return append(
        orm
          .select({ taxonomy: taxonomies.taxonomy })
          .from(taxonomies)
          .where(and(eq(taxonomies.id, taxonomyId), eq(taxonomies.version, Number(version))))
          .get()?.taxonomy,
        unordered,
      );
    }
    case 'run': {
      const run = orm.select().from(runs).where(eq(runs.id, key)).get();
      return append(run && toSharedRun(run), unordered);
    }
    case 'detection': {
      const detection = orm.select().from(detections).where(eq(detections.id, key)).get();
      return append(detection && toSharedDetection(detection), unordered);
    }
    case 'review': {
      const review = orm.select().from(reviewEvents).where(eq(reviewEvents.id, key)).get();
      return append(review && toSharedReview(review), unordered);
    }
    default:
      return undefined;
  }
}

/** Label events with where their candidates lie, so that others find them among their own; all in few questions. */
function readEvents(connection: Connection, rows: readonly OutboxRow[]): ReadonlyMap<string, Json> {
  const ids = rows.flatMap(({ entity, key }) => (entity === 'curation-event' ? [key] : []));
  if (ids.length === 0) return new Map();
  const found = connection.orm.select().from(labelEvents).where(inArray(labelEvents.id, ids)).all();
  const candidates = [...new Set(found.map(({ candidateId }) => candidateId))];
  const places = new Map(readPlaces(connection, candidates).map((place) => [place.id, { ...place }]));
  return new Map(
    found.map((row) => {
      const place = places.get(row.candidateId);
      return [row.id, { ...toEvent(row), ...(place ? { place } : {}) } as Json];
    }),
  );
}

function toSharedRun(run: typeof runs.$inferSelect): SharedRun {
  const { id, createdAt, grade, gradeReasons, science, template, completeness, nthOfPair } = run;
  return {
    id,
    createdAt,
    scienceName: fileName(run.sciencePath),
    templateName: fileName(run.templatePath),
    nthOfPair: nthOfPair ?? undefined,
    science: science ? { ...science, path: fileName(science.path) } : undefined,
    template: template ? { ...template, path: fileName(template.path) } : undefined,
    grade: grade ?? undefined,
    gradeReasons,
    completeness: completeness ? { ...completeness } : undefined,
  };
}

function toSharedDetection(row: typeof detections.$inferSelect): SharedDetection {
  const { raDeg, decDeg, mag } = row;
  const { id, runId, createdAt, rank, score, modelVersion, executionProvider, xPx, yPx } = row;
  const { fluxE, fluxErrE, snr, scorr, isNegative, areaPx, maskBits, tripletSha256, flags, features } = row;
  return {
    ...{ id, runId, createdAt, rank, score, modelVersion, executionProvider, xPx, yPx },
    ...{ fluxE, fluxErrE, snr, scorr, isNegative, areaPx, maskBits, tripletSha256, flags, features },
    raDeg: raDeg ?? undefined,
    decDeg: decDeg ?? undefined,
    mag: mag ?? undefined,
  };
}

function toSharedReview(row: typeof reviewEvents.$inferSelect): SharedReview {
  const { id, kind, runId, at, curator } = row;
  return {
    ...{ id, kind, runId, at, curator },
    decision: row.decision ?? undefined,
    comment: row.comment ?? undefined,
    retractsId: row.retractsId ?? undefined,
  };
}
