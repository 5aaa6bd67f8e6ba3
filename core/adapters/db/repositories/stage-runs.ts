import {
  and,
  asc,
  count,
  desc,
  eq,
  getTableColumns,
  gte,
  inArray,
  max,
  ne,
  type SQL,
  sql,
} from 'drizzle-orm';
import type {
  FinishedStage,
  NewEvent,
  StageKey,
  StageRunRecord,
  StageRunRepository,
} from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';
import { decodeArtefact, encodeArtefact } from '../encode-artefact.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';
import { planes, runs, stageRuns } from '../schema/index.ts';
import { associateRun, objectsOfRun } from './associate-run.ts';
import { errorColumns, toError } from './error-columns.ts';
import { appendEvent, appendEvents } from './events.ts';
import { replaceDetections } from './replace-detections.ts';
import { announceFailure, closeRunningStages, INTERRUPTED, patchRun, requireLease } from './write-run.ts';

const { output: _output, worker: _worker, ...recordColumns } = getTableColumns(stageRuns);
type StageRow = Omit<typeof stageRuns.$inferSelect, 'output' | 'worker'>;

/** Keep the executions of stages. */
export function createStageRunRepository(connection: Connection): StageRunRepository {
  const { orm } = connection;

  const finish = (finished: FinishedStage, announcements: readonly NewEvent[]): StageRunRecord => {
    const { id, runId, stage, codeVersion, configHash, ...row } = getRow(connection, finished.stageRunId);
    const inputHash = finished.inputHash ?? row.inputHash;
    // A stage done again with the same key, e.g. because its blobs were lost, takes the place of the first.
    orm
      .delete(stageRuns)
      .where(
        and(
          matchesKey({ runId, stage, codeVersion, configHash, inputHash }),
          eq(stageRuns.status, 'done'),
          ne(stageRuns.id, id),
        ),
      )
      .run();
    const metrics = finiteOnly(finished.metrics);
    orm
      .update(stageRuns)
      .set({
        status: 'done',
        inputHash,
        finishedAt: connection.now(),
        seconds: finished.seconds,
        metrics,
        output: encodeArtefact(finished.output),
      })
      .where(eq(stageRuns.id, id))
      .run();
    for (const { kind, sha256, width, height, dtype, unit } of finished.planes ?? [])
      orm
        .insert(planes)
        .values({ runId, kind, sha256, width, height, dtype, unit })
        .onConflictDoUpdate({
          target: [planes.runId, planes.kind],
          set: { sha256, width, height, dtype, unit },
        })
        .run();
    if (finished.run !== undefined) patchRun(connection, runId, finished.run);
    appendEvent(connection, {
      kind: 'stage.finished',
      runId,
      data: { stage, seconds: finished.seconds, metrics },
    });
    appendEvents(
      connection,
      [...(finished.events ?? []), ...announcements].map((event) => ({ ...event, runId })),
    );
    return toRecord(getRow(connection, id));
  };

  return {
    start: (key, lease) =>
      connection.write(() => {
        requireLease(connection, key.runId, lease);
        closeRunningStages(connection, key.runId, INTERRUPTED);
        const id = connection.makeId();
        const { runId, stage, codeVersion, configHash, inputHash } = key;
        orm
          .insert(stageRuns)
          .values({
            id,
            runId,
            stage,
            codeVersion,
            configHash,
            inputHash,
            status: 'running',
            startedAt: connection.now(),
            worker: workerOf(connection, runId),
          })
          .run();
        appendEvent(connection, { kind: 'stage.started', runId, data: { stage } });
        return toRecord(getRow(connection, id));
      }),
    finish: (finished) =>
      connection.write(() => {
        requireLease(connection, getRow(connection, finished.stageRunId).runId, finished.lease);
        return finish(finished, []);
      }),
    finishWithCandidates: (finished) =>
      connection.write(() => {
        const { runId } = getRow(connection, finished.stageRunId);
        requireLease(connection, runId, finished.lease);
        const before = objectsOfRun(connection, runId);
        const record = finish(finished, replaceDetections(connection, runId, finished));
        associateRun(connection, runId, before);
        return record;
      }),
    fail: ({ stageRunId, lease, seconds, error }) =>
      connection.write(() => {
        const row = getRow(connection, stageRunId);
        requireLease(connection, row.runId, lease);
        orm
          .update(stageRuns)
          .set({ status: 'failed', finishedAt: connection.now(), seconds, ...errorColumns(error) })
          .where(eq(stageRuns.id, stageRunId))
          .run();
        announceFailure(connection, row.runId, row.stage, error);
        return toRecord(getRow(connection, stageRunId));
      }),
    find: (key) =>
      connection.read(() => {
        const row = orm
          .select()
          .from(stageRuns)
          .where(and(matchesKey(key), sql`status = 'done'`))
          .get();
        if (row === undefined) return undefined;
        return { ...toRecord(row), output: decodeArtefact(row.output ?? 'null') };
      }),
    latest: (runIds) =>
      connection.read(() => {
        if (runIds.length === 0) return [];
        const newest = orm
          .select({ seq: max(stageRuns.seq) })
          .from(stageRuns)
          .where(inArray(stageRuns.runId, [...runIds]))
          .groupBy(stageRuns.runId, stageRuns.stage);
        return orm
          .select(recordColumns)
          .from(stageRuns)
          .where(inArray(stageRuns.seq, newest))
          .orderBy(asc(stageRuns.seq))
          .all()
          .map(toRecord);
      }),
    listExecutions: ({ since, limit, cursor }) =>
      connection.read(() => {
        const isSince = gte(stageRuns.startedAt, since);
        const rows = orm
          .select({
            seq: stageRuns.seq,
            stage: recordColumns,
            worker: stageRuns.worker,
            runStatus: runs.status,
            sciencePath: runs.sciencePath,
            object: sql<string | null>`json_extract(${runs.science}, '$.object')`,
          })
          .from(stageRuns)
          .innerJoin(runs, eq(runs.id, stageRuns.runId))
          .where(and(isSince, cursor === undefined ? undefined : startedBefore(cursor)))
          .orderBy(desc(stageRuns.startedAt), desc(stageRuns.seq))
          .limit(limit + 1)
          .all();
        const page = rows.slice(0, limit);
        const last = page.at(-1);
        return {
          items: page.map(({ stage, worker, runStatus, sciencePath, object }) => ({
            ...toRecord(stage),
            worker: worker ?? undefined,
            runStatus,
            sciencePath,
            object: object ?? undefined,
          })),
          nextCursor:
            rows.length > limit && last !== undefined
              ? writeCursor([last.stage.startedAt, last.seq])
              : undefined,
          total: orm.select({ n: count() }).from(stageRuns).where(isSince).get()?.n ?? 0,
        };
      }),
  };
}

