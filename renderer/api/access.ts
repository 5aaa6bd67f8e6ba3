import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiKey, AuditEntry, NewApiKey } from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { keys } from './queries.ts';

/** Entries asked for at once: more than a screen holds. */
const ENTRIES_PER_PAGE = 50;

/** Keys of programs, newest first. */
export function useApiKeys() {
  return useQuery({
    queryKey: keys.apiKeys,
    queryFn: async ({ signal }): Promise<readonly ApiKey[]> =>
      (await client.access.listKeys(undefined, { signal })).items,
    // Programs come while the window only looks on.
    refetchInterval: 30_000,
  });
}

/** Who wrote what, newest first; `fetchNextPage` goes further back. */
export function useAudit() {
  return useInfiniteQuery({
    queryKey: keys.audit,
    queryFn: ({ pageParam, signal }) =>
      client.access.listAudit(
        { limit: ENTRIES_PER_PAGE, ...(pageParam === undefined ? {} : { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    select: ({ pages }) => ({
      entries: pages.flatMap((page): AuditEntry[] => page.items),
      total: pages[0]?.total ?? 0,
    }),
  });
}

/** Makes a key; what it answers is shown once and kept nowhere, not even among the window's answers. */
export function useCreateKey() {
  const queries = useQueryClient();
  return useMutation({
    gcTime: 0,
    mutationFn: (wanted: NewApiKey) => client.access.createKey(wanted),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: keys.apiKeys }),
        queries.invalidateQueries({ queryKey: keys.audit }),
      ]),
  });
}

/** Lets a key in no more. */
export function useRevokeKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => client.access.revokeKey({ id }),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: keys.apiKeys }),
        queries.invalidateQueries({ queryKey: keys.audit }),
      ]),
  });
}
