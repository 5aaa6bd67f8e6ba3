import { z } from 'zod';
import { DEFAULT_ASSOCIATION_CONFIG, placeOfName, separationArcsec } from '../../../domains/catalog/index.ts';
import type { Json } from '../../../domains/sync/index.ts';
import type { ObjectName, ObjectNames } from '../../../pipeline/ports.ts';
import { AstridError } from '../../../utils/errors.ts';
import { type Connection, prepareOnce } from '../connection.ts';
import { appendEvent } from './events.ts';
import { listZones, zoneOf } from './list-zones.ts';
import { readField, setField } from './read-field.ts';

/** The field by which workstations speak of what an object is called. */
const NAME_FIELD = 'name';

/** No object reaches farther than this, arcsec. */
const MOST_ARCSEC = 60;
/** Every object reaches as far as this: what the digits of a key leave open, and more. */
const LEAST_ARCSEC = 1;

const GivenName = z.string().min(1).max(100);

/** Keep what people call sky objects. */
export function createObjectNames(connection: Connection): ObjectNames {
  const statements = prepared(connection);
  const read = (id: string): ObjectName => {
    const row = statements.object.get(id) as
      | { readonly name: string; readonly givenName: string | null }
      | undefined;
    if (row !== undefined) return { id, name: row.name, givenName: row.givenName ?? undefined };
    throw new AstridError('catalog/object-not-found', `There is no object ${id} in this workspace.`, { id });
  };
  return {
    list: (limit) =>
      connection.read(
        () => statements.named.all(limit) as (Required<ObjectName> & { raDeg: number; decDeg: number })[],
      ),
    get: (id) => connection.read(() => read(id)),
    give: (id, givenName) =>
      connection.write(() => {
        const object = read(id);
        let key = statements.keysOf.get(id) as string | undefined;
        if (key === undefined) {
          if (givenName === undefined) return object;
          key = object.name;
          keepKey(connection, key);
          // Whatever else lies there: it is this one that somebody named.
          statements.own.run(id, key);
        }
        const field = { entity: 'sky-object', key, field: NAME_FIELD } as const;
        const state = readField(connection, field);
        const value = givenName ?? null;
        if (state?.current.value !== value || state.losers.length > 0) {
          setField(connection, field, value);
          showName(connection, id);
        }
        return read(id);
      }),
  };
}

/**
 * Say whether this program knows what is said of a sky object.
 *
 * @throws ZodError where it is no name
 */
export function checkObjectName(key: string, field: string, value: Json): boolean {
  if (field !== NAME_FIELD || placeOfName(key) === undefined) return false;
  GivenName.nullable().parse(value);
  return true;
}

/** Show a name that was given at a place, here or elsewhere, with the object that lies there. */
export function showObjectName(connection: Connection, key: string): void {
  const statements = prepared(connection);
  if (!keepKey(connection, key)) return;
  placeKey(connection, key);
  const id = statements.ownerOf.get(key) as string | null;
  if (id !== null) showName(connection, id);
}

/** Find again what names belong to, after objects were found, moved or lost; call it inside the transaction that did. */
export function placeNames(connection: Connection, objectIds: Iterable<string>): void {
  const statements = prepared(connection);
  if (statements.any.get() === undefined) return;
  const keys = new Set<string>();
  for (const id of objectIds) {
    for (const key of statements.keysOf.all(id) as string[]) keys.add(key);
    const place = statements.place.get(id) as Place | undefined;
    if (place === undefined) continue;
    for (const { zone, fromDeg, toDeg } of listZones(place, MOST_ARCSEC / 3600))
      for (const key of statements.keysNear.all(zone, fromDeg, toDeg) as string[]) keys.add(key);
  }
  for (const key of [...keys].sort()) placeKey(connection, key);
}

interface Place {
  readonly raDeg: number;
  readonly decDeg: number;
}

/** Note where a key lies. @returns whether it is one */
function keepKey(connection: Connection, key: string): boolean {
  const place = placeOfName(key);
  if (place === undefined) return false;
  prepared(connection).keep.run(key, place.raDeg, place.decDeg, zoneOf(place.decDeg));
  return true;
}

