import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { canMount, mountSmallDisk } from '../../../tests/support/small-disk.ts';
import {
  claimRun,
  MIGRATIONS,
  makeTemporaryFolder,
  openTemporaryDatabase,
} from '../../../tests/support/temporary-workspace.ts';
import { createConnection, SLOW_QUERY_MS } from './connection.ts';
import { migrate, readMigrations } from './migrate.ts';
import { joinDatabase } from './open-database.ts';
import { createSettingRepository } from './repositories/settings.ts';

const holdWorkspace = fileURLToPath(new URL('../../../tests/support/hold-workspace.ts', import.meta.url));

async function holdInAnotherProcess(
  folder: string,
): Promise<{ readonly kill: () => Promise<void>; readonly pid: number }> {
  const child = spawn(process.execPath, [holdWorkspace, folder, MIGRATIONS], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  onTestFinished(kill);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', () => reject(new Error('the holder ended')));
  });
  return { kill, pid: child.pid! };
}

describe('openDatabase', () => {
  test('makes the folder and the newest schema', async () => {
    const folder = join(makeTemporaryFolder(), 'deep', 'workspace');
    const database = await openTemporaryDatabase({ folder });
    expect(database.schemaVersion).toBeGreaterThanOrEqual(1);
    expect(await database.events.lastId()).toBe(0);
  });

  test('keeps a write-ahead log, so that readers never wait for writers', async () => {
    const { folder } = await openTemporaryDatabase();
    const witness = new Database(join(folder, 'workspace.sqlite'), { readonly: true });
    expect(witness.pragma('journal_mode', { simple: true })).toBe('wal');
    witness.close();
  });

  test('refuses a workspace that this process has open already', async () => {
    const { folder } = await openTemporaryDatabase();
    await expect(openTemporaryDatabase({ folder })).rejects.toMatchObject({ code: 'workspace/in-use' });
  });

  test('refuses a workspace that another process holds, names it, and opens once that was killed', async () => {
    const folder = makeTemporaryFolder();
    const holder = await holdInAnotherProcess(folder);
    await expect(openTemporaryDatabase({ folder })).rejects.toMatchObject({
      code: 'workspace/in-use',
      details: { pid: holder.pid },
    });
    await holder.kill();
    await openTemporaryDatabase({ folder });
  });

  test('opens again after a close', async () => {
    const first = await openTemporaryDatabase();
    const run = await claimRun(first);
    first.close();
    const second = await openTemporaryDatabase({ folder: first.folder });
    expect((await second.runs.get(run.runId)).status).toBe('queued');
  });

  test('refuses a workspace made by a newer program and leaves it as it is', async () => {
    const { folder, close } = await openTemporaryDatabase();
    close();
    const file = join(folder, 'workspace.sqlite');
    const newer = new Database(file);
    newer.pragma('user_version = 999');
    newer.pragma('journal_mode = DELETE');
    newer.close();
    await expect(openTemporaryDatabase({ folder })).rejects.toMatchObject({
      code: 'workspace/newer-version',
      details: { found: 999 },
    });
    const after = new Database(file);
    expect(after.pragma('user_version', { simple: true })).toBe(999);
    after.close();
  });

  test('refuses a folder that is a file', async () => {
    const file = join(makeTemporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(openTemporaryDatabase({ folder: file })).rejects.toMatchObject({
      code: 'workspace/unwritable',
    });
    await expect(openTemporaryDatabase({ folder: join(file, 'below') })).rejects.toMatchObject({
      code: 'workspace/unwritable',
    });
  });

  test('refuses a database whose place is taken by a folder', async () => {
    const folder = makeTemporaryFolder();
    mkdirSync(join(folder, 'workspace.sqlite'));
    await expect(openTemporaryDatabase({ folder })).rejects.toMatchObject({ code: 'workspace/unwritable' });
  });

  test('refuses a file that is no database', async () => {
    const folder = makeTemporaryFolder();
    writeFileSync(join(folder, 'workspace.sqlite'), 'SIMPLE  =                    T'.repeat(200));
    await expect(openTemporaryDatabase({ folder })).rejects.toMatchObject({ code: 'workspace/corrupted' });
  });

  test("refuses another program's database", async () => {
    const folder = makeTemporaryFolder();
    const other = new Database(join(folder, 'workspace.sqlite'));
    other.exec('CREATE TABLE bookmarks (url TEXT)');
    other.close();
    await expect(openTemporaryDatabase({ folder })).rejects.toMatchObject({ code: 'workspace/corrupted' });
  });

  test('checks the file after a crash and refuses a damaged one', async () => {
    const folder = makeTemporaryFolder();
    const holder = await holdInAnotherProcess(folder);
    await holder.kill();
    const file = join(folder, 'workspace.sqlite');
    // The crash left everything in the log; move it into the file, then damage the pages of the tables.
    const sqlite = new Database(file);
    sqlite.pragma('wal_checkpoint(TRUNCATE)');
    sqlite.close();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 4096);
    writeFileSync(file, bytes);
    writeFileSync(`${file}-wal`, 'left by a crash');
    await expect(openTemporaryDatabase({ folder })).rejects.toMatchObject({ code: 'workspace/corrupted' });
  });
});

