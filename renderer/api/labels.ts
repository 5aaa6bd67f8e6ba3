import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Candidate, Label, NewCurationEvent } from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { keys } from './queries.ts';

/** Puts what a curator does on disk; done when the core has said so. */
export interface EventLog {
  /** All of it or none. @returns the labels among it, as they were stored. */
  record(events: readonly NewCurationEvent[]): Promise<readonly Label[]>;
}

/** Labels that were recorded here and count: undo reaches back to the window's first one. */
const recorded = new Set<string>();

/** The curator's log in the core; lists that are in memory learn of a label as soon as it is on disk. */
export function useEventLog(curatorId: string): EventLog {
  const queries = useQueryClient();
  return useMemo(
    () => ({
      record: async (events) => {
        const { labels } = await client.curation.recordEvents({ curatorId, events: [...events] });
        const retracted = events.filter((event) => event.kind === 'retraction');
        for (const { id } of labels) recorded.add(id);
        // Comments are taken back too, and were never counted.
        const lost = retracted.filter(({ retractsId }) => recorded.delete(retractsId)).length;
        note(queries, labels, labels.length - lost);
        if (retracted.length > 0) void queries.invalidateQueries({ queryKey: ['candidates'] });
        return labels;
      },
    }),
    [queries, curatorId],
  );
}

function note(queries: QueryClient, labels: readonly Label[], change: number): void {
  queries.setQueryData<number>(keys.labelCount, (count) => (count === undefined ? count : count + change));
  if (labels.length === 0) return;
  const byCandidate = new Map(labels.map((label) => [label.candidateId, label]));
  queries.setQueriesData<Candidate[]>({ queryKey: ['candidates'] }, (candidates) =>
    candidates?.some(({ id }) => byCandidate.has(id))
      ? candidates.map((candidate) => {
          const label = byCandidate.get(candidate.id);
          return label === undefined ? candidate : { ...candidate, label };
        })
      : candidates,
  );
}
