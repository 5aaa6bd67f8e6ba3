import { and, eq, sql } from 'drizzle-orm';
import type { RunQueue } from '../../../pipeline/ports.ts';
import type { ErrorRecord } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { runs } from '../schema/index.ts';
import { errorColumns } from './error-columns.ts';
import { appendEvent } from './events.ts';
import { closeRunningStages, INTERRUPTED, NO_LEASE } from './write-run.ts';

/** Deaths of the program during one run after which it is not taken up by itself any more. */
const DEATHS_TO_FAIL = 2;

/** Why a run that the program died of again is not tried once more. */
const KILLED: ErrorRecord = {
  code: 'pipeline/killed-the-program',
  message:
    'The program ended twice while it processed this pair, perhaps because its images are too large for the memory of this machine. Close other programs, and process the pair again when nothing else runs.',
  details: { deaths: DEATHS_TO_FAIL },
};

/**
 * Queue runs in the rows of the runs themselves.
 *
 * A claim, the run's status and the events of both are then one transaction; a queue beside the table would
 * need a second one, and a crash could fall between them.
 */
export function createRunQueue(connection: Connection): RunQueue {
  const { orm } = connection;

  const requeue = (runId: string): void => {
    orm
      .update(runs)
      .set({ status: 'queued', ...NO_LEASE })
      .where(eq(runs.id, runId))
      .run();
    closeRunningStages(connection, runId, INTERRUPTED);
    connection.touch('queue');
  };

  return {
    claim: ({ worker, leaseMs, runId }) =>
      connection.write(() => {
        // Literals, so that SQLite sees that the partial index covers the question; without INDEXED BY it
        // prefers the index by status and sorts every run that waits.
        const next = orm.get<{ readonly id: string; readonly attempts: number } | undefined>(sql`
          SELECT id, attempts FROM runs INDEXED BY runs_to_claim
          WHERE status IN ('queued', 'running') AND (status = 'queued' OR lease_expires_at < ${connection.now()})
            ${runId === undefined ? sql`` : sql`AND id = ${runId}`}
          ORDER BY queued_at, id LIMIT 1`);
        if (next === undefined) return undefined;
        const lease = connection.makeId();
        orm
          .update(runs)
          .set({
            status: 'running',
            lease,
            leaseWorker: worker,
            leaseExpiresAt: connection.laterThanNow(leaseMs),
            attempts: next.attempts + 1,
          })
          .where(eq(runs.id, next.id))
          .run();
        closeRunningStages(connection, next.id, INTERRUPTED);
        return { runId: next.id, lease };
      }),
    heartbeat: ({ runId, lease }, leaseMs) =>
      connection.write(() => {
        const kept = orm
          .update(runs)
          .set({ leaseExpiresAt: connection.laterThanNow(leaseMs) })
          .where(and(eq(runs.id, runId), eq(runs.lease, lease)))
          .run();
        if (kept.changes === 1) return 'held';
        const run = orm.select({ status: runs.status }).from(runs).where(eq(runs.id, runId)).get();
        return run?.status === 'cancelled' ? 'cancelled' : 'lost';
      }),
    release: ({ runId, lease }, options) =>
      connection.write(() => {
        const held = orm
          .select({ id: runs.id })
          .from(runs)
          .where(and(eq(runs.id, runId), eq(runs.lease, lease)))
          .get();
        if (held === undefined) return;
        requeue(runId);
        if (options?.isBehind)
          orm.update(runs).set({ queuedAt: connection.now() }).where(eq(runs.id, runId)).run();
      }),
    recover: () =>
      connection.write(() => {
        const claimed = orm
          .select({ id: runs.id, details: runs.errorDetails })
          .from(runs)
          .where(eq(runs.status, 'running'))
          .all();
        for (const { id, details } of claimed) {
          requeue(id);
          // A run without an error has no use for its details; a retry, like an end, sets them anew.
          const deaths = 1 + Number(details?.deaths ?? 0);
          if (deaths < DEATHS_TO_FAIL) {
            // Others first: if this one kills the program again, they are done by then.
            const aside = { queuedAt: connection.now(), errorDetails: { deaths } };
            orm.update(runs).set(aside).where(eq(runs.id, id)).run();
            continue;
          }
          orm
            .update(runs)
            .set({ status: 'failed', ...errorColumns(KILLED) })
            .where(eq(runs.id, id))
            .run();
          const { code, message } = KILLED;
          appendEvent(connection, { kind: 'run.failed', runId: id, data: { code, message } });
        }
        return claimed.length;
      }),
    subscribe: (listener) => connection.onCommit('queue', listener),
  };
}
