import type { Statement } from 'better-sqlite3';
import { and, asc, eq, gt, max } from 'drizzle-orm';
import type { EventLog, EventRecord, NewEvent } from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';
import { events } from '../schema/index.ts';

/** Append an event; call it inside the transaction of the data it speaks of. */
export function appendEvent(
  connection: Connection,
  event: NewEvent & { readonly runId?: string | undefined },
): void {
  appendEvents(connection, [event]);
}

/** Append events in order; call it inside the transaction of the data they speak of. */
export function appendEvents(
  connection: Connection,
  news: readonly (NewEvent & { readonly runId?: string | undefined })[],
): void {
  if (news.length === 0) return;
  const at = connection.now();
  const insert = inserts.get(connection) ?? connection.sqlite.prepare(INSERT);
  inserts.set(connection, insert);
  for (const { kind, runId, candidateId, data } of news)
    insert.run(kind, at, runId ?? null, candidateId ?? null, JSON.stringify(data ?? {}));
  connection.touch('events');
}

// Prepared once: every label writes one.
const INSERT = 'INSERT INTO events (kind, at, run_id, candidate_id, data_json) VALUES (?, ?, ?, ?, ?)';
const inserts = new WeakMap<Connection, Statement>();

/** Read the durable log of events. */
export function createEventLog(connection: Connection): EventLog {
  const { orm } = connection;
  return {
    read: ({ afterId, limit, runId }) =>
      connection.read(() =>
        orm
          .select()
          .from(events)
          .where(and(gt(events.id, afterId), runId === undefined ? undefined : eq(events.runId, runId)))
          .orderBy(asc(events.id))
          .limit(limit)
          .all()
          .map(toEvent),
      ),
    lastId: () =>
      connection.read(
        () =>
          orm
            .select({ id: max(events.id) })
            .from(events)
            .get()?.id ?? 0,
      ),
    subscribe: (listener) => connection.onCommit('events', listener),
  };
}

function toEvent(row: typeof events.$inferSelect): EventRecord {
  return {
    id: row.id,
    kind: row.kind,
    at: row.at,
    runId: row.runId ?? undefined,
    candidateId: row.candidateId ?? undefined,
    data: row.data,
  };
}
