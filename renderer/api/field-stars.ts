import { useQuery } from '@tanstack/react-query';
import type { FieldStars } from '../../core/api/contract/index.ts';
import { client } from './client.ts';

/** Stars asked for at once: more are no use to eyes. */
const MOST_STARS = 100_000;

/** Stars of the imported catalogues over the image of a run; asked for when they are wanted. */
export function useFieldStars(runId: string, isWanted: boolean) {
  return useQuery({
    queryKey: ['field-stars', runId],
    queryFn: async ({ signal }): Promise<FieldStars[]> =>
      (await client.catalog.listFieldStars({ id: runId, limit: MOST_STARS }, { signal })).catalogs,
    enabled: isWanted,
  });
}
