import type BetterSqlite3 from 'better-sqlite3';

/** Pages of the log, 16 KiB each, at which the commit that meets them copies them: 32 MiB. */
const MOST_PAGES = 2048;

/** Commits that are copied at the next chance: those of labels are 20 pages each. */
const MANY_COMMITS = 32;

/** Silence after which many commits are copied, and any at all, ms: nobody presses two keys within the first. */
const SOON_MS = 100;
const LATER_MS = 1000;

/**
 * Copy what commits leave in the write-ahead log into the database while nobody waits for one.
 *
 * SQLite does it inside the commit that meets the thousandth page, which was one label in 48, and took that one ten
 * times as long as the others. It still does where writing never pauses, so that the log has an end.
 *
 * @returns what is told of each commit.
 */
export function checkpointQuietly(
  sqlite: BetterSqlite3.Database,
  onFailure: (error: unknown) => void,
): () => void {
  sqlite.pragma(`wal_autocheckpoint = ${MOST_PAGES}`);
  let commits = 0;
  let timer: NodeJS.Timeout | undefined;
  const copy = (): void => {
    if (!sqlite.open) return;
    commits = 0;
    try {
      sqlite.pragma('wal_checkpoint(PASSIVE)');
    } catch (error) {
      // What was not copied is safe where it is, and copied another time.
      onFailure(error);
    }
  };
  return () => {
    clearTimeout(timer);
    timer = setTimeout(copy, ++commits < MANY_COMMITS ? LATER_MS : SOON_MS).unref();
  };
}