describe.skipIf(!canMount())('a full disk (needs the right to mount a small one)', () => {
  test('fails a write as a whole, keeps what was there and takes small writes once there is space', async () => {
    const folder = mountSmallDisk('4m');
    const database = await openTemporaryDatabase({ folder });
    await database.settings.set('kept', 'before');
    const ballast = join(folder, 'ballast');
    // However large an empty workspace is, what is left takes a small write and no large one.
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(ballast, new Uint8Array(bavail * bsize - 300_000));
    await expect(database.settings.set('large', 'x'.repeat(1_000_000))).rejects.toMatchObject({
      code: 'storage/disk-full',
    });
    expect(await database.settings.get('kept')).toBe('before');
    expect(await database.settings.get('large')).toBeUndefined();
    rmSync(ballast);
    await database.settings.set('kept', 'after');
    expect(await database.settings.get('kept')).toBe('after');
  });

  test('refuses to make a workspace', async () => {
    const folder = mountSmallDisk('64k');
    writeFileSync(join(folder, 'ballast'), new Uint8Array(40_000));
    await expect(openTemporaryDatabase({ folder })).rejects.toMatchObject({ code: 'storage/disk-full' });
  });
});

describe('createConnection', () => {
  test(`tells the log of a query over ${SLOW_QUERY_MS} ms, and of no other`, () => {
    const warnings: Record<string, unknown>[] = [];
    const sqlite = new Database(':memory:');
    createConnection(sqlite, {
      file: ':memory:',
      clock: () => new Date(0),
      makeId: () => '',
      log: { warn: (facts) => void warnings.push(facts) },
    });
    sqlite.prepare('SELECT 1').get();
    expect(warnings).toEqual([]);
    sqlite.function('wait', () => {
      const until = performance.now() + SLOW_QUERY_MS + 5;
      while (performance.now() < until);
      return 1;
    });
    sqlite.prepare('SELECT wait()').get();
    expect(warnings).toEqual([{ statement: 'SELECT wait()', milliseconds: expect.any(Number) }]);
    sqlite.close();
  });

  test('undoes a transaction whose work throws, and tells only of commits that touched the topic', async () => {
    const sqlite = new Database(':memory:');
    const connection = createConnection(sqlite, {
      file: ':memory:',
      clock: () => new Date(0),
      makeId: () => '',
      log: console,
    });
    sqlite.exec('CREATE TABLE t (a INTEGER) STRICT');
    let told = 0;
    connection.onCommit('events', () => told++);
    const failed = connection.write(() => {
      sqlite.prepare('INSERT INTO t VALUES (1)').run();
      connection.touch('events');
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(sqlite.prepare('SELECT count(*) FROM t').pluck().get()).toBe(0);
    expect(told).toBe(0);
    await connection.write(() => undefined);
    expect(told).toBe(0);
    await connection.write(() => connection.touch('events'));
    expect(told).toBe(1);
    sqlite.close();
  });

  test('all statements of a read see the same state, whatever another connection commits meanwhile', async () => {
    const { connection, neighbour } = openTwo((sqlite) => sqlite.exec('CREATE TABLE t (a INTEGER) STRICT'));
    const counts = await connection.read(() => {
      const count = () => connection.sqlite.prepare('SELECT count(*) FROM t').pluck().get();
      const before = count();
      neighbour.exec('INSERT INTO t VALUES (1)');
      return [before, count()];
    });
    expect(counts).toEqual([0, 0]);
  });

  test('prepares the same text once, and gives its rows all the same', async () => {
    const { connection, prepared } = openTwo((sqlite) => migrate(sqlite, readMigrations(MIGRATIONS), 'it'));
    const settings = createSettingRepository(connection);
    await settings.set('one', 1);
    await settings.set('two', 2);
    prepared.length = 0;
    expect([await settings.get('one'), await settings.get('two'), await settings.get('three')]).toEqual([
      1,
      2,
      undefined,
    ]);
    // One that gives rows as records, which nobody asked for, and one that gives lists.
    expect(prepared.filter((source) => source.includes('"settings"'))).toHaveLength(2);
  });
});

/** A connection to a file, and a neighbour with the same file. */
function openTwo(make: (sqlite: Database.Database) => unknown) {
  const file = join(makeTemporaryFolder(), 'it.sqlite');
  const sqlite = new Database(file);
  sqlite.pragma('journal_mode = WAL');
  make(sqlite);
  const neighbour = new Database(file);
  const prepared: string[] = [];
  const prepare = sqlite.prepare.bind(sqlite);
  sqlite.prepare = ((source: string) => {
    prepared.push(source);
    return prepare(source);
  }) as typeof sqlite.prepare;
  const connection = createConnection(sqlite, {
    file,
    clock: () => new Date(0),
    makeId: () => '',
    log: console,
  });
  onTestFinished(() => {
    sqlite.close();
    neighbour.close();
  });
  return { connection, neighbour, prepared };
}

describe('joinDatabase', () => {
  test('who joins sees what the other wrote, and each hears of the commits of the other once', async () => {
    const host = await openTemporaryDatabase();
    const joined = joinDatabase({ folder: host.folder, log: console });
    onTestFinished(() => joined.close());
    host.news.subscribe((topics) => joined.news.hear(topics));
    joined.news.subscribe((topics) => host.news.hear(topics));
    let woken = 0;
    let events = 0;
    joined.queue.subscribe(() => woken++);
    host.events.subscribe(() => events++);
    const claim = await claimRun(host);
    expect(woken).toBe(1);
    expect((await joined.runs.get(claim.runId)).status).toBe('running');
    expect(events).toBe(1);
    await joined.runs.finish(claim.runId, claim.lease);
    expect(events).toBe(2);
    expect((await host.runs.get(claim.runId)).status).toBe('done');
  });

  test('a database that is not there is not made', () => {
    expect(() => joinDatabase({ folder: makeTemporaryFolder(), log: console })).toThrow();
  });
});
