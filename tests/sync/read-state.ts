import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { WorkspaceDatabase } from '../../core/adapters/db/index.ts';
import type { SharedState } from './model.ts';

// The simulated nights lie in one folder.
const PLACE = `replace(science, '/night/', '') || ' ' || replace(template, '/night/', '') || ' ' || x_px || ' ' || y_px
  || ' ' || nth`;

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
    const list = (query: string): string[] => sqlite.prepare<[], string>(query).pluck().all();
    const { toSend, held } = await database.changes.status();
    const conflicts = (await database.changes.listConflicts({ limit: 1000 })).items.map(
      ({ entity, key, field, current, losers }) => [
        `conflict ${entity} ${key} ${field}`,
        JSON.stringify([current, ...losers].map(({ value }) => value)),
      ],
    );
    return {
      events:
        texts(`SELECT id, json_array(kind, candidate_id, curator, at, clock, verdict, reason, is_set, retracts_id,
        score, model_version) FROM label_events`),
      fields: {
        ...(Object.fromEntries(conflicts) as Record<string, string>),
        ...texts(`SELECT entity || ' ' || key || ' ' || field, json_group_array(
          json_array(id, json(value_json), clock, author) ORDER BY id) FROM field_versions WHERE is_head = 1
        GROUP BY entity, key, field
        UNION ALL SELECT 'shown ' || id, json_array(name, short_id, colour, shape) FROM curators
        UNION ALL SELECT 'shown ' || key, value_json FROM settings WHERE key IN ('curation.consensus')
        UNION ALL SELECT 'shown filter ' || json_extract(value, '$.name'), value
          FROM settings, json_each(value_json) WHERE settings.key = 'curation.filters'
        UNION ALL SELECT 'shown object ' || printf('%.2f', ra_deg), json_array(given_name) FROM sky_objects
          WHERE detection_count > 0`),
      },
      // The same detection of the same two files is one, whichever workstation's id it goes by.
      candidates:
        texts(`SELECT ${PLACE}, json_array(labels, verdict, class_id, is_flagged, comments, consensus)
        FROM candidate_states JOIN (
          SELECT detections.id, science_path AS science, template_path AS template, x_px, y_px,
            coalesce(nth_of_pair, 0) AS nth FROM detections
            JOIN runs ON runs.id = run_id
          UNION ALL SELECT id, science_name, template_name, x_px, y_px, nth_of_pair FROM foreign_candidates
            WHERE candidate_id IS NULL
        ) AS place ON place.id = candidate_id
        UNION ALL SELECT 'detection ' || ${PLACE}, json_array(label_verdict)
        FROM detections JOIN (SELECT id AS run_id, science_path AS science, template_path AS template,
          coalesce(nth_of_pair, 0) AS nth FROM runs)
          USING (run_id)`),
      runs: list(`SELECT replace(science_path, '/night/', '') || ' ' || replace(template_path, '/night/', '')
          || ' ' || nth_of_pair AS pair
        FROM runs WHERE status = 'done' ORDER BY pair`),
      taxonomies: list('SELECT taxonomy_json FROM taxonomies ORDER BY 1'),
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
