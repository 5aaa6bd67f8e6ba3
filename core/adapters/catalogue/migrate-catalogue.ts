import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { AstridError } from '../../utils/errors.ts';

/** One step of the shared schema: forward only, never changed once shipped. */
export interface CatalogueMigration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  /** The oldest program, by the schema it knows, that may write after this step. */
  readonly oldestWriter: number;
}

/** Read the steps of `migrations/postgres`: `0001-what-it-does.sql`, each with a line `-- oldest-writer: N`. */
export function readCatalogueMigrations(folder: string): readonly CatalogueMigration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, position) => {
    const sql = readFileSync(join(folder, name), 'utf8');
    const oldestWriter = Number(/^-- oldest-writer: (\d+)$/m.exec(sql)?.[1]);
    const version = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1]);
    if (version !== position + 1 || !Number.isInteger(oldestWriter))
      throw new Error(`${join(folder, name)} is misnamed, or has no line “-- oldest-writer: N”`);
    return { version, name, sql, oldestWriter };
  });
}

/**
 * Bring a shared catalogue to the newest schema, as its owner; all steps in one transaction.
 *
 * @param client a direct or session-mode connection.
 * @returns the version found before, 0 for none.
 * @throws sync/catalogue-newer
 */
export async function migrateCatalogue(
  client: pg.ClientBase,
  migrations: readonly CatalogueMigration[],
): Promise<number> {
  await client.query('BEGIN');
  try {
    // Two admins at once: the second waits and finds nothing to do. The number is this program's own: "AstrIDct".
    await client.query('SELECT pg_advisory_xact_lock(4716259881846498164)');
    const { rows: known } = await client.query<{ found: string | null }>(
      "SELECT to_regclass('astrid.schema_versions')::text AS found",
    );
    let found = 0;
    if (known[0]?.found != null) {
      const { rows } = await client.query<{ version: number }>(
        'SELECT coalesce(max(version), 0) AS version FROM astrid.schema_versions',
      );
      found = rows[0]?.version ?? 0;
    }
    if (found > migrations.length) throw newerCatalogue(found, migrations.length);
    for (const { version, name, sql, oldestWriter } of migrations.slice(found)) {
      await client.query(sql);
      await client.query(
        'INSERT INTO astrid.schema_versions (version, name, oldest_writer) VALUES ($1, $2, $3)',
        [version, name, oldestWriter],
      );
    }
    await client.query('COMMIT');
    return found;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Say that the catalogue's schema is of a program newer than this. */
export function newerCatalogue(found: number, known: number): AstridError {
  return new AstridError(
    'sync/catalogue-newer',
    `The shared catalogue was set up by a newer AstrID (schema ${found}; this program knows ${known}); update AstrID. Nothing was changed there.`,
    { found, known },
  );
}
