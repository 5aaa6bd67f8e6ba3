import { queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Candidate, Field, Run } from '../../core/api/contract/index.ts';
import { client } from './client.ts';

/** Names of answers in the query cache. */
export const keys = {
  runs: ['runs'] as const,
  run: (id: string) => ['run', id] as const,
  field: (id: string) => ['field', id] as const,
  candidates: (runId: string) => ['candidates', runId] as const,
  samp: ['samp'] as const,
  vetoed: (runId: string) => ['vetoed', runId] as const,
  difference: (runId: string) => ['difference', runId] as const,
  labelCount: ['label-count'] as const,
  catalog: ['catalog'] as const,
  objectNames: ['names', 'objects'] as const,
  system: ['system'] as const,
  executions: ['executions'] as const,
  models: ['models'] as const,
  sync: ['sync'] as const,
  shared: ['shared'] as const,
  apiKeys: ['api-keys'] as const,
  audit: ['audit'] as const,
};

/** Rows asked for at once: a screen holds about thirty. */
const RUNS_PER_PAGE = 200;
const CANDIDATES_PER_PAGE = 1000;

/** Runs, newest first; `fetchNextPage` when the list is scrolled to its end. */
export function useRuns() {
  return useInfiniteQuery({
    queryKey: keys.runs,
    queryFn: ({ pageParam, signal }) =>
      client.pipeline.listRuns(
        pageParam === undefined ? { limit: RUNS_PER_PAGE } : { limit: RUNS_PER_PAGE, cursor: pageParam },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    select: ({ pages }) => ({
      runs: pages.flatMap((page): Run[] => page.items),
      total: pages[0]?.total ?? 0,
    }),
  });
}

/** Planes and sky of one run. */
export function useField(runId: string | undefined) {
  return useQuery({
    queryKey: keys.field(runId ?? ''),
    queryFn: ({ signal }): Promise<Field> => client.pipeline.getField({ id: runId! }, { signal }),
    enabled: runId !== undefined,
  });
}

/** All candidates of one run, best first. */
export function candidatesOf(runId: string) {
  return queryOptions({
    queryKey: keys.candidates(runId),
    queryFn: async ({ signal }): Promise<Candidate[]> => {
      const candidates: Candidate[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await client.detection.listCandidates(
          { runId, order: 'score', limit: CANDIDATES_PER_PAGE, ...(cursor === undefined ? {} : { cursor }) },
          { signal },
        );
        candidates.push(...page.items);
        cursor = page.nextCursor;
        if (cursor === undefined) return candidates;
      }
    },
  });
}

/** How many labels are on disk. */
export function useLabelCount() {
  return useQuery({
    queryKey: keys.labelCount,
    queryFn: async ({ signal }) => (await client.curation.listLabels({ limit: 1 }, { signal })).total,
  });
}

/** What this workstation is made of, and what of it works. */
export function useSystem() {
  return useQuery({
    queryKey: keys.system,
    queryFn: ({ signal }) => client.api.system(undefined, { signal }),
  });
}

/** How often it is asked how much the others have, ms: no key press waits for it. */
const SHARED_MS = 10_000;

/** How many label events wait for the others, and whether the catalogue answered when it was asked last. */
export function useShared() {
  return useQuery({
    queryKey: keys.shared,
    queryFn: ({ signal }) => client.sync.getSyncState(undefined, { signal }),
    select: ({ connection, isOffline, toSendByKind, labelEvents }) => ({
      isConnected: connection !== undefined,
      isOffline: connection === undefined || isOffline,
      events: labelEvents.reduce((sum, { count }) => sum + count, 0),
      waiting: toSendByKind.find(({ entity }) => entity === 'curation-event')?.count ?? 0,
    }),
    refetchInterval: SHARED_MS,
  });
}
