import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { CURATOR_SHAPES } from '../../../domains/curation/index.ts';
import type { Json, SharedChange } from '../../../domains/sync/index.ts';
import type { Connection } from '../connection.ts';
import { curators, fieldVersions } from '../schema/index.ts';
import { SharedPlanesSchema, SharedRawFilesSchema } from '../shared-schemas.ts';
import { checkObjectName, showObjectName } from './object-names.ts';
import { RAW_FIELD, showRaw } from './raw-files.ts';
import { type FieldName, readField } from './read-field.ts';
import { PLANES_FIELD, showPlanes, WANTED_FIELD } from './shared-blobs.ts';
import { CONFIG_FIELD, showConfig } from './shared-config.ts';
import { checkFilter, showFilter } from './shared-filters.ts';
import { checkSetting, showSetting } from './shared-settings.ts';

/**
 * Take in a value that was given to a field elsewhere, or the catalogue's stamp on one of ours.
 *
 * @returns whether this program knows the field
 * @throws ZodError where the value is none that the field could have
 */
export function receiveField(
  connection: Connection,
  change: Extract<SharedChange, { kind: 'set' }>,
): boolean {
  const { id, entity, key, field, value, clock, basedOn, author } = change;
  if (entity === 'run') RUN_FIELDS[field]?.parse(value);
  const isKnown =
    (entity === 'curator' && isCuratorField(field)) ||
    (entity === 'setting' && checkSetting(key, field, value)) ||
    (entity === 'run' && RUN_FIELDS[field] !== undefined) ||
    (entity === 'filter' && field === 'value' && checkFilter(key, value)) ||
    (entity === 'sky-object' && checkObjectName(key, field, value));
  if (!isKnown) return false;
  connection.orm
    .insert(fieldVersions)
    // A value that is null is one too: drizzle would write that there is none.
    .values({ id, entity, key, field, value: value === null ? sql`'null'` : value, clock, basedOn, author })
    .onConflictDoUpdate({ target: fieldVersions.id, set: { clock, author } })
    .run();
  showField(connection, { entity, key, field });
  return true;
}

/** Put a field's current value where the program reads it; call it inside a transaction marked as receiving. */
export function showField(connection: Connection, name: FieldName): void {
  const state = readField(connection, name);
  if (state === undefined) return;
  const { value, clock } = state.current;
  if (name.entity === 'curator') showCurator(connection, name.key, clock);
  else if (name.entity === 'setting') showSetting(connection, name.key);
  else if (name.entity === 'run' && name.field === CONFIG_FIELD) showConfig(connection, name.key);
  else if (name.entity === 'run' && name.field === RAW_FIELD) showRaw(connection, name.key);
  else if (name.entity === 'run') showPlanes(connection, name.key);
  else if (name.entity === 'filter') showFilter(connection, name.key, value);
  else if (name.entity === 'sky-object') showObjectName(connection, name.key);
}

/** What workstations say of a run: where its images are, that somebody would like to see them, what it was made with and of. */
const RUN_FIELDS: Readonly<Record<string, z.ZodType>> = {
  [PLANES_FIELD]: SharedPlanesSchema,
  [WANTED_FIELD]: z.boolean(),
  [CONFIG_FIELD]: z.record(z.string(), z.unknown()),
  [RAW_FIELD]: SharedRawFilesSchema,
};

const CURATOR_FIELDS = ['name', 'shortId', 'colour', 'shape'] as const;

function isCuratorField(field: string): field is (typeof CURATOR_FIELDS)[number] {
  return (CURATOR_FIELDS as readonly string[]).includes(field);
}

function showCurator(connection: Connection, id: string, clock: string): void {
  const read = (field: string): Json | undefined =>
    readField(connection, { entity: 'curator', key: id, field })?.current.value;
  const name = read('name');
  const shortId = read('shortId');
  const colour = read('colour');
  const shape = read('shape');
  // Fields of a new profile come one after the other; until its name is here, its id stands for it.
  const row = {
    id,
    name: typeof name === 'string' ? name : id,
    shortId: typeof shortId === 'string' ? shortId : id.slice(-3).toUpperCase(),
    colour: typeof colour === 'number' && colour >= 0 && colour <= 7 ? Math.trunc(colour) : 0,
    shape: CURATOR_SHAPES.find((known) => known === shape) ?? CURATOR_SHAPES[0],
    clock,
  };
  connection.orm.insert(curators).values(row).onConflictDoUpdate({ target: curators.id, set: row }).run();
}
