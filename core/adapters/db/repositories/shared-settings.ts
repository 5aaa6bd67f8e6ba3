import { z } from 'zod';
import type { Json } from '../../../domains/sync/index.ts';
import type { Connection } from '../connection.ts';
import { settings } from '../schema/index.ts';
import { projectByRules } from './project-candidates.ts';
import { CONSENSUS_KEY, readConsensus } from './project-labels.ts';
import { readField } from './read-field.ts';
import { TAXONOMY_KEY } from './record-events.ts';

/** Rules of consensus, and what each may be. */
const RULES = {
  labelsWanted: z.number().int().min(1).max(20),
  labelsOnDispute: z.number().int().min(1).max(20),
  retireAt: z.number().min(0).max(1),
  repeatFraction: z.number().min(0).max(1),
  goldFraction: z.number().min(0).max(1),
} as const;

/** Settings that a whole project follows, by their fields: those of consensus came as one value before. */
const SHARED_SETTINGS: Readonly<Record<string, Readonly<Record<string, z.ZodType>>>> = {
  [CONSENSUS_KEY]: { ...RULES, value: z.object(RULES) },
  [TAXONOMY_KEY]: { value: z.object({ id: z.string(), version: z.number().int().min(1) }) },
};

/**
 * Say whether this program knows a field of a setting.
 *
 * @throws ZodError where the value is none that it could have
 */
export function checkSetting(key: string, field: string, value: Json): boolean {
  const schema = Object.hasOwn(SHARED_SETTINGS, key) ? SHARED_SETTINGS[key] : undefined;
  if (schema === undefined || !Object.hasOwn(schema, field)) return false;
  schema[field]!.parse(value);
  return true;
}

/** Put a setting that a project follows where the program reads it. */
export function showSetting(connection: Connection, key: string): void {
  const before = readConsensus(connection);
  const read = (field: string): Json | undefined =>
    readField(connection, { entity: 'setting', key, field })?.current.value;
  const whole = read('value');
  const fields =
    key === CONSENSUS_KEY
      ? Object.keys(RULES).flatMap((rule) => {
          const value = read(rule);
          return value === undefined ? [] : [[rule, value] as const];
        })
      : [];
  // A rule that somebody set by itself goes before what came with all of them.
  const value =
    key === CONSENSUS_KEY
      ? { ...before, ...(whole as object | undefined), ...Object.fromEntries(fields) }
      : whole;
  const updatedAt = connection.now();
  connection.orm
    .insert(settings)
    .values({ key, value, updatedAt })
    .onConflictDoUpdate({ target: settings.key, set: { value, updatedAt } })
    .run();
  if (key === CONSENSUS_KEY) projectByRules(connection, before);
}
