import { and, eq, sql } from 'drizzle-orm';
import type { RunQueue } from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';
import { runs } from '../schema/index.ts';
import { closeRunningStages, INTERRUPTED, NO_LEASE } from './write-run.ts';

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
    release: ({ runId, lease }) =>
      connection.write(() => {
        const held = orm
          .select({ id: runs.id })
          .from(runs)
          .where(and(eq(runs.id, runId), eq(runs.lease, lease)))
          .get();
        if (held !== undefined) requeue(runId);
      }),
    recover: () =>
      connection.write(() => {
        const claimed = orm.select({ id: runs.id }).from(runs).where(eq(runs.status, 'running')).all();
        for (const { id } of claimed) requeue(id);
        return claimed.length;
      }),
    subscribe: (listener) => connection.onCommit('queue', listener),
  };
}
