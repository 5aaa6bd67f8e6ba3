import type { Connection } from '../connection.ts';
import { ColumnStore, type StoreShape } from './column-store.ts';
import { NONE } from './load-detections.ts';

/** What is kept of each object. */
const OBJECT_SHAPE: StoreShape = {
  numbers: {
    score: 64,
    snr: 64,
    mag: 64,
    raDeg: 64,
    decDeg: 64,
    positionErrArcsec: 32,
    detectionCount: 64,
    firstMjdTai: 64,
    lastMjdTai: 64,
  },
  words: ['verdict'],
};

type ObjectRow = readonly [key: number, id: string, revision: number, ...numbers: (number | null)[]];

const ROWS_AT_ONCE = 5000;

/** Objects of a workspace as columns, kept true by their revisions. */
export function createObjectColumns(connection: Connection) {
  const { sqlite } = connection;
  const newer = sqlite
    .prepare(
      `SELECT rowid, id, revision, best_score, best_snr, brightest_mag, ra_deg, dec_deg, position_err_arcsec,
         detection_count, first_mjd_tai, last_mjd_tai
       FROM sky_objects WHERE revision > ? ORDER BY revision LIMIT ${ROWS_AT_ONCE}`,
    )
    .raw();
  const verdict = sqlite
    .prepare(
      `SELECT d.label_verdict FROM sky_object_detections l JOIN detections d ON d.id = l.detection_id
       WHERE l.object_id = ? AND d.label_id IS NOT NULL ORDER BY d.label_id DESC LIMIT 1`,
    )
    .pluck();
  const objectOf = sqlite
    .prepare(
      `SELECT o.rowid, o.id FROM sky_object_detections l JOIN sky_objects o ON o.id = l.object_id
       WHERE l.detection_id = ?`,
    )
    .raw();
  const labelled = sqlite
    .prepare(
      `SELECT DISTINCT l.object_id FROM detections d INDEXED BY detections_labelled
       CROSS JOIN sky_object_detections l ON l.detection_id = d.id
       WHERE d.superseded_at IS NULL AND d.label_id IS NOT NULL`,
    )
    .pluck();

  const keyOf = sqlite.prepare('SELECT rowid FROM sky_objects WHERE id = ?').pluck();

  const store = new ColumnStore(OBJECT_SHAPE);
  let seen = 0;
  let following: Promise<void> | undefined;

  const follow = async (): Promise<void> => {
    // The first time nearly none of all objects bears a label: those that do are asked for at once.
    const bearers = seen === 0 ? new Set(labelled.all() as string[]) : undefined;
    for (;;) {
      const rows = newer.all(seen) as ObjectRow[];
      if (bearers === undefined && rows.length > 0) store.kill(new Set(rows.map(([key]) => key)));
      for (const [key, id, revision, ...numbers] of rows) {
        seen = revision;
        // Column 6 is the number of detections: an object without any is not shown.
        if (numbers[6] === 0) continue;
        const word =
          bearers === undefined || bearers.has(id) ? ((verdict.get(id) as string | undefined) ?? NONE) : NONE;
        store.append(key, numbers, [word]);
      }
      if (rows.length < ROWS_AT_ONCE) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  return {
    /** Objects whose detections were labelled or unlabelled since. */
    relabel: (detectionIds: readonly string[] | 'all'): void => {
      const words = new Map<number, string>();
      if (detectionIds === 'all') {
        for (const id of labelled.all() as string[])
          words.set(keyOf.get(id) as number, (verdict.get(id) as string | undefined) ?? NONE);
        store.resetWords('verdict', words, NONE);
        return;
      }
      for (const id of detectionIds) {
        const [key, objectId] = (objectOf.get(id) as [number, string] | undefined) ?? [];
        if (key !== undefined) words.set(key, (verdict.get(objectId) as string | undefined) ?? NONE);
      }
      if (words.size > 0) store.setWords('verdict', words);
    },
    /** The columns as of now. */
    current: async (): Promise<ColumnStore> => {
      following ??= follow().finally(() => {
        following = undefined;
      });
      await following;
      return store;
    },
  };
}
