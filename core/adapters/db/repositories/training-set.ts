import { sql } from 'drizzle-orm';
import type { Connection } from '../connection.ts';

/** A candidate that people have judged. */
export interface LabelledExample {
  readonly id: string;
  readonly runId: string;
  readonly tripletSha256: string;
  readonly verdict: 'real' | 'bogus' | 'unsure';
  readonly classId?: string | undefined;
  /** How far curators agree. */
  readonly consensus: string;
  readonly labels: number;
  readonly score: number;
  readonly modelVersion: string;
  readonly xPx: number;
  readonly yPx: number;
  readonly raDeg?: number | undefined;
  readonly decDeg?: number | undefined;
  readonly features: Readonly<Record<string, number>>;
}

/** What people taught. */
export interface TrainingSet {
  /** Candidates with a verdict, after one of them by their ids. */
  list(limit: number, after: string): Promise<readonly LabelledExample[]>;
}

/** Read candidates with what all curators together come to. */
export function createTrainingSet(connection: Connection): TrainingSet {
  return {
    list: (limit, after) =>
      connection.read(() =>
        connection.orm
          .all<Record<string, unknown>>(
            sql`SELECT detections.id, run_id AS runId, triplet_sha256 AS tripletSha256, verdict, class_id AS classId,
                consensus, labels, score, model_version AS modelVersion, x_px AS xPx, y_px AS yPx,
                ra_deg AS raDeg, dec_deg AS decDeg, features_json AS features
              FROM candidate_states JOIN detections ON detections.id = candidate_id
              WHERE verdict IS NOT NULL AND candidate_id > ${after} ORDER BY candidate_id LIMIT ${limit}`,
          )
          .map(
            (row) =>
              ({
                ...row,
                classId: row.classId ?? undefined,
                raDeg: row.raDeg ?? undefined,
                decDeg: row.decDeg ?? undefined,
                features: JSON.parse(row.features as string),
              }) as LabelledExample,
          ),
      ),
  };
}
