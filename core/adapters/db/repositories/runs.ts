import { and, count, desc, eq, inArray, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import type {
  NightRecord,
  RunCondition,
  RunRecord,
  RunRepository,
  RunStatus,
} from '../../../pipeline/ports.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';
import { detections, runs } from '../schema/index.ts';
import { errorColumns, toError } from './error-columns.ts';
import { appendEvent } from './events.ts';
import { meets } from './meet-conditions.ts';
import { pageRuns } from './page-runs.ts';
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
        const selection = selectRuns(status, conditions);
        if (offset !== undefined || order !== 'created' || isAscending) {
          const column = sortColumns[order];
          const { ids, total, nextCursor } =
            offset === undefined
              ? {
                  ...pageRuns(connection, { ...selection, column, isAscending }, { cursor, limit }),
                  total: countRuns(connection, selection),
                }
              : {
                  ...findPage(connection, selection, { column, isAscending, offset, limit }),
                  nextCursor: undefined,
                };
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
            nextCursor,
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
          .where(and(selection.matching, after))
          .orderBy(desc(runs.createdAt), desc(runs.id))
          .limit(limit + 1)
          .all();
        const page = rows.slice(0, limit);
        const labelled = countLabelled(
          connection,
          page.map((row) => row.id),
        );
        const last = page.at(-1);
        const isLast = rows.length <= limit;
        return {
          items: page.map((row) => toRun(row, labelled)),
          nextCursor: !isLast && last !== undefined ? writeCursor([last.createdAt, last.id]) : undefined,
          total: isLast && cursor === undefined ? rows.length : countRuns(connection, selection),
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

/** Which runs a list is of, and in which index they are looked for. */
interface RunSelection {
  readonly matching: SQL | undefined;
  readonly from: SQL;
}

/** Along the index of an order a filter would read every row; the one index that holds all it asks for is gone through instead. */
function selectRuns(status: RunStatus | undefined, conditions: readonly RunCondition[]): RunSelection {
  const matching = and(status === undefined ? undefined : eq(runs.status, status), ...conditions.map(meets));
  return { matching, from: conditions.length === 0 ? sql`runs` : sql`runs INDEXED BY runs_by_filter` };
}

/** Find one page of runs in an order, and how many there are. Rows that are skipped are never read. */
function findPage(
  connection: Connection,
  { matching, from }: RunSelection,
  page: {
    readonly column: (typeof sortColumns)[keyof typeof sortColumns];
    readonly isAscending: boolean;
    readonly offset: number;
    readonly limit: number;
  },
): { readonly ids: readonly string[]; readonly total: number } {
  const { column, isAscending, offset, limit } = page;
  const find = (isRising: boolean, skipped: number, taken: number): readonly string[] => {
    const direction = sql.raw(isRising ? 'ASC' : 'DESC');
    return connection.orm
      .all<{ id: string }>(
        matching === undefined
          ? sql`SELECT id FROM runs ORDER BY ${column} ${direction}, id ${direction} LIMIT ${taken} OFFSET ${skipped}`
          : // Sorting rowids takes two thirds of the time of sorting ids.
            sql`SELECT id FROM runs WHERE rowid IN (
              SELECT rowid FROM ${from} WHERE ${matching}
              ORDER BY ${column} ${direction}, rowid ${direction} LIMIT ${taken} OFFSET ${skipped}
            ) ORDER BY ${column} ${direction}, rowid ${direction}`,
      )
      .map(({ id }) => id);
  };
  if (offset === 0) {
    const ids = find(isAscending, 0, limit);
    return { ids, total: ids.length < limit ? ids.length : countRuns(connection, { matching, from }) };
  }
  if (matching !== undefined && offset > FAR_IN) return findFarIn(connection, { matching, from }, page);
  const total = countRuns(connection, { matching, from });
  const taken = Math.min(limit, total - offset);
  if (taken <= 0) return { ids: [], total };
  // What lies behind the middle is nearer from the other end.
  const behind = total - offset - taken;
  const ids = offset <= behind ? find(isAscending, offset, taken) : find(!isAscending, behind, taken);
  return { ids: offset <= behind ? ids : [...ids].reverse(), total };
}

/** Runs to skip from which on all that match are sorted at once: with a limit SQLite keeps a tree in order instead. */
const FAR_IN = 10_000;

/** Find a page far in among those that match. Without a limit of its own the sort is a merge, and counts them besides. */
function findFarIn(
  connection: Connection,
  { matching, from }: RunSelection,
  { column, isAscending, offset, limit }: Parameters<typeof findPage>[2],
): { readonly ids: readonly string[]; readonly total: number } {
  const direction = sql.raw(isAscending ? 'ASC' : 'DESC');
  const found = connection.orm.all<{ id: string; total: number }>(sql`
    WITH sorted AS MATERIALIZED (
      SELECT rowid AS run FROM ${from} WHERE ${matching} ORDER BY ${column} ${direction}, rowid ${direction}
    )
    SELECT id, (SELECT count(*) FROM sorted) AS total FROM runs
      WHERE rowid IN (SELECT run FROM sorted LIMIT ${limit} OFFSET ${offset})
      ORDER BY ${column} ${direction}, rowid ${direction}`);
  return {
    ids: found.map(({ id }) => id),
    total: found[0]?.total ?? countRuns(connection, { matching, from }),
  };
}

function countRuns({ orm }: Connection, { matching, from }: RunSelection): number {
  const where = matching === undefined ? sql`` : sql`WHERE ${matching}`;
  return orm.all<{ n: number }>(sql`SELECT count(*) AS n FROM ${from} ${where}`)[0]?.n ?? 0;
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
