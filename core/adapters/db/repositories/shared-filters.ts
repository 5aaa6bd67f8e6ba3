import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Json } from '../../../domains/sync/index.ts';
import type { Connection } from '../connection.ts';
import { settings } from '../schema/index.ts';

/** Filters kept at once, as the settings have it. */
const MOST = 100;

/** Name of a shared filter: which list it is of, and what it is called. */
const FilterKey = z.string().regex(/^(labelling|runs)\/.{1,60}$/su);

/** A filter as its list wrote it; what this version does not know of it stays. */
const SavedFilter = z.looseObject({ name: z.string().min(1).max(60) });

/**
 * Say whether this program knows what a filter's value is of.
 *
 * @throws ZodError where it is no filter, or not the one that its key names
 */
export function checkFilter(key: string, value: Json): boolean {
  if (!FilterKey.safeParse(key).success) return false;
  SavedFilter.refine(({ name }) => key.endsWith(`/${name}`))
    .nullable()
    .parse(value);
  return true;
}

/** Put a shared filter into the list it is of, or take it out; call it inside a transaction marked as receiving. */
export function showFilter(connection: Connection, key: string, value: Json): void {
  const isOfRuns = key.startsWith('runs/');
  const settingKey = isOfRuns ? 'settings.queue' : 'curation.filters';
  const kept = connection.orm.select().from(settings).where(eq(settings.key, settingKey)).get()?.value;
  const all = readList(isOfRuns ? readObject(kept).filters : kept);
  const name = key.slice(key.indexOf('/') + 1);
  const at = all.findIndex((one) => readObject(one).name === name);
  const others = at < 0 ? all : all.toSpliced(at, 1);
  // One that is changed stays in its place.
  const list = value === null ? others : others.toSpliced(at < 0 ? others.length : at, 0, value);
  if (list.length > MOST || JSON.stringify(list) === JSON.stringify(all)) return;
  const row = {
    value: isOfRuns ? { ...readObject(kept), filters: list } : list,
    updatedAt: connection.now(),
  };
  connection.orm
    .insert(settings)
    .values({ key: settingKey, ...row })
    .onConflictDoUpdate({ target: settings.key, set: row })
    .run();
}

function readList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function readObject(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? { ...value } : {};
}
