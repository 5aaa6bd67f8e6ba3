import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { getTableConfig, SQLiteSyncDialect, type SQLiteTable } from 'drizzle-orm/sqlite-core';
import { describe, expect, test } from 'vitest';
import { MIGRATIONS, makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { APPLICATION_ID, migrate, readMigrations } from './migrate.ts';
import * as schema from './schema/index.ts';

const migrations = readMigrations(MIGRATIONS);
const newest = migrations.length;

function describeDatabase(sqlite: Database.Database): unknown {
  return sqlite
    .prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
    .all();
}

describe('migrate', () => {
  test('gives the same schema from an empty database and from each older version', () => {
    const fresh = new Database(':memory:');
    migrate(fresh, migrations, 'fresh');
    for (let version = 0; version < newest; version++) {
      const old = new Database(':memory:');
      migrate(old, migrations.slice(0, version), 'old');
      expect(old.pragma('user_version', { simple: true })).toBe(version);
      expect(migrate(old, migrations, 'old')).toBe(newest);
      expect(describeDatabase(old)).toEqual(describeDatabase(fresh));
    }
  });

  test('does nothing to a database that is new enough', () => {
    const sqlite = new Database(':memory:');
    migrate(sqlite, migrations, 'it');
    const before = describeDatabase(sqlite);
    migrate(sqlite, migrations, 'it');
    expect(describeDatabase(sqlite)).toEqual(before);
    expect(sqlite.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
  });

  test('leaves a database at the last whole step when a later one fails', () => {
    const sqlite = new Database(':memory:');
    const broken = [
      { version: 1, name: '0001-good.sql', sql: 'CREATE TABLE good (a INTEGER) STRICT;' },
      {
        version: 2,
        name: '0002-bad.sql',
        sql: 'CREATE TABLE half (a INTEGER) STRICT; CREATE TABLE good (b TEXT);',
      },
    ];
    expect(() => migrate(sqlite, broken, 'it')).toThrow('good');
    expect(sqlite.pragma('user_version', { simple: true })).toBe(1);
    expect(sqlite.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").get()).toBeUndefined();
  });

  test('turns labels of older workspaces into events with an author and a clock', () => {
    const sqlite = new Database(':memory:');
    migrate(sqlite, migrations.slice(0, 2), 'old');
    sqlite.exec(`
      INSERT INTO runs (id, created_at, status, science_path, template_path, options_json, queued_at)
        VALUES ('r', '2026-03-01T00:00:00.000Z', 'done', 's', 't', '{}', '2026-03-01T00:00:00.000Z');
      INSERT INTO cutouts VALUES ('${'0'.repeat(64)}', x'00');
      INSERT INTO detections (id, run_id, created_at, is_vetoed, rank, score, model_version, execution_provider, x_px,
          y_px, flux_e, flux_err_e, snr, scorr_sigma, is_negative, area_px, mask_bits, triplet_sha256, label_id,
          label_verdict, flags_json, vetoes_json, features_json)
        VALUES ('c', 'r', '2026-03-01T00:00:00.000Z', 0, 1, 0.7, 'm', 'cpu', 1, 1, 1, 1, 1, 1, 0, 1, 0,
          '${'0'.repeat(64)}', 'l2', 'bogus', '[]', '[]', '{}');
      INSERT INTO label_events (id, kind, candidate_id, run_id, at, curator, verdict, reason, is_score_visible, retracts_id)
        VALUES ('l1', 'label', 'c', 'r', '2026-03-01T00:00:00.000Z', 'vera', 'real', NULL, 1, NULL),
          ('l2', 'label', 'c', 'r', '2026-03-01T00:00:01.500Z', 'vera', 'bogus', 'dipole', 0, NULL),
          ('l3', 'label', 'c', 'r', '2026-03-01T00:00:02.000Z', 'vera', 'unsure', NULL, 0, NULL),
          ('l4', 'retraction', 'c', 'r', '2026-03-01T00:00:03.000Z', 'vera', NULL, NULL, NULL, 'l3');`);
    migrate(sqlite, migrations, 'old');
    const [curator, ...others] = sqlite.prepare('SELECT id, name FROM curators').all() as { id: string }[];
    expect(others).toEqual([]);
    expect(curator).toMatchObject({
      name: 'vera',
      id: expect.stringMatching(/^01900000-0000-7...-8...-.{12}$/),
    });
    const events = sqlite.prepare('SELECT * FROM label_events ORDER BY clock').all();
    expect(events.map((event) => (event as { id: string }).id)).toEqual(['l1', 'l2', 'l3', 'l4']);
    expect(events[1]).toMatchObject({
      curator: curator!.id,
      clock: `${Date.parse('2026-03-01T00:00:01.500Z').toString(16).padStart(12, '0')}-0002`,
      purpose: 'work',
      reason: 'dipole',
      score: 0.7,
      model_version: 'm',
    });
    expect(sqlite.prepare('SELECT label_id, verdict FROM standing_labels').all()).toEqual([
      { label_id: 'l2', verdict: 'bogus' },
    ]);
    expect(sqlite.prepare('SELECT verdict, consensus FROM candidate_states').all()).toEqual([
      { verdict: 'bogus', consensus: 'waiting' },
    ]);
  });

  test('refuses a folder whose numbers have a gap', () => {
    const folder = join(makeTemporaryFolder(), 'migrations');
    mkdirSync(folder);
    writeFileSync(join(folder, '0001-one.sql'), '');
    writeFileSync(join(folder, '0003-three.sql'), '');
    expect(() => readMigrations(folder)).toThrow('should be migration 2');
  });
});

describe('the drizzle schema and the migrated database agree', () => {
  const sqlite = new Database(':memory:');
  migrate(sqlite, migrations, 'it');
  const dialect = new SQLiteSyncDialect();
  const tables = Object.values<unknown>(schema) as SQLiteTable[];

  test('on the tables there are, all of them STRICT', () => {
    const found = sqlite.pragma('table_list') as {
      name: string;
      type: string;
      schema: string;
      strict: number;
    }[];
    const own = found.filter(
      ({ name, type, schema: of }) => of === 'main' && type === 'table' && !name.startsWith('sqlite_'),
    );
    expect(own.map(({ name }) => name).sort()).toEqual(
      tables.map((table) => getTableConfig(table).name).sort(),
    );
    expect(own.filter(({ strict }) => strict !== 1)).toEqual([]);
  });

  for (const table of tables) {
    const config = getTableConfig(table);

    test(`on the columns of ${config.name}`, () => {
      const found = sqlite.pragma(`table_xinfo(${config.name})`) as {
        name: string;
        type: string;
        notnull: number;
        dflt_value: string | null;
        pk: number;
      }[];
      const composite = config.primaryKeys[0]?.columns.map(({ name }) => name) ?? [];
      expect(
        found.map(({ name, type, notnull, dflt_value, pk }) => ({
          name,
          type,
          isNotNull: notnull === 1,
          hasDefault: dflt_value !== null,
          isKey: pk > 0,
        })),
      ).toEqual(
        config.columns.map((column) => ({
          name: column.name,
          type: column.getSQLType().toUpperCase(),
          isNotNull: column.notNull,
          // drizzle counts a rowid's own number as a default; SQLite does not.
          hasDefault: column.default !== undefined,
          isKey: column.primary || composite.includes(column.name),
        })),
      );
    });

    test(`on the indexes of ${config.name}`, () => {
      const found = sqlite.pragma(`index_list(${config.name})`) as {
        name: string;
        unique: number;
        origin: string;
      }[];
      const columnsOf = (index: string): string[] =>
        (sqlite.pragma(`index_info(${index})`) as { name: string }[]).map(({ name }) => name);
      const conditionOf = (index: string): string | undefined => {
        const source = sqlite
          .prepare('SELECT sql FROM sqlite_schema WHERE name = ?')
          .pluck()
          .get(index) as string;
        return /\bWHERE\s+(.*)$/s.exec(source)?.[1];
      };
      expect(
        found
          .filter(({ origin }) => origin === 'c')
          .map(({ name, unique }) => ({
            name,
            isUnique: unique === 1,
            columns: columnsOf(name),
            where: conditionOf(name),
          }))
          .sort((a, b) => a.name.localeCompare(b.name)),
      ).toEqual(
        config.indexes
          .map(({ config: { name, unique, columns, where } }) => ({
            name,
            isUnique: unique,
            columns: columns.map((column) => (column as { name: string }).name),
            where: where === undefined ? undefined : dialect.sqlToQuery(where).sql,
          }))
          .sort((a, b) => a.name.localeCompare(b.name)),
      );
      const uniques = found.filter(({ origin }) => origin === 'u').map(({ name }) => columnsOf(name).join());
      expect(uniques.sort()).toEqual(
        config.columns
          .filter((column) => column.isUnique)
          .map(({ name }) => name)
          .sort(),
      );
    });

    test(`on the foreign keys of ${config.name}`, () => {
      const found = sqlite.pragma(`foreign_key_list(${config.name})`) as {
        table: string;
        from: string;
        to: string;
      }[];
      const key = (from: string, to: string, column: string): string => `${from} -> ${to}.${column}`;
      expect(found.map((one) => key(one.from, one.table, one.to)).sort()).toEqual(
        config.foreignKeys
          .map((foreign) => {
            const { columns, foreignTable, foreignColumns } = foreign.reference();
            return key(columns[0]!.name, getTableConfig(foreignTable).name, foreignColumns[0]!.name);
          })
          .sort(),
      );
    });
  }
});
