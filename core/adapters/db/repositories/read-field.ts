import { and, eq, inArray, sql } from 'drizzle-orm';
import {
  type ChangeableEntity,
  type FieldState,
  type FieldVersion,
  foldField,
  type Json,
} from '../../../domains/sync/index.ts';
import type { Connection } from '../connection.ts';
import { fieldVersions } from '../schema/index.ts';

/** Name of a shared field. */
export interface FieldName {
  readonly entity: ChangeableEntity;
  readonly key: string;
  readonly field: string;
}

/** What a shared field is now; `undefined` where it was never set. */
export function readField(connection: Connection, name: FieldName): FieldState | undefined {
  const heads = connection.orm
    .select()
    .from(fieldVersions)
    .where(
      and(
        eq(fieldVersions.entity, name.entity),
        inArray(fieldVersions.key, [...listKeys(connection, name)]),
        eq(fieldVersions.field, name.field),
        eq(fieldVersions.isHead, true),
      ),
    )
    .all()
    .map(toVersion);
  // Heads replace none of each other: of what they are based on, nothing is left to weigh.
  return heads.length === 0 ? undefined : foldField(heads);
}

/** Give a shared field a value, in place of all that it has; a trigger tells others. @returns the ids of the changes */
export function setField(connection: Connection, name: FieldName, value: Json): readonly string[] {
  const { entity, field } = name;
  return listKeys(connection, name).map((key) => {
    const id = connection.makeId();
    connection.orm.run(sql`INSERT INTO field_versions (id, entity, key, field, value_json, clock, based_on_json)
      SELECT ${id}, ${entity}, ${key}, ${field}, ${JSON.stringify(value)},
        next_clock((SELECT clock FROM newest_clock)), json_group_array(id) FROM field_versions
      WHERE entity = ${entity} AND key = ${key} AND field = ${field} AND is_head = 1`);
    return id;
  });
}

/** The keys of one thing: a sky object has one for each workstation that named it without knowing of the others. */
function listKeys(connection: Connection, { entity, key }: FieldName): readonly string[] {
  if (entity !== 'sky-object') return [key];
  const keys = connection.orm.all<{ key: string }>(sql`SELECT key FROM object_names
    WHERE object_id = (SELECT object_id FROM object_names WHERE key = ${key}) ORDER BY key`);
  return keys.length === 0 ? [key] : keys.map((row) => row.key);
}

function toVersion(row: typeof fieldVersions.$inferSelect): FieldVersion {
  const { id, value, clock, basedOn, author } = row;
  return { id, value, clock, basedOn, author: author ?? undefined };
}
