import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { client } from './client.ts';

/** Known bodies over the image of a run: what was asked before, and asking, which goes over the network. */
export function useMovingObjects(runId: string, isWanted: boolean) {
  const queries = useQueryClient();
  const queryKey = ['moving-objects', runId];
  const known = useQuery({
    queryKey,
    queryFn: ({ signal }) => client.catalog.listMovingObjects({ id: runId }, { signal }),
    enabled: isWanted,
  });
  const ask = useMutation({
    mutationFn: () => client.catalog.findMovingObjects({ id: runId }),
    onSuccess: (found) => queries.setQueryData(queryKey, found),
  });
  return { known, ask };
}
