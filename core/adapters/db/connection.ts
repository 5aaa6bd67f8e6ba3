import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import type BetterSqlite3 from 'better-sqlite3';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { stampClock } from '../../domains/curation/index.ts';
import { AstridError } from '../../utils/errors.ts';
import { checkpointQuietly } from './checkpoint-quietly.ts';

/** A query that took longer is told to the log, ms. */
export const SLOW_QUERY_MS = 40;

// Its shared-memory file grows by 32 KiB at a time.
const FULL_BELOW_BYTES = 64 * 1024;

/** What the database tells of itself. */
export interface DatabaseLog {
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
}

/** What a commit may be news of. */
export type Topic = 'events' | 'queue' | 'labels';

/** What a repository works on: the typed handle, its clock and ids, and who hears of a commit. */
export interface Connection {
  readonly orm: BetterSQLite3Database;
  /** The handle below it, for questions that are asked of a million rows at once. */
  readonly sqlite: BetterSqlite3.Database;
  readonly now: () => string;
  readonly laterThanNow: (milliseconds: number) => string;
  readonly makeId: () => string;
  /** Read; all statements of the work see the same state, whatever another thread commits meanwhile. */
  read<Result>(work: () => Result): Promise<Result>;
  /** Run work in one immediate transaction: all of it is on disk when the promise resolves, or none of it. */
  write<Result>(work: () => Result): Promise<Result>;
  /** Say inside a transaction what its commit will be news of; a transaction that is undone is news of nothing. */
  touch(topic: Topic): void;
  /** Be told after a commit that touched the topic. @returns stops telling */
  onCommit(topic: Topic, listener: () => void): () => void;
  readonly news: CommitNews;
}

/** What connections of other threads to the same file tell each other. */
export interface CommitNews {
  /** Be told of what each commit of this connection is news. @returns stops telling */
  subscribe(listener: (topics: readonly Topic[]) => void): () => void;
  /** Tell those who listen here of a commit of another connection. */
  hear(topics: readonly Topic[]): void;
}

/**
 * Make what prepares a set of statements once for each open database.
 *
 * For what is asked for every row of a large message: building a statement takes longer than running it.
 */
export function prepareOnce<Prepared>(
  prepare: (connection: Connection) => Prepared,
): (connection: Connection) => Prepared {
  const known = new WeakMap<Connection, Prepared>();
  return (connection) => {
    const prepared = known.get(connection) ?? prepare(connection);
    known.set(connection, prepared);
    return prepared;
  };
}

/** Make the handle that repositories share out of an open database. */
export function createConnection(
  sqlite: BetterSqlite3.Database,
  options: {
    readonly file: string;
    readonly clock: () => Date;
    readonly makeId: () => string;
    readonly log: DatabaseLog;
  },
): Connection {
  const report = (statement: string, startedMs: number): void => {
    const milliseconds = performance.now() - startedMs;
    if (milliseconds > SLOW_QUERY_MS)
      options.log.warn({ statement, milliseconds: Math.round(milliseconds) }, 'slow query');
  };
  timeStatements(sqlite, report);
  // What triggers call: an id, and the next stamp of the clock that events and shared fields have in common.
  sqlite.function('make_id', options.makeId);
  sqlite.function('next_clock', (newest: string) => stampClock(newest, options.clock().getTime()));
  const listeners = {
    events: new Set<() => void>(),
    queue: new Set<() => void>(),
    labels: new Set<() => void>(),
  };
  const neighbours = new Set<(topics: readonly Topic[]) => void>();
  const hear = (topics: readonly Topic[]): void => {
    for (const topic of topics) for (const listener of [...listeners[topic]]) listener();
  };
  const touched = new Set<Topic>();
  const committed = checkpointQuietly(sqlite, (error) =>
    options.log.warn({ err: error }, 'the write-ahead log was not copied into the database'),
  );
  const inTransaction = sqlite.transaction((work: () => unknown) => work());
  const attempt = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw explainSqliteError(error, options.file);
    }
  };
  return {
    orm: drizzle({ client: keepStatements(sqlite) }),
    sqlite,
    now: () => options.clock().toISOString(),
    laterThanNow: (milliseconds) => new Date(options.clock().getTime() + milliseconds).toISOString(),
    makeId: options.makeId,
    read: async <Result>(work: () => Result) => attempt(() => inTransaction.deferred(work) as Result),
    write: async <Result>(work: () => Result) => {
      touched.clear();
      // Statements are timed one by one; the rest of a transaction is the disk's time, not a query's.
      const result = attempt(() => inTransaction.immediate(work) as Result);
      committed();
      const topics = [...touched];
      hear(topics);
      if (topics.length > 0) for (const tell of neighbours) tell(topics);
      return result;
    },
    touch: (topic) => void touched.add(topic),
    onCommit: (topic, listener) => {
      listeners[topic].add(listener);
      return () => void listeners[topic].delete(listener);
    },
    news: {
      subscribe: (listener) => {
        neighbours.add(listener);
        return () => void neighbours.delete(listener);
      },
      hear,
    },
  };
}