/** @throws pipeline/bad-cursor */
function startedBefore(cursor: string): SQL {
  const [startedAt, seq] = readCursor(cursor, ['', 0], 'pipeline/bad-cursor');
  return sql`(${stageRuns.startedAt}, ${stageRuns.seq}) < (${startedAt}, ${seq})`;
}

/** Who holds the run now. */
function workerOf(connection: Connection, runId: string): string | null {
  const run = connection.orm.select({ worker: runs.leaseWorker }).from(runs).where(eq(runs.id, runId)).get();
  return run?.worker ?? null;
}

function matchesKey(key: StageKey) {
  return and(
    eq(stageRuns.runId, key.runId),
    eq(stageRuns.stage, key.stage),
    eq(stageRuns.codeVersion, key.codeVersion),
    eq(stageRuns.configHash, key.configHash),
    eq(stageRuns.inputHash, key.inputHash),
  );
}

function getRow(connection: Connection, id: string): StageRow {
  const row = connection.orm.select(recordColumns).from(stageRuns).where(eq(stageRuns.id, id)).get();
  if (row === undefined) throw new Error(`there is no execution ${id} of a stage`);
  return row;
}

/** JSON has no word for NaN, and a number that is not one says nothing to a person either. */
function finiteOnly(metrics: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}

function toRecord(row: StageRow): StageRunRecord {
  return {
    id: row.id,
    runId: row.runId,
    stage: row.stage,
    codeVersion: row.codeVersion,
    configHash: row.configHash,
    inputHash: row.inputHash,
    status: row.status,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt ?? undefined,
    seconds: row.seconds ?? undefined,
    error: toError(row),
    metrics: row.metrics,
  };
}
