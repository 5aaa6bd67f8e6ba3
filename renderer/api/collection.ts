import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Collection, CollectionRequest } from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { keys } from './queries.ts';

const collectionKey = [...keys.sync, 'collection'] as const;

/** How often a collection that runs is asked how far it is, ms. */
const BUSY_MS = 300;

/** The collection of unwanted pixels: how far it is, and what starts and stops one. */
export function useCollection() {
  const queries = useQueryClient();
  const state = useQuery({
    queryKey: collectionKey,
    queryFn: ({ signal }): Promise<Collection> => client.collection.getCollection(undefined, { signal }),
    refetchInterval: ({ state: { data } }) => (data?.kind === 'running' ? BUSY_MS : false),
  });
  const keep = (answer: Collection): void => void queries.setQueryData(collectionKey, answer);
  const start = useMutation({
    mutationFn: (request: CollectionRequest) => client.collection.startCollection(request),
    onSuccess: keep,
  });
  const stop = useMutation({ mutationFn: () => client.collection.stopCollection(), onSuccess: keep });
  return { state: state.data, start, stop };
}
