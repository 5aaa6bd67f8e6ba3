import {
  associateDetections,
  averagePlaces,
  DEFAULT_ASSOCIATION_CONFIG,
  estimatePositionError,
  type MeasuredPlace,
  nameObject,
  separationArcsec,
} from '../../../domains/catalog/index.ts';
import { type Connection, prepareOnce } from '../connection.ts';
import { listZones, zoneOf } from './list-zones.ts';
import { placeNames } from './object-names.ts';

/** FWHM where nothing is known of the image but its pixels: well-sampled stars have about this many. */
const USUAL_FWHM_PX = 2.5;
/** FWHM where not even the pixels are known, arcsec. */
const USUAL_FWHM_ARCSEC = 2;

const CONFIG = DEFAULT_ASSOCIATION_CONFIG;

/** A candidate of the run, with the object that it belonged to before. */
interface Sight extends MeasuredPlace {
  readonly detectionId: string;
  readonly objectId: string | null;
}

interface KnownObject extends MeasuredPlace {
  readonly id: string;
  readonly detectionCount: number;
}

const prepared = prepareOnce(prepare);

/** List the objects that a run's detections belong to: ask before the detections are replaced. */
export function objectsOfRun(connection: Connection, runId: string): readonly string[] {
  return prepared(connection).objectsOfRun.all(runId) as string[];
}

/**
 * Give a run's candidates to sky objects, inside the transaction that wrote them.
 *
 * A candidate keeps its object while it lies on it; the others join what lies under them, or become objects. Done
 * again with the same candidates it changes nothing. Candidates without sky coordinates belong to nothing.
 *
 * @param before the objects that the run's detections belonged to: those that lost one are measured again.
 */
export function associateRun(connection: Connection, runId: string, before: readonly string[]): void {
  const sql = prepared(connection);
  const touched = new Set(before);
  const fwhmArcsec = readFwhm(sql.imageOfRun.get(runId) as RunImage | undefined);
  sql.unlinkFallen.run(runId);
  const rows = sql.candidatesOfRun.all(runId) as (Omit<Sight, 'positionErrArcsec'> & {
    readonly snr: number;
  })[];
  const free: Sight[] = [];
  const held = new Set<string>();
  for (const { snr, ...row } of rows) {
    const sight = { ...row, positionErrArcsec: estimatePositionError(snr, fwhmArcsec, CONFIG) };
    if (sight.objectId !== null && staysOn(sql, sight, fwhmArcsec)) {
      held.add(sight.objectId);
      touched.add(sight.objectId);
      sql.link.run(sight.detectionId, sight.objectId, sight.positionErrArcsec);
    } else free.push(sight);
  }
  const near = findNear(sql, free, fwhmArcsec).filter(({ id }) => !held.has(id));
  const found = associateDetections(free, near, fwhmArcsec, CONFIG);
  for (const [position, sight] of free.entries()) {
    const match = found[position];
    const id = match === undefined ? createObject(connection, sql, sight) : near[match]!.id;
    sql.link.run(sight.detectionId, id, sight.positionErrArcsec);
    touched.add(id);
  }
  for (const id of touched) measureObject(sql, id);
  placeNames(connection, touched);
  sql.markAssociated.run(runId, connection.now());
}

/**
 * Associate the runs of a workspace that was made before there were objects, oldest first, one transaction each.
 *
 * @returns how many runs were done.
 */
