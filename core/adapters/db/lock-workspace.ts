import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AstridError } from '../../utils/errors.ts';
import { explainSqliteError } from './connection.ts';

/** A workspace held by this process. */
export interface WorkspaceLock {
  release(): void;
}

/**
 * Hold a workspace against every other process until it is released or this process dies, however it dies.
 *
 * The lock is SQLite's exclusive lock on an empty database beside the real one: the operating system frees it
 * with the process, so nothing stale is left to break by hand, and it is the same on Linux, macOS and Windows.
 *
 * @throws workspace/in-use, workspace/unwritable
 */
export function lockWorkspace(folder: string): WorkspaceLock {
  const file = join(folder, 'workspace.lock');
  const holderFile = join(folder, 'workspace.pid');
  let holder: Database.Database | undefined;
  try {
    holder = new Database(file, { timeout: 0 });
    holder.pragma('journal_mode = MEMORY');
    holder.exec('BEGIN EXCLUSIVE');
    writeFileSync(holderFile, `${process.pid}\n`);
  } catch (error) {
    holder?.close();
    const explained = explainSqliteError(error, file);
    if (explained instanceof AstridError && explained.code === 'workspace/in-use') {
      const pid = readPid(holderFile);
      throw new AstridError(
        'workspace/in-use',
        `The workspace ${folder} is in use by another AstrID${pid === undefined ? '' : ` (process ${pid})`}; close it, or choose another workspace with --workspace.`,
        { folder, pid },
      );
    }
    if (explained instanceof AstridError) throw explained;
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new AstridError(
        'storage/disk-full',
        `The disk that holds ${folder} is full; free some space and try again.`,
        { folder },
      );
    throw new AstridError(
      'workspace/unwritable',
      `The workspace ${folder} cannot be written (${error instanceof Error ? error.message : String(error)}); check its permissions or choose another with --workspace.`,
      { folder },
    );
  }
  return { release: () => void holder.close() };
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isInteger(pid) ? pid : undefined;
  } catch {
    // The note of who holds it is a courtesy; the lock itself is SQLite's.
    return undefined;
  }
}
