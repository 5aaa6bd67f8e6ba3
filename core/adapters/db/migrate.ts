import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { AstridError } from '../../utils/errors.ts';

/** Marks a database file as AstrID's: "AstD". */
export const APPLICATION_ID = 0x41737444;

/** One step of the schema: forward only, never changed once shipped. */
export interface Migration {
  /** 1 is the first; a database that has it and all before it has this as its `user_version`. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** Read the migrations of a folder: files named `0001-what-it-does.sql`, numbered without a gap. */
export function readMigrations(folder: string): readonly Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, position) => {
    const version = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1]);
    if (version !== position + 1)
      throw new Error(
        `${join(folder, name)} should be migration ${position + 1}, named 0001-what-it-does.sql`,
      );
    return { version, name, sql: readFileSync(join(folder, name), 'utf8') };
  });
}

/**
 * Bring a database to the newest schema, each step in a transaction of its own.
 *
 * @returns the schema's version.
 * @throws workspace/newer-version, workspace/corrupted
 */
export function migrate(
  sqlite: BetterSqlite3.Database,
  migrations: readonly Migration[],
  file: string,
): number {
  const found = readVersion(sqlite);
  const newest = migrations.length;
  const applicationId = sqlite.pragma('application_id', { simple: true });
  const isEmpty = sqlite.prepare('SELECT count(*) AS n FROM sqlite_schema').pluck().get() === 0;
  if (applicationId !== APPLICATION_ID && !isEmpty)
    throw new AstridError(
      'workspace/corrupted',
      `${file} is not an AstrID database; choose another workspace, or move the file away.`,
      { file, applicationId },
    );
  if (found > newest)
    throw new AstridError(
      'workspace/newer-version',
      `The workspace ${file} was made by a newer AstrID (schema ${found}, this program knows ${newest}); update AstrID or choose another workspace.`,
      { file, found, newest },
    );
  for (const migration of migrations.slice(found)) {
    sqlite
      .transaction(() => {
        sqlite.exec(migration.sql);
        sqlite.pragma(`application_id = ${APPLICATION_ID}`);
        sqlite.pragma(`user_version = ${migration.version}`);
      })
      .immediate();
  }
  return newest;
}

function readVersion(sqlite: BetterSqlite3.Database): number {
  return Number(sqlite.pragma('user_version', { simple: true }));
}
