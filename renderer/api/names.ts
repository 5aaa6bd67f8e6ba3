import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Run, SkyObject } from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { keys } from './queries.ts';

/** A candidate in the fewest words. */
export interface CandidateName {
  readonly id: string;
  readonly runId: string;
  readonly rank: number;
  readonly score: number;
  readonly snr: number;
  readonly raDeg?: number | undefined;
  readonly decDeg?: number | undefined;
}

/** A sky object in the fewest words. */
export type NamedObject = Pick<SkyObject, 'id' | 'name' | 'givenName' | 'raDeg' | 'decDeg'>;

/** Names kept at hand of each kind; what lies beyond is found on its screen. */
const NAMES = 10_000;

/** How long a list of names is taken for true, ms: what is found by name changes slowly. */
const FRESH_MS = 20_000;

/** The best candidates of the workspace by name. */
export function useCandidateNames() {
  return useQuery({
    queryKey: ['names', 'candidates'],
    queryFn: async ({ signal }): Promise<readonly CandidateName[]> =>
      (await client.detection.listCandidateNames({ limit: NAMES }, { signal })).names,
    staleTime: FRESH_MS,
  });
}

/** Sky objects by name: all that people gave one, then the best of the rest. */
export function useObjectNames() {
  return useQuery({
    queryKey: keys.objectNames,
    queryFn: async ({ signal }): Promise<readonly NamedObject[]> => {
      const [named, best] = await Promise.all([
        client.objects.listObjectNames({ limit: NAMES }, { signal }),
        client.catalog.listObjects({ limit: 1000 }, { signal }),
      ]);
      return [...named.items, ...best.items.filter(({ givenName }) => givenName === undefined)];
    },
    staleTime: FRESH_MS,
  });
}

/** Runs whose names, paths or instruments hold what was typed, found by the core: also the hundred thousandth. */
export function useFoundRuns(typed: string) {
  const words = typed.trim().replaceAll(/[":<>=-]/g, ' ');
  return useQuery({
    queryKey: [...keys.runs, 'found', words],
    queryFn: async ({ signal }): Promise<readonly Run[]> =>
      (await client.pipeline.listRuns({ limit: 50, ...(words === '' ? {} : { filter: words }) }, { signal }))
        .items,
    staleTime: FRESH_MS,
    placeholderData: keepPreviousData,
  });
}
