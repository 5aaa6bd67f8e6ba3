import type {
  CatalogDetection,
  CatalogLabel,
  ImageDepth,
  LabelledScore,
  SkyObjectRecord,
} from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';

/** Prepare the statements that read whole rows of the catalogue's tables, each by SQLite's own number of the row. */
export function prepareCatalogRows({ sqlite }: Connection) {
  const detection = `SELECT d.id, d.run_id AS runId, json_extract(r.science_json, '$.name') AS exposureName,
      json_extract(r.science_json, '$.band') AS band,
      json_extract(r.science_json, '$.midpointMjdTai') AS midpointMjdTai,
      l.object_id AS objectId, o.name AS objectName, d.rank, d.score, d.model_version AS modelVersion, d.snr,
      d.scorr_sigma AS scorr, d.mag, d.flux_e AS fluxE, d.flux_err_e AS fluxErrE, d.ra_deg AS raDeg,
      d.dec_deg AS decDeg, d.x_px AS xPx, d.y_px AS yPx, d.is_negative AS isNegative, d.is_vetoed AS isVetoed,
      d.label_verdict AS verdict, d.triplet_sha256 AS tripletSha256`;
  const joins = `JOIN runs r ON r.id = d.run_id LEFT JOIN sky_objects o ON o.id = l.object_id`;
  const byKey = sqlite.prepare(
    `${detection} FROM detections d LEFT JOIN sky_object_detections l ON l.detection_id = d.id ${joins}
     WHERE d.rowid = ?`,
  );
  const ofObject = sqlite.prepare(
    `${detection} FROM sky_object_detections l JOIN detections d ON d.id = l.detection_id ${joins}
     WHERE l.object_id = ?`,
  );
  const object = `SELECT id, name, ra_deg AS raDeg, dec_deg AS decDeg, position_err_arcsec AS positionErrArcsec,
      detection_count AS detectionCount, first_mjd_tai AS firstMjdTai, last_mjd_tai AS lastMjdTai,
      coalesce(best_score, 0) AS score, coalesce(best_snr, 0) AS snr, brightest_mag AS mag,
      (SELECT d.label_verdict FROM sky_object_detections l JOIN detections d ON d.id = l.detection_id
       WHERE l.object_id = sky_objects.id AND d.label_id IS NOT NULL ORDER BY d.label_id DESC LIMIT 1) AS verdict
    FROM sky_objects`;
  const objectByKey = sqlite.prepare(`${object} WHERE rowid = ?`);
  const objectById = sqlite.prepare(`${object} WHERE id = ?`);
  const labels = sqlite.prepare(
    `SELECT seq, kind, label_events.id, candidate_id AS candidateId, run_id AS runId, verdict, class_id AS classId,
       confidence, purpose, reason, coalesce(curators.name, curator) AS curator, at AS decidedAt, decision_ms AS decisionMs, is_score_visible AS scoreVisible,
       EXISTS (SELECT 1 FROM label_events later WHERE later.retracts_id = label_events.id) AS isRetracted
     FROM label_events LEFT JOIN curators ON curators.id = label_events.curator WHERE seq > ? ORDER BY seq LIMIT ?`,
  );
  const labelledScores = sqlite.prepare(
    `SELECT model_version AS modelVersion, score, label_verdict AS verdict
     FROM detections INDEXED BY detections_labelled WHERE superseded_at IS NULL AND label_id IS NOT NULL`,
  );
  const curve = ['ceiling', 'centre', 'width']
    .map((name) => `json_extract(completeness_json, '$.bySnr.${name}') AS ${name}`)
    .join(', ');
  const depths = sqlite.prepare(
    `SELECT id AS runId, json_extract(science_json, '$.name') AS exposureName,
       json_extract(science_json, '$.band') AS band,
       json_extract(science_json, '$.midpointMjdTai') AS midpointMjdTai,
       json_extract(completeness_json, '$.injected') AS injected, json_extract(completeness_json, '$.found') AS found,
       json_extract(completeness_json, '$.magnitudes') AS magnitudes, ${curve},
       json_extract(completeness_json, '$.bySnr.at50.value') AS snr50,
       json_extract(completeness_json, '$.bySnr.at50.error') AS snr50Err,
       json_extract(completeness_json, '$.byMag.at50.value') AS mag50,
       json_extract(completeness_json, '$.byMag.at90.value') AS mag90
     FROM runs WHERE completeness_json IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT ?`,
  );
  return {
    labelledScores: (): readonly LabelledScore[] => labelledScores.all() as LabelledScore[],
    depths: (limit: number): readonly ImageDepth[] =>
      (depths.all(limit) as (Omit<ImageDepth, 'bySnr'> & ImageDepth['bySnr'])[]).map(
        ({ ceiling, centre, width, ...depth }) => ({
          ...withoutNulls<Omit<ImageDepth, 'bySnr'>>(depth)!,
          bySnr: { ceiling, centre, width },
        }),
      ),
    detection: (key: number): CatalogDetection | undefined => toDetection(byKey.get(key)),
    detectionsOf: (objectId: string): readonly CatalogDetection[] =>
      (ofObject.all(objectId) as unknown[])
        .map((row) => toDetection(row)!)
        .sort(
          (a, b) =>
            (a.midpointMjdTai ?? Number.MAX_VALUE) - (b.midpointMjdTai ?? Number.MAX_VALUE) ||
            (a.id < b.id ? -1 : 1),
        ),
    object: (key: number): SkyObjectRecord | undefined => withoutNulls(objectByKey.get(key)),
    objectById: (id: string): SkyObjectRecord | undefined => withoutNulls(objectById.get(id)),
    /** @returns those of the next rows that stand, and the last row's number where there may be more. */
    labelsAfter: (after: number, limit: number): { labels: CatalogLabel[]; last: number | undefined } => {
      const rows = labels.all(after, limit) as (CatalogLabel & {
        readonly seq: number;
        readonly kind: string;
        readonly isRetracted: number;
      })[];
      return {
        labels: rows
          .filter(({ kind, isRetracted }) => kind === 'label' && isRetracted === 0)
          .map(({ seq, kind, isRetracted, ...label }) => ({
            ...withoutNulls<CatalogLabel>(label)!,
            scoreVisible: Boolean(label.scoreVisible),
          })),
        last: rows.length === limit ? rows.at(-1)!.seq : undefined,
      };
    },
  };
}

function toDetection(row: unknown): CatalogDetection | undefined {
  const found = withoutNulls<CatalogDetection>(row);
  return found && { ...found, isNegative: Boolean(found.isNegative), isVetoed: Boolean(found.isVetoed) };
}

function withoutNulls<Row>(row: unknown): Row | undefined {
  if (row === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(row as object).map(([name, value]) => [name, value ?? undefined]),
  ) as Row;
}