export async function associateRemaining(connection: Connection, signal?: AbortSignal): Promise<number> {
  let done = 0;
  while (signal?.aborted !== true) {
    const runId = prepared(connection).nextToAssociate.get() as string | undefined;
    if (runId === undefined) break;
    await connection.write(() => associateRun(connection, runId, objectsOfRun(connection, runId)));
    done++;
    // Others ask the same database: each run lets them go first.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return done;
}

interface RunImage {
  readonly seeingArcsec: number | null;
  readonly fwhmPx: number | null;
  readonly pixelScaleArcsec: number | null;
}

function readFwhm(image: RunImage | undefined): number {
  const { seeingArcsec, fwhmPx, pixelScaleArcsec } = image ?? {};
  const measured = seeingArcsec ?? (fwhmPx && pixelScaleArcsec && fwhmPx * pixelScaleArcsec);
  return measured || (pixelScaleArcsec && USUAL_FWHM_PX * pixelScaleArcsec) || USUAL_FWHM_ARCSEC;
}

/** Tell whether a candidate that was measured again still lies on its object; one that is alone takes it along. */
function staysOn(sql: Prepared, sight: Sight, fwhmArcsec: number): boolean {
  const object = sql.object.get(sight.objectId) as KnownObject;
  return object.detectionCount <= 1 || separationArcsec(sight, object) <= CONFIG.maxFwhm * fwhmArcsec;
}

function findNear(sql: Prepared, sights: readonly Sight[], fwhmArcsec: number): readonly KnownObject[] {
  const near = new Map<string, KnownObject>();
  const reachDeg = (CONFIG.maxFwhm * fwhmArcsec) / 3600;
  for (const sight of sights)
    for (const { zone, fromDeg, toDeg } of listZones(sight, reachDeg))
      for (const object of sql.near.all(zone, fromDeg, toDeg) as KnownObject[]) near.set(object.id, object);
  return [...near.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function createObject(connection: Connection, sql: Prepared, place: Sight): string {
  const id = connection.makeId();
  const plain = nameObject(place.raDeg, place.decDeg);
  let name = plain;
  // Two places in one hundredth of a second: the one that came later has a letter.
  for (let n = 0; sql.named.get(name) !== undefined; n++) name = `${plain}${suffix(n)}`;
  sql.create.run(
    id,
    name,
    connection.now(),
    place.raDeg,
    place.decDeg,
    place.positionErrArcsec,
    zoneOf(place.decDeg),
  );
  return id;
}

function suffix(n: number): string {
  const letter = String.fromCharCode(97 + (n % 26));
  return n < 26 ? letter : suffix(Math.floor(n / 26) - 1) + letter;
}

function measureObject(sql: Prepared, id: string): void {
  const sights = sql.sights.all(id) as (MeasuredPlace & {
    readonly score: number;
    readonly snr: number;
    readonly mag: number | null;
    readonly mjd: number | null;
  })[];
  if (sights.length === 0) {
    sql.retire.run(id);
    return;
  }
  const { raDeg, decDeg, positionErrArcsec } = averagePlaces(sights);
  const mjds = sights.flatMap(({ mjd }) => (mjd === null ? [] : [mjd]));
  const mags = sights.flatMap(({ mag }) => (mag === null ? [] : [mag]));
  sql.measure.run({
    id,
    raDeg,
    decDeg,
    positionErrArcsec,
    zone: zoneOf(decDeg),
    detectionCount: sights.length,
    firstMjdTai: mjds.length > 0 ? Math.min(...mjds) : null,
    lastMjdTai: mjds.length > 0 ? Math.max(...mjds) : null,
    bestScore: Math.max(...sights.map(({ score }) => score)),
    bestSnr: Math.max(...sights.map(({ snr }) => snr)),
    brightestMag: mags.length > 0 ? Math.min(...mags) : null,
  });
}

type Prepared = ReturnType<typeof prepare>;

function prepare({ sqlite }: Connection) {
  const place = 'ra_deg AS raDeg, dec_deg AS decDeg, position_err_arcsec AS positionErrArcsec';
  const revision = '(SELECT coalesce(max(revision), 0) + 1 FROM sky_objects)';
  const isCandidate = 'd.is_vetoed = 0 AND d.superseded_at IS NULL';
  return {
    objectsOfRun: sqlite
      .prepare(
        `SELECT DISTINCT l.object_id FROM detections d JOIN sky_object_detections l ON l.detection_id = d.id
         WHERE d.run_id = ?`,
      )
      .pluck(),
    imageOfRun: sqlite.prepare(
      `SELECT json_extract(science_json, '$.seeingArcsec') AS seeingArcsec,
         json_extract(science_json, '$.fwhmPx') AS fwhmPx,
         json_extract(sky_json, '$.pixelScaleArcsec') AS pixelScaleArcsec FROM runs WHERE id = ?`,
    ),
    unlinkFallen: sqlite.prepare(
      `DELETE FROM sky_object_detections WHERE detection_id IN
         (SELECT d.id FROM detections d WHERE d.run_id = ? AND (NOT (${isCandidate}) OR d.ra_deg IS NULL))`,
    ),
    candidatesOfRun: sqlite.prepare(
      `SELECT d.id AS detectionId, d.ra_deg AS raDeg, d.dec_deg AS decDeg, d.snr, l.object_id AS objectId
       FROM detections d LEFT JOIN sky_object_detections l ON l.detection_id = d.id
       WHERE d.run_id = ? AND ${isCandidate} AND d.ra_deg IS NOT NULL AND d.dec_deg IS NOT NULL ORDER BY d.id`,
    ),
    object: sqlite.prepare(
      `SELECT id, detection_count AS detectionCount, ${place} FROM sky_objects WHERE id = ?`,
    ),
    near: sqlite.prepare(
      `SELECT id, detection_count AS detectionCount, ${place} FROM sky_objects
       WHERE zone = ? AND ra_deg BETWEEN ? AND ?`,
    ),
    named: sqlite.prepare('SELECT 1 FROM sky_objects WHERE name = ?'),
    create: sqlite.prepare(
      `INSERT INTO sky_objects (id, name, created_at, revision, ra_deg, dec_deg, position_err_arcsec, zone,
         detection_count) VALUES (?, ?, ?, ${revision}, ?, ?, ?, ?, 0)`,
    ),
    link: sqlite.prepare(
      `INSERT INTO sky_object_detections (detection_id, object_id, position_err_arcsec) VALUES (?, ?, ?)
       ON CONFLICT (detection_id) DO UPDATE SET object_id = excluded.object_id,
         position_err_arcsec = excluded.position_err_arcsec`,
    ),
    sights: sqlite.prepare(
      `SELECT d.ra_deg AS raDeg, d.dec_deg AS decDeg, l.position_err_arcsec AS positionErrArcsec, d.score, d.snr,
         d.mag, json_extract(r.science_json, '$.midpointMjdTai') AS mjd
       FROM sky_object_detections l JOIN detections d ON d.id = l.detection_id JOIN runs r ON r.id = d.run_id
       WHERE l.object_id = ? ORDER BY l.detection_id`,
    ),
    measure: sqlite.prepare(
      `UPDATE sky_objects SET revision = ${revision}, ra_deg = @raDeg, dec_deg = @decDeg,
         position_err_arcsec = @positionErrArcsec, zone = @zone, detection_count = @detectionCount,
         first_mjd_tai = @firstMjdTai, last_mjd_tai = @lastMjdTai, best_score = @bestScore, best_snr = @bestSnr,
         brightest_mag = @brightestMag WHERE id = @id`,
    ),
    retire: sqlite.prepare(
      `UPDATE sky_objects SET revision = ${revision}, detection_count = 0, first_mjd_tai = NULL,
         last_mjd_tai = NULL, best_score = NULL, best_snr = NULL, brightest_mag = NULL WHERE id = ?`,
    ),
    markAssociated: sqlite.prepare(
      `INSERT INTO associated_runs (run_id, at) VALUES (?, ?) ON CONFLICT (run_id) DO UPDATE SET at = excluded.at`,
    ),
    nextToAssociate: sqlite
      .prepare(
        `SELECT id FROM runs WHERE candidate_count > 0
           AND NOT EXISTS (SELECT 1 FROM associated_runs a WHERE a.run_id = runs.id)
         ORDER BY created_at, id LIMIT 1`,
      )
      .pluck(),
  };
}
