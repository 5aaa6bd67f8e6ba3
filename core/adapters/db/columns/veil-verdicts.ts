import { sql } from 'drizzle-orm';
import type { CatalogTable } from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';
import { readConsensus } from '../repositories/project-labels.ts';
import { type Asker, withheldText } from '../repositories/withhold-labels.ts';
import type { Veil } from './column-store.ts';
import { NONE } from './load-detections.ts';

/** Curators whose veils are kept. */
const KEPT = 4;

/** Words that stand before a curator's eyes in the place of verdicts that they may not know yet. */
export function createVerdictVeils(connection: Connection) {
  const { sqlite } = connection;
  const detections = sqlite
    .prepare(
      `SELECT d.rowid FROM detections AS d INDEXED BY detections_labelled
       WHERE d.superseded_at IS NULL AND d.label_id IS NOT NULL AND ${withheldText(sql.raw('d.id'))}`,
    )
    .pluck();
  // An object bears the newest of those of its labels that are told.
  const objects = sqlite
    .prepare(
      `SELECT o.rowid, (SELECT t.label_verdict FROM sky_object_detections m JOIN detections t ON t.id = m.detection_id
         WHERE m.object_id = o.id AND t.label_id IS NOT NULL AND NOT ${withheldText(sql.raw('t.id'))}
         ORDER BY t.label_id DESC LIMIT 1)
       FROM sky_objects o WHERE o.id IN (SELECT l.object_id FROM detections AS d INDEXED BY detections_labelled
         JOIN sky_object_detections l ON l.detection_id = d.id
         WHERE d.superseded_at IS NULL AND d.label_id IS NOT NULL AND ${withheldText(sql.raw('d.id'))})`,
    )
    .raw();
  const kept = new Map<string, Veil>();
  connection.onCommit('labels', () => kept.clear());

  const make = (table: CatalogTable, asker: string): Veil => {
    const words =
      table === 'detections'
        ? (detections.all({ asker }) as number[]).map((key) => [key, NONE] as const)
        : (objects.all({ asker }) as [number, string | null][]).map(
            ([key, verdict]) => [key, verdict ?? NONE] as const,
          );
    return { column: 'verdict', words: new Map(words) };
  };

  return {
    /** What a table's verdicts are covered with; the same as long as nobody labels and no rule changes. */
    of: (table: CatalogTable, asker: Asker): Veil | undefined => {
      if (asker === null) return undefined;
      const key = JSON.stringify([table, asker, readConsensus(connection)]);
      const veil = kept.get(key) ?? make(table, asker);
      kept.delete(key);
      kept.set(key, veil);
      if (kept.size > 2 * KEPT) kept.delete(kept.keys().next().value!);
      return veil.words.size === 0 ? undefined : veil;
    },
  };
}