/**
 * Say in the program's words what SQLite could not do, where it is the disk's or the file's fault.
 *
 * Anything else is a bug and comes back as it is.
 */
export function explainSqliteError(error: unknown, file: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const details = { file, sqlite: code };
  // Where a file of SQLite's own cannot grow, it says no more than that reading or writing failed.
  if (
    code.startsWith('SQLITE_FULL') ||
    (code.startsWith('SQLITE_IOERR') && freeBytes(file) < FULL_BELOW_BYTES)
  )
    return new AstridError(
      'storage/disk-full',
      `The disk that holds ${file} is full; free some space and try again. Nothing was half-written.`,
      details,
    );
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB'))
    return new AstridError(
      'workspace/corrupted',
      `${file} is damaged or is not a database; put back a copy of it, or choose another workspace.`,
      details,
    );
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new AstridError(
      'workspace/in-use',
      `Another program holds ${file}; close it and try again.`,
      details,
    );
  if (/^SQLITE_(READONLY|IOERR|CANTOPEN|PERM)/.test(code))
    return new AstridError(
      'workspace/unwritable',
      `${file} cannot be read or written (${code}); check its permissions and its disk.`,
      details,
    );
  return error;
}

function freeBytes(file: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize;
  } catch {
    // A disk that does not even say how full it is is not full, but gone.
    return Number.POSITIVE_INFINITY;
  }
}

function sqliteCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === 'string' && code.startsWith('SQLITE_')) return code;
  }
  return undefined;
}

/** Time what the statements of a handle take; the time of `iterate` is its reader's, so it is left out. */
function timeStatements(
  sqlite: BetterSqlite3.Database,
  report: (statement: string, startedMs: number) => void,
): void {
  const prepare = sqlite.prepare.bind(sqlite);
  const timed = (source: string): BetterSqlite3.Statement => {
    const statement = prepare(source);
    for (const method of ['run', 'get', 'all'] as const) {
      const original = statement[method].bind(statement) as (...parameters: unknown[]) => unknown;
      Object.defineProperty(statement, method, {
        value: (...parameters: unknown[]) => {
          const startedMs = performance.now();
          try {
            return original(...parameters);
          } finally {
            report(source, startedMs);
          }
        },
      });
    }
    return statement;
  };
  Object.defineProperty(sqlite, 'prepare', { value: timed });
}

/** Statements kept by their text, of those that are written anew for each question. */
const MOST_STATEMENTS = 400;

/**
 * Make a handle that prepares the same text once: SQLite takes longer to read a question than to answer it.
 *
 * For who runs statements to their end, and asks for rows as lists by `raw()`.
 */
function keepStatements(sqlite: BetterSqlite3.Database): BetterSqlite3.Database {
  type Kept = Pick<BetterSqlite3.Statement, 'run' | 'get' | 'all'> & { raw(): BetterSqlite3.Statement };
  const kept = new Map<string, Kept>();
  const make = (source: string): Kept => {
    const statement = sqlite.prepare(source);
    let raw: BetterSqlite3.Statement | undefined;
    return {
      run: (...parameters) => statement.run(...parameters),
      get: (...parameters) => statement.get(...parameters),
      all: (...parameters) => statement.all(...parameters),
      raw: () => {
        raw ??= sqlite.prepare(source).raw();
        return raw;
      },
    };
  };
  const prepare = (source: string): Kept => {
    const statement = kept.get(source) ?? make(source);
    // What was asked last is forgotten last.
    kept.delete(source);
    kept.set(source, statement);
    if (kept.size > MOST_STATEMENTS) kept.delete(kept.keys().next().value!);
    return statement;
  };
  return Object.create(sqlite, { prepare: { value: prepare } }) as BetterSqlite3.Database;
}
