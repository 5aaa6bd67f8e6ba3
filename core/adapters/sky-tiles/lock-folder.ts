import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';

/** Who waits for a folder looks again after so long, ms. */
const LOOK_AGAIN_MS = 50;

/**
 * Hold a folder against whoever else locks it, in this process or another; waits for its turn.
 *
 * The lock is SQLite's exclusive lock on an empty database: the operating system frees it when its holder dies.
 *
 * @returns lets it go.
 */
export async function lockFolder(folder: string): Promise<() => void> {
  await mkdir(folder, { recursive: true });
  for (;;) {
    // Waiting inside SQLite would hold up the thread.
    const holder = new Database(join(folder, '.lock'), { timeout: 0 });
    try {
      holder.pragma('journal_mode = MEMORY');
      holder.exec('BEGIN EXCLUSIVE');
      return () => void holder.close();
    } catch (error) {
      holder.close();
      if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error;
    }
    await sleep(LOOK_AGAIN_MS);
  }
}
