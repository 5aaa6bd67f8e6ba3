import { type Column, type SQL, sql } from 'drizzle-orm';
import type { Connection } from '../connection.ts';
import { notOfList, readCursor, writeCursor } from '../page-cursor.ts';

/** A list of runs that is read from a cursor on. */
interface RunList {
  readonly matching: SQL | undefined;
  /** Table and index to look in. */
  readonly from: SQL;
  readonly column: Column;
  readonly isAscending: boolean;
}

/**
 * Find the page of runs that follows a cursor, in the order of a column and of ids within it.
 *
 * What is added or removed meanwhile neither repeats runs nor leaves any out. Runs without a value come first when the
 * order rises, last when it falls, as SQLite has them.
 *
 * @throws pipeline/bad-cursor
 */
export function pageRuns(
  { orm }: Connection,
  { matching, from, column, isAscending }: RunList,
  { cursor, limit }: { readonly cursor: string | undefined; readonly limit: number },
): { readonly ids: readonly string[]; readonly nextCursor: string | undefined } {
  const list = `${column.name}${isAscending ? '+' : '-'}`;
  const conditions = [
    matching ?? sql`TRUE`,
    cursor === undefined ? sql`TRUE` : beyond(list, column, isAscending, cursor),
  ];
  const direction = sql.raw(isAscending ? 'ASC' : 'DESC');
  const rows = orm.all<{ id: string; value: string | number | null }>(
    sql`SELECT id, ${column} AS value FROM ${from} WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY ${column} ${direction}, id ${direction} LIMIT ${limit + 1}`,
  );
  const last = rows[limit - 1];
  return {
    ids: rows.slice(0, limit).map(({ id }) => id),
    nextCursor:
      rows.length > limit && last !== undefined
        ? writeCursor([list, JSON.stringify(last.value), last.id])
        : undefined,
  };
}

/** What lies beyond the run that a cursor names. @throws pipeline/bad-cursor */
function beyond(list: string, column: Column, isAscending: boolean, cursor: string): SQL {
  const [name, text, id] = readCursor(cursor, ['', '', ''], 'pipeline/bad-cursor');
  const value = name === list ? readValue(text) : undefined;
  if (value === undefined) throw notOfList(cursor, 'pipeline/bad-cursor');
  const more = sql.raw(isAscending ? '>' : '<');
  if (value === null)
    return isAscending ? sql`(${column} IS NOT NULL OR id > ${id})` : sql`(${column} IS NULL AND id < ${id})`;
  const after = sql`(${column}, id) ${more} (${value}, ${id})`;
  return isAscending ? after : sql`(${after} OR ${column} IS NULL)`;
}

function readValue(text: string): string | number | null | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value === null || typeof value === 'string' || typeof value === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}
