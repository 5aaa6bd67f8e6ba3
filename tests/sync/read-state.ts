import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { WorkspaceDatabase } from '../../core/adapters/db/index.ts';
import type { SharedState } from './model.ts';

/** Read what a workspace holds of all that is shared. */
export async function readState(database: WorkspaceDatabase, folder: string): Promise<SharedState> {
  const sqlite = new Database(join(folder, 'workspace.sqlite'), { readonly: true });
  try {
    const texts = (query: string): Record<string, string> =>
      Object.fromEntries(
        sqlite
          .prepare<[], [string, string]>(query)
          .raw()
          .all()
          .map(([name, text]) => [name, JSON.stringify(sortNames(JSON.parse(text)))]),
      );
    const { toSend, held } = await database.changes.status();
    return {
      events:
        texts(`SELECT id, json_array(kind, candidate_id, curator, at, clock, verdict, reason, is_set, retracts_id,
        score, model_version) FROM label_events`),
      fields: texts(`SELECT entity || ' ' || key || ' ' || field, json_group_array(
          json_array(id, json(value_json), clock, author) ORDER BY id) FROM field_versions WHERE is_head = 1
        GROUP BY entity, key, field
        UNION ALL SELECT 'shown ' || id, json_array(name, short_id, colour, shape) FROM curators
        UNION ALL SELECT 'shown ' || key, value_json FROM settings WHERE key IN ('curation.consensus')`),
      candidates:
        texts(`SELECT candidate_id, json_array(labels, verdict, class_id, is_flagged, comments, consensus)
        FROM candidate_states
        UNION ALL SELECT 'detection ' || id, json_array(run_id, x_px, y_px, score, snr, flags_json, label_verdict)
        FROM detections`),
      runs: sqlite.prepare<[], string>(`SELECT id FROM runs WHERE status = 'done' ORDER BY id`).pluck().all(),
      taxonomies: sqlite.prepare<[], string>('SELECT taxonomy_json FROM taxonomies ORDER BY 1').pluck().all(),
      toSend,
      held,
    };
  } finally {
    sqlite.close();
  }
}

/** Names of an object have no order in what is shared. */
export function sortNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortNames);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sortNames(inner)]),
  );
}
