import { sql } from 'drizzle-orm';
import type {
  CatalogDetection,
  CatalogLabel,
  CatalogTable,
  ImageDepth,
  LabelledScore,
  SkyObjectRecord,
} from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';
import { type Asker, LABELLED_HERE, withheldText } from './withhold-labels.ts';

/** Prepare the statements that read whole rows of the catalogue's tables, each by SQLite's own number of the row. */
export function prepareCatalogRows({ sqlite }: Connection) {
  const columns = `d.id, d.run_id, l.object_id, coalesce(o.given_name, o.name), d.rank, d.score, d.model_version, d.snr, d.scorr_sigma, d.mag,
    d.flux_e, d.flux_err_e, d.ra_deg, d.dec_deg, d.x_px, d.y_px, d.is_negative, d.is_vetoed,
    CASE WHEN d.label_id IS NULL OR ${withheldText(sql.raw('d.id'))} THEN NULL ELSE d.label_verdict END, d.triplet_sha256`;
  const byKey = sqlite
    .prepare(
      `SELECT ${columns} FROM detections d LEFT JOIN sky_object_detections l ON l.detection_id = d.id
       LEFT JOIN sky_objects o ON o.id = l.object_id WHERE d.rowid = ?`,
    )
    .raw();
  const ofObject = sqlite
    .prepare(
      `SELECT ${columns} FROM sky_object_detections l JOIN detections d ON d.id = l.detection_id
       JOIN sky_objects o ON o.id = l.object_id WHERE l.object_id = ?`,
    )
    .raw();
  const image = sqlite
    .prepare(
      `SELECT json_extract(science_json, '$.name'), json_extract(science_json, '$.object'),
         json_extract(science_json, '$.band'), json_extract(science_json, '$.midpointMjdTai')
       FROM runs WHERE id = ?`,
    )
    .raw();
  /** Rows of one answer come from few images, each of which is looked at once. */
  const readDetections = (found: readonly DetectionCells[]): CatalogDetection[] => {
    const images = new Map<string, ImageCells>();
    return found.map((cells) => {
      const known = images.get(cells[1]) ?? (image.get(cells[1]) as ImageCells);
      images.set(cells[1], known);
      return toDetection(cells, known);
    });
  };
  const object = `SELECT id, name, given_name AS givenName, ra_deg AS raDeg, dec_deg AS decDeg, position_err_arcsec AS positionErrArcsec,
      detection_count AS detectionCount, first_mjd_tai AS firstMjdTai, last_mjd_tai AS lastMjdTai,
      coalesce(best_score, 0) AS score, coalesce(best_snr, 0) AS snr, brightest_mag AS mag,
      (SELECT d.label_verdict FROM sky_object_detections l JOIN detections d ON d.id = l.detection_id
       WHERE l.object_id = sky_objects.id AND d.label_id IS NOT NULL AND NOT ${withheldText(sql.raw('d.id'))}
       ORDER BY d.label_id DESC LIMIT 1) AS verdict
    FROM sky_objects`;
  const objectByKey = sqlite.prepare(`${object} WHERE rowid = ?`);
  const objectById = sqlite.prepare(`${object} WHERE id = ?`);
  const labels = sqlite.prepare(
    `SELECT seq, kind, label_events.id, candidate_id AS candidateId, run_id AS runId, verdict, class_id AS classId,
       confidence, purpose, reason, coalesce(curators.name, curator) AS curator, at AS decidedAt, decision_ms AS decisionMs, is_score_visible AS scoreVisible,
       EXISTS (SELECT 1 FROM label_events later WHERE later.retracts_id = label_events.id) AS isRetracted,
       ${withheldText(LABELLED_HERE)} AS isKept
     FROM label_events LEFT JOIN curators ON curators.id = label_events.curator WHERE seq > ? ORDER BY seq LIMIT ?`,
  );
  const labelledScores = sqlite.prepare(
    `SELECT model_version AS modelVersion, score, label_verdict AS verdict
     FROM detections INDEXED BY detections_labelled WHERE superseded_at IS NULL AND label_id IS NOT NULL AND NOT ${withheldText(sql.raw('detections.id'))}`,
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
  const keysOf = {
    detections: sqlite
      .prepare('SELECT rowid FROM detections WHERE id IN (SELECT value FROM json_each(?))')
      .pluck(),
    objects: sqlite
      .prepare('SELECT rowid FROM sky_objects WHERE id IN (SELECT value FROM json_each(?))')
      .pluck(),
  };
  return {
    keysOf: (table: CatalogTable, ids: readonly string[]): readonly number[] =>
      keysOf[table].all(JSON.stringify(ids)) as number[],
    labelledScores: (asker: Asker): readonly LabelledScore[] =>
      labelledScores.all({ asker }) as LabelledScore[],
    depths: (limit: number): readonly ImageDepth[] =>
      (depths.all(limit) as (Omit<ImageDepth, 'bySnr'> & ImageDepth['bySnr'])[]).map(
        ({ ceiling, centre, width, ...depth }) => ({
          ...withoutNulls<Omit<ImageDepth, 'bySnr'>>(depth)!,
          bySnr: { ceiling, centre, width },
        }),
      ),
    /** Those of the keys that are still there, in their order. */
    detections: (keys: readonly number[], asker: Asker): readonly CatalogDetection[] =>
      readDetections(
        keys
          .map((key) => byKey.get(key, { asker }) as DetectionCells | undefined)
          .filter((cells) => cells !== undefined),
      ),
    detectionsOf: (objectId: string, asker: Asker): readonly CatalogDetection[] =>
      readDetections(ofObject.all(objectId, { asker }) as DetectionCells[]).sort(
        (a, b) =>
          (a.midpointMjdTai ?? Number.MAX_VALUE) - (b.midpointMjdTai ?? Number.MAX_VALUE) ||
          (a.id < b.id ? -1 : 1),
      ),
    objects: (keys: readonly number[], asker: Asker): readonly SkyObjectRecord[] =>
      keys
        .map((key) => withoutNulls<SkyObjectRecord>(objectByKey.get(key, { asker })))
        .filter((object) => object !== undefined),
    objectById: (id: string, asker: Asker): SkyObjectRecord | undefined =>
      withoutNulls(objectById.get(id, { asker })),
    /** @returns those of the next rows that stand, and the last row's number where there may be more. */
    labelsAfter: (
      after: number,
      limit: number,
      asker: Asker,
    ): { labels: CatalogLabel[]; last: number | undefined } => {
      const rows = labels.all(after, limit, { asker }) as (CatalogLabel & {
        readonly seq: number;
        readonly kind: string;
        readonly isRetracted: number;
        readonly isKept: number;
      })[];
      return {
        labels: rows
          .filter(({ kind, isRetracted }) => kind === 'label' && isRetracted === 0)
          .map(({ seq, kind, isRetracted, isKept, ...label }) => ({
            ...withoutNulls<CatalogLabel>(label)!,
            ...(isKept === 1 ? KEPT_FROM_ASKER : {}),
            scoreVisible: Boolean(label.scoreVisible),
          })),
        last: rows.length === limit ? rows.at(-1)!.seq : undefined,
      };
    },
  };
}

/** What of a label is not told before one's own. */
const KEPT_FROM_ASKER = {
  verdict: undefined,
  classId: undefined,
  confidence: undefined,
  reason: undefined,
} as const;

type DetectionCells = readonly [
  id: string,
  runId: string,
  objectId: string | null,
  objectName: string | null,
  rank: number,
  score: number,
  modelVersion: string,
  snr: number,
  scorr: number,
  mag: number | null,
  fluxE: number,
  fluxErrE: number,
  raDeg: number | null,
  decDeg: number | null,
  xPx: number,
  yPx: number,
  isNegative: number,
  isVetoed: number,
  verdict: CatalogDetection['verdict'] | null,
  tripletSha256: string,
];

type ImageCells = readonly [
  name: string | null,
  field: string | null,
  band: string | null,
  midpointMjdTai: number | null,
];

function toDetection(
  cells: DetectionCells,
  [exposureName, fieldName, band, midpointMjdTai]: ImageCells,
): CatalogDetection {
  const [
    id,
    runId,
    objectId,
    objectName,
    rank,
    score,
    modelVersion,
    snr,
    scorr,
    mag,
    fluxE,
    fluxErrE,
    raDeg,
    decDeg,
    xPx,
    yPx,
    isNegative,
    isVetoed,
    verdict,
    tripletSha256,
  ] = cells;
  return {
    id,
    runId,
    exposureName: exposureName ?? undefined,
    fieldName: fieldName ?? undefined,
    band: band ?? undefined,
    midpointMjdTai: midpointMjdTai ?? undefined,
    objectId: objectId ?? undefined,
    objectName: objectName ?? undefined,
    rank,
    score,
    modelVersion,
    snr,
    scorr,
    mag: mag ?? undefined,
    fluxE,
    fluxErrE,
    raDeg: raDeg ?? undefined,
    decDeg: decDeg ?? undefined,
    xPx,
    yPx,
    isNegative: isNegative === 1,
    isVetoed: isVetoed === 1,
    verdict: verdict ?? undefined,
    tripletSha256,
  };
}

function withoutNulls<Row>(row: unknown): Row | undefined {
  if (row === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(row as object).map(([name, value]) => [name, value ?? undefined]),
  ) as Row;
}