/** Give a key to the object that lies on it, and show it and the one that had it before as they are called now. */
function placeKey(connection: Connection, key: string): void {
  const statements = prepared(connection);
  const before = statements.ownerOf.get(key) as string | null;
  const now = findOwner(connection, key);
  if (now === before) return;
  statements.own.run(now, key);
  for (const id of [before, now]) if (id !== null) showName(connection, id);
}

function findOwner(connection: Connection, key: string): string | null {
  const statements = prepared(connection);
  const place = placeOfName(key)!;
  let best: { readonly id: string; readonly rank: number; readonly arcsec: number } | undefined;
  for (const { zone, fromDeg, toDeg } of listZones(place, MOST_ARCSEC / 3600))
    for (const near of statements.objectsNear.all(zone, fromDeg, toDeg) as Near[]) {
      const arcsec = separationArcsec(place, near);
      const reach = Math.max(LEAST_ARCSEC, DEFAULT_ASSOCIATION_CONFIG.maxSigma * near.sightErrArcsec);
      const isItself = near.name === key;
      if (!isItself && arcsec > Math.min(reach, MOST_ARCSEC)) continue;
      // What is still found goes before what is not; what was named itself goes before a neighbour.
      const rank = (near.detectionCount > 0 ? 2 : 0) + (isItself ? 1 : 0);
      if (
        best === undefined ||
        rank > best.rank ||
        (rank === best.rank && (arcsec < best.arcsec || (arcsec === best.arcsec && near.id < best.id)))
      )
        best = { id: near.id, rank, arcsec };
    }
  return best?.id ?? null;
}

interface Near extends Place {
  readonly id: string;
  readonly name: string;
  readonly detectionCount: number;
  /** Of the least certain of its detections: the first that was found may have been that. */
  readonly sightErrArcsec: number;
}

function showName(connection: Connection, objectId: string): void {
  const statements = prepared(connection);
  const [key] = statements.keysOf.all(objectId) as string[];
  const value = key && readField(connection, { entity: 'sky-object', key, field: NAME_FIELD })?.current.value;
  const name = typeof value === 'string' ? value : null;
  if (statements.show.run({ objectId, name }).changes > 0)
    appendEvent(connection, { kind: 'object.named', data: { objectId } });
}

const prepared = prepareOnce(prepare);

function prepare({ sqlite }: Connection) {
  return {
    any: sqlite.prepare('SELECT 1 FROM object_names LIMIT 1'),
    object: sqlite.prepare('SELECT name, given_name AS givenName FROM sky_objects WHERE id = ?'),
    named: sqlite.prepare(
      `SELECT id, name, given_name AS givenName, ra_deg AS raDeg, dec_deg AS decDeg
       FROM sky_objects WHERE given_name IS NOT NULL ORDER BY given_name, id LIMIT ?`,
    ),
    place: sqlite.prepare('SELECT ra_deg AS raDeg, dec_deg AS decDeg FROM sky_objects WHERE id = ?'),
    keysOf: sqlite.prepare('SELECT key FROM object_names WHERE object_id = ? ORDER BY key').pluck(),
    ownerOf: sqlite.prepare('SELECT object_id FROM object_names WHERE key = ?').pluck(),
    own: sqlite.prepare('UPDATE object_names SET object_id = ? WHERE key = ?'),
    keep: sqlite.prepare(
      'INSERT INTO object_names (key, ra_deg, dec_deg, zone) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    keysNear: sqlite
      .prepare('SELECT key FROM object_names WHERE zone = ? AND ra_deg BETWEEN ? AND ?')
      .pluck(),
    objectsNear: sqlite.prepare(
      `SELECT id, name, ra_deg AS raDeg, dec_deg AS decDeg, detection_count AS detectionCount,
         coalesce((SELECT max(position_err_arcsec) FROM sky_object_detections WHERE object_id = sky_objects.id),
           position_err_arcsec) AS sightErrArcsec
       FROM sky_objects WHERE zone = ? AND ra_deg BETWEEN ? AND ?`,
    ),
    show: sqlite.prepare(
      'UPDATE sky_objects SET given_name = @name WHERE id = @objectId AND given_name IS NOT @name',
    ),
  };
}
