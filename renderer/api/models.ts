import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Model, ScoreCounts } from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { keys } from './queries.ts';

/** What the registry holds, and how it was chosen from. */
export interface Registry {
  readonly models: readonly Model[];
  /** Oldest first. */
  readonly choices: readonly { readonly version: string; readonly at: string }[];
}

/** Score models, newest first. */
export const modelsQuery = queryOptions({
  queryKey: keys.models,
  queryFn: ({ signal }): Promise<Registry> => client.detection.listModels(undefined, { signal }),
});

/** How the candidates of a model lie by score; asked anew whenever the screen is opened. */
export function useScoreCounts(modelVersion: string | undefined) {
  return useQuery({
    queryKey: [...keys.models, 'scores', modelVersion ?? ''],
    queryFn: ({ signal }): Promise<ScoreCounts> =>
      client.detection.countScores({ modelVersion: modelVersion! }, { signal }),
    enabled: modelVersion !== undefined,
    staleTime: 0,
  });
}
