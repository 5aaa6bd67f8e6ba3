import type { CatalogStore } from '../adapters/sky-tiles/index.ts';
import type { Cone, NearbyCatalog } from '../domains/catalog/index.ts';

/** From the best positions to the worst. */
const KINDS = ['gaia', 'panstarrs', 'plain'] as const;
/** Fewer stars than this around a field are an edge of what was imported, not a catalogue of the field. */
const LEAST_STARS = 6;

/**
 * Find the catalogues that have stars around a field, the best for positions first.
 *
 * @param limit most stars of each, the brightest.
 * @param only the name of the one to look in.
 * @throws catalog/no-catalog when `only` is not there; catalog/damaged
 */
export async function findNearbyCatalogs(
  store: CatalogStore,
  cone: Cone,
  limit: number,
  only?: string,
): Promise<readonly NearbyCatalog[]> {
  const all = await store.list();
  const kindOf = (name: string) => all.find((info) => info.name === name)?.kind ?? 'plain';
  const names = only === undefined ? all.map(({ name }) => name) : [only];
  const nearby = await Promise.all(
    names.map(async (name) => ({ name, kind: kindOf(name), stars: await store.cone(name, cone, limit) })),
  );
  return nearby
    .filter(({ stars }) => stars.count >= LEAST_STARS)
    .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || b.stars.count - a.stars.count);
}
