import { and, asc, count, desc, eq, inArray, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import type { NightRecord, RunRecord, RunRepository } from '../../../pipeline/ports.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';
import { detections, runs } from '../schema/index.ts';
import { errorColumns, toError } from './error-columns.ts';
import { appendEvent } from './events.ts';
import { meets } from './meet-conditions.ts';
import { closeRunningStages, INTERRUPTED, NO_LEASE, requireLease, STOPPED } from './write-run.ts';

type RunRow = Omit<
  typeof runs.$inferSelect,
  | 'sky'
  | 'registration'
  | 'difference'
  | 'completeness'
  | 'starScores'
  | 'nightMjd'
  | 'name'
  | 'band'
  | 'seeingArcsec'
  | 'words'
  | 'scienceName'
  | 'templateName'
  | 'nthOfPair'
>;

// Lists leave the field view's data out: it can be a hundred kilobytes a run.
const listed = {
  id: runs.id,
  createdAt: runs.createdAt,
  status: runs.status,
  sciencePath: runs.sciencePath,
  templatePath: runs.templatePath,
  options: runs.options,
  science: runs.science,
  template: runs.template,
  grade: runs.grade,
  gradeReasons: runs.gradeReasons,
  candidateCount: runs.candidateCount,
  queuedAt: runs.queuedAt,
  attempts: runs.attempts,
  origin: runs.origin,
  lease: runs.lease,
  leaseWorker: runs.leaseWorker,
  leaseExpiresAt: runs.leaseExpiresAt,
  errorCode: runs.errorCode,
  errorMessage: runs.errorMessage,
  errorDetails: runs.errorDetails,
};

const sortColumns = {
  created: runs.createdAt,
  night: runs.nightMjd,
  name: runs.name,
  seeing: runs.seeingArcsec,
  candidates: runs.candidateCount,
} as const;

/** Keep runs and what became of them. */
export function createRunRepository(connection: Connection): RunRepository {
  const { orm } = connection;

  const find = (id: string): RunRecord | undefined => {
    const row = orm.select().from(runs).where(eq(runs.id, id)).get();
    if (row === undefined) return undefined;
    return {
      ...toRun(row, countLabelled(connection, [id])),
      sky: row.sky ?? undefined,
      registration: row.registration ?? undefined,
      difference: row.difference ?? undefined,
      completeness: row.completeness ?? undefined,
      starScores: row.starScores ?? undefined,
    };
  };
  const get = (id: string): RunRecord => {
    const run = find(id);
    if (run === undefined)
      throw new AstridError('pipeline/run-not-found', `There is no run ${id} in this workspace.`, { id });
    return run;
  };
  const end = (id: string, values: Partial<typeof runs.$inferInsert>): void => {
    orm
      .update(runs)
      .set({ ...values, ...NO_LEASE })
      .where(eq(runs.id, id))
      .run();
  };

  return {
    create: (run) =>
      connection.write(() => {
        const id = run.id ?? connection.makeId();
        const earlier = find(id);
        if (earlier !== undefined) {
          if (earlier.sciencePath === run.sciencePath && earlier.templatePath === run.templatePath)
            return earlier;
          throw new AstridError(
            'pipeline/run-id-reused',
            `Run ${id} is of another pair (${earlier.sciencePath}, ${earlier.templatePath}); queue this one under a new id.`,
            { id },
          );
        }
        const at = connection.now();
        const { sciencePath, templatePath, options } = run;
        orm
          .insert(runs)
          .values({ id, createdAt: at, queuedAt: at, status: 'queued', sciencePath, templatePath, options })
          .run();
        connection.touch('queue');
        appendEvent(connection, { kind: 'run.queued', runId: id, data: { sciencePath, templatePath } });
        return get(id);
      }),
    get: (id) => connection.read(() => get(id)),
    listNights: () =>
      connection.read(() =>
        orm.all<NightRecord>(sql`
          SELECT night_mjd AS nightMjd, count(*) AS runs, sum(status = 'done') AS done,
            sum(status = 'failed') AS failed, sum(candidate_count) AS candidates
          FROM runs INDEXED BY runs_by_night GROUP BY night_mjd ORDER BY night_mjd DESC`),
      ),
    list: ({ cursor, limit, status, conditions = [], order = 'created', isAscending = false, offset }) =>
      connection.read(() => {
        const matching = and(
          status === undefined ? undefined : eq(runs.status, status),
          ...conditions.map(meets),
        );
        if (offset !== undefined || order !== 'created' || isAscending) {
          const direction = isAscending ? asc : desc;
          // Rows that are skipped are never read: the inner question is answered by an index.
          const ids = orm
            .select({ id: runs.id })
            .from(runs)
            .where(matching)
            .orderBy(direction(sortColumns[order]), direction(runs.id))
            .limit(limit)
            .offset(offset ?? 0)
            .all()
            .map(({ id }) => id);
          // A page that is not full is the last: what is before it is counted by its place.
          const total =
            ids.length > 0 && ids.length < limit
              ? (offset ?? 0) + ids.length
              : (orm.select({ n: count() }).from(runs).where(matching).get()?.n ?? 0);
          if (ids.length === 0) return { items: [], total };
          const found = new Map(
            orm
              .select(listed)
              .from(runs)
              .where(inArray(runs.id, ids))
              .all()
              .map((row) => [row.id, row]),
          );
          const labelled = countLabelled(connection, ids);
          return {
            items: ids.map((id) => toRun(found.get(id)!, labelled)),
            total,
          };
        }
        let after: SQL | undefined;
        if (cursor !== undefined) {
          const [createdAt, id] = readCursor(cursor, ['', ''], 'pipeline/bad-cursor');
          after = sql`(${runs.createdAt}, ${runs.id}) < (${createdAt}, ${id})`;
        }
        const rows = orm
          .select(listed)
          .from(runs)
          .where(and(matching, after))
          .orderBy(desc(runs.createdAt), desc(runs.id))
          .limit(limit + 1)
          .all();
        const page = rows.slice(0, limit);
        const labelled = countLabelled(
          connection,
          page.map((row) => row.id),
        );
        const last = page.at(-1);
        return {
          items: page.map((row) => toRun(row, labelled)),
          nextCursor:
            rows.length > limit && last !== undefined ? writeCursor([last.createdAt, last.id]) : undefined,
          total: orm.select({ n: count() }).from(runs).where(matching).get()?.n ?? 0,
        };
      }),
    finish: (id, lease, error) =>
      connection.write(() => {
        requireLease(connection, id, lease);
        end(id, { status: error === undefined ? 'done' : 'failed', ...errorColumns(error) });
        closeRunningStages(connection, id, INTERRUPTED);
        const run = get(id);
        if (error === undefined)
          appendEvent(connection, {
            kind: 'run.finished',
            runId: id,
            data: { candidateCount: run.candidateCount },
          });
        else
          appendEvent(connection, {
            kind: 'run.failed',
            runId: id,
            data: { code: error.code, message: error.message },
          });
        return run;
      }),
    cancel: (id) =>
      connection.write(() => {
        const run = get(id);
        if (run.status !== 'queued' && run.status !== 'running') return run;
        end(id, { status: 'cancelled' });
        closeRunningStages(connection, id, STOPPED);
        appendEvent(connection, { kind: 'run.cancelled', runId: id });
        return get(id);
      }),
    retry: (id) =>
      connection.write(() => {
        const run = get(id);
        if (run.status === 'queued' || run.status === 'running') return run;
        orm
          .update(runs)
          .set({ status: 'queued', queuedAt: connection.now(), ...errorColumns(undefined) })
          .where(eq(runs.id, id))
          .run();
        connection.touch('queue');
        appendEvent(connection, {
          kind: 'run.queued',
          runId: id,
          data: { sciencePath: run.sciencePath, templatePath: run.templatePath },
        });
        return get(id);
      }),
  };
}

function countLabelled(connection: Connection, ids: readonly string[]): ReadonlyMap<string, number> {
  if (ids.length === 0) return new Map();
  const counts = connection.orm
    .select({ runId: detections.runId, n: count() })
    .from(detections)
    .where(
      and(
        inArray(detections.runId, [...ids]),
        isNull(detections.supersededAt),
        isNotNull(detections.labelId),
      ),
    )
    .groupBy(detections.runId)
    .all();
  return new Map(counts.map(({ runId, n }) => [runId, n]));
}

function toRun(row: RunRow, labelled: ReadonlyMap<string, number>): RunRecord {
  return {
    id: row.id,
    createdAt: row.createdAt,
    status: row.status,
    sciencePath: row.sciencePath,
    templatePath: row.templatePath,
    options: row.options,
    science: row.science ?? undefined,
    template: row.template ?? undefined,
    grade: row.grade ?? undefined,
    gradeReasons: row.gradeReasons,
    candidateCount: row.candidateCount,
    labelledCount: labelled.get(row.id) ?? 0,
    attempts: row.attempts,
    origin: row.origin ?? undefined,
    error: toError(row),
  };
}
