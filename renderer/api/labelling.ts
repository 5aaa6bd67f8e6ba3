import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  Curator,
  Epoch,
  Neighbour,
  QueueFilter,
  QueueItem,
  QueueOrder,
  RunPoint,
  SavedFilter,
  Taxonomy,
} from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { makeId } from './make-id.ts';

/** What a queue is asked for by. */
export interface QueueRequest {
  readonly curatorId: string;
  readonly order: QueueOrder;
  readonly filter: QueueFilter;
  readonly isBlind: boolean;
  readonly hasControls: boolean;
}

/** A queue as far as it was read. */
export interface LoadedQueue {
  readonly items: readonly QueueItem[];
  readonly nextCursor: string | undefined;
  readonly left: { readonly count: number; readonly isAtLeast: boolean } | undefined;
}

/** Candidates that one queue holds in memory before it is asked on. */
const FIRST_ITEMS = 400;
/** Questions at most that look for them: a filter that fits few passes over many. */
const FIRST_QUESTIONS = 12;

/** The beginning of a queue. */
export function queueOf(request: QueueRequest) {
  return queryOptions({
    queryKey: ['labelling', request],
    // A queue does not change under its reader: what others do meanwhile comes with the next one.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: async ({ signal }): Promise<LoadedQueue> => {
      const first = await askQueue(request, undefined, signal);
      let { items, nextCursor } = first;
      for (let asked = 1; asked < FIRST_QUESTIONS && items.length < FIRST_ITEMS && nextCursor; asked++) {
        const page = await askQueue(request, nextCursor, signal);
        items = [...items, ...page.items];
        nextCursor = page.nextCursor;
      }
      return { items, nextCursor, left: first.left };
    },
  });
}

/** More of a queue. */
export async function askQueue(
  request: QueueRequest,
  cursor: string | undefined,
  signal?: AbortSignal,
): Promise<LoadedQueue> {
  const { items, nextCursor, left } = await client.labelling.listQueue(
    { ...request, limit: 200, ...(cursor === undefined ? {} : { cursor }) },
    signal === undefined ? {} : { signal },
  );
  return { items, nextCursor, left };
}

/** Ask for the score of a candidate; that it was shown is recorded first. */
export async function revealScore(curatorId: string, candidateId: string): Promise<number> {
  return (await client.labelling.revealScore({ curatorId, candidateId, id: makeId() })).score;
}

/** Who labels here, and who of them now. */
export const curatorsQuery = queryOptions({
  queryKey: ['curators'],
  queryFn: ({ signal }) => client.curation.listCurators(undefined, { signal }),
});

/** Who labels here; `undefined` until the core has answered. */
export function useCurators(): { items: readonly Curator[]; currentId: string } | undefined {
  return useQuery(curatorsQuery).data;
}

/** What changes profiles. */
export function useChangeCurator(): {
  save: (curator: Curator) => Promise<void>;
  choose: (id: string) => Promise<void>;
} {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: curatorsQuery.queryKey });
  return {
    save: async (curator) => {
      await client.curation.saveCurator(curator);
      await refresh();
    },
    choose: async (id) => {
      await client.curation.chooseCurator({ id });
      await refresh();
    },
  };
}

/** The rules of consensus. */
export const consensusRules = queryOptions({
  queryKey: ['consensus-rules'],
  queryFn: ({ signal }) => client.curation.getConsensus(undefined, { signal }),
});

/** The taxonomy in use. */
export function useTaxonomy(): Taxonomy | undefined {
  return useQuery({
    queryKey: ['taxonomy'],
    queryFn: ({ signal }) => client.curation.getTaxonomy(undefined, { signal }),
  }).data;
}

const filtersKey = ['labelling-filters'];

/** Filters that were named, and what keeps and forgets them. */
export function useSavedFilters(): {
  items: readonly SavedFilter[];
  save: (filter: SavedFilter) => Promise<void>;
  drop: (name: string) => Promise<void>;
} {
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: filtersKey,
    queryFn: ({ signal }) => client.labelling.listFilters(undefined, { signal }),
  });
  const refresh = () => queries.invalidateQueries({ queryKey: filtersKey });
  return {
    items: data?.items ?? [],
    save: async (filter) => {
      await client.labelling.saveFilter(filter);
      await refresh();
    },
    drop: async (name) => {
      await client.labelling.dropFilter({ name });
      await refresh();
    },
  };
}

/** Science images at a candidate's place, by time. */
export function epochsOf(candidateId: string) {
  return queryOptions({
    queryKey: ['epochs', candidateId],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<readonly Epoch[]> =>
      (await client.labelling.listEpochs({ id: candidateId }, { signal })).items,
  });
}

/** Stars of the imported catalogues near a candidate. */
export function neighboursOf(candidateId: string) {
  return queryOptions({
    queryKey: ['neighbours', candidateId],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({
      signal,
    }): Promise<{ readonly catalogs: readonly string[]; readonly items: readonly Neighbour[] }> =>
      client.labelling.listNeighbours({ id: candidateId }, { signal }),
  });
}

/** Forced fluxes at a place in every run that covers it. */
export function lightCurveAt(raDeg: number, decDeg: number) {
  return queryOptions({
    queryKey: ['light-curve', raDeg, decDeg],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<readonly RunPoint[]> =>
      (await client.detection.measureLightCurve({ raDeg, decDeg }, { signal })).points,
  });
}

/** What was said of a candidate, as far as the curator may know it. */
export function curationOf(candidateId: string, curatorId: string) {
  return queryOptions({
    queryKey: ['curation', candidateId, curatorId],
    queryFn: ({ signal }) => client.curation.getCuration({ id: candidateId, curatorId }, { signal }),
  });
}

/** Candidates whose labels differ. */
export function openCandidates(curatorId: string) {
  return queryOptions({
    queryKey: ['curation-open', curatorId],
    staleTime: 0,
    queryFn: async ({ signal }) => (await client.curation.listOpen({ curatorId }, { signal })).items,
  });
}

/** One candidate with everything that is known of it: for those who are not blind any more. */
export function useCandidate(candidateId: string | undefined) {
  return useQuery({
    queryKey: ['candidate', candidateId],
    queryFn: ({ signal }) => client.detection.getCandidate({ id: candidateId! }, { signal }),
    enabled: candidateId !== undefined,
  });
}

/** How far people agree on the candidates of a field, or of all; asked anew whenever it is looked at. */
export function useAgreement(runId: string | undefined) {
  return useQuery({
    queryKey: ['agreement', runId],
    queryFn: async ({ signal }) =>
      (await client.curation.measureAgreement(runId === undefined ? {} : { runId }, { signal })).all,
    staleTime: 0,
  });
}
