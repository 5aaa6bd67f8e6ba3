import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { checkpointQuietly } from './checkpoint-quietly.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A database, what commits one row of a page's size to it, and the bytes of its file beside the log. */
function openLogged(onFailure: (error: unknown) => void = () => undefined) {
  const file = join(makeTemporaryFolder(), 'logged.sqlite');
  const sqlite = new Database(file);
  sqlite.pragma('page_size = 16384');
  sqlite.pragma('journal_mode = WAL');
  // How long a disk takes is not what is looked at here.
  sqlite.pragma('synchronous = OFF');
  sqlite.exec('CREATE TABLE rows (text TEXT NOT NULL)');
  const committed = checkpointQuietly(sqlite, onFailure);
  const insert = sqlite.prepare('INSERT INTO rows VALUES (?)');
  const commit = (times: number, pages = 1): void => {
    for (let n = 0; n < times; n++) {
      insert.run('0'.repeat(pages * 16_000));
      committed();
    }
  };
  return { sqlite, commit, bytes: () => statSync(file).size, logBytes: () => statSync(`${file}-wal`).size };
}

test('a few commits are copied into the database after a second without one, many after a tenth', () => {
  const { sqlite, commit, bytes } = openLogged();
  const before = bytes();
  commit(5);
  vi.advanceTimersByTime(999);
  expect(bytes()).toBe(before);
  vi.advanceTimersByTime(1);
  const few = bytes();
  expect(few).toBeGreaterThan(before);
  commit(40);
  vi.advanceTimersByTime(99);
  expect(bytes()).toBe(few);
  vi.advanceTimersByTime(1);
  expect(bytes()).toBeGreaterThan(few + 39 * 16_000);
  sqlite.close();
});

test('who writes without a pause does not let the log grow without end', () => {
  const { sqlite, commit, logBytes } = openLogged();
  commit(300, 20);
  expect(logBytes()).toBeLessThan(1.1 * 2048 * 16_408);
  expect(sqlite.prepare('SELECT count(*) FROM rows').pluck().get()).toBe(300);
  sqlite.close();
});

test('a database that was closed meanwhile is left alone', () => {
  const onFailure = vi.fn();
  const { sqlite, commit } = openLogged(onFailure);
  commit(1);
  sqlite.close();
  vi.advanceTimersByTime(2000);
  expect(onFailure).not.toHaveBeenCalled();
});
