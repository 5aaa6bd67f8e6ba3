import { sql } from 'drizzle-orm';
import type { Connection } from '../connection.ts';

/** What of the folder of blobs the database refers to. */
export interface BlobReferences {
  /** Blobs by their address, and artefacts, which refer to blobs themselves. */
  list(): Promise<{ readonly blobs: readonly string[]; readonly artefacts: readonly string[] }>;
}

/**
 * Tell which blobs of the folder are referred to.
 *
 * Of stages that were done again only the last result is: nobody asks for the earlier. Of runs that are not done yet
 * every result is.
 */
export function createBlobReferences(connection: Connection): BlobReferences {
  const { orm } = connection;
  return {
    list: () =>
      connection.read(() => ({
        blobs: orm
          .all<{ sha256: string }>(sql`SELECT sha256 FROM planes UNION
              SELECT json_extract(file.value, '$.sha256') FROM field_versions, json_each(value_json) AS file
              WHERE entity = 'run' AND field = 'raw' AND is_head = 1`)
          .map(({ sha256 }) => sha256),
        artefacts: orm
          .all<{ artefact: string }>(
            sql`SELECT DISTINCT json_extract(output_json, '$.artefact') AS artefact FROM stage_runs
              JOIN runs ON runs.id = run_id
              WHERE stage_runs.status = 'done' AND json_extract(output_json, '$.artefact') IS NOT NULL
                AND (runs.status <> 'done' OR seq = (SELECT max(seq) FROM stage_runs AS last
                  WHERE last.run_id = stage_runs.run_id AND last.stage = stage_runs.stage AND last.status = 'done'))`,
          )
          .map(({ artefact }) => artefact),
      })),
  };
}
