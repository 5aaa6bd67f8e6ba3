import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Candidate, Label, Verdict } from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { keys } from './queries.ts';

/** A verdict to be put on disk. */
export interface NewLabel {
  /** Made by us: sent twice, it is stored once. */
  readonly id: string;
  readonly candidateId: string;
  readonly verdict: Verdict;
  readonly reason?: string | undefined;
  readonly decisionMs: number;
  readonly scoreVisible: boolean;
}

/** Puts labels on disk and takes them back; both are done when the core has said so. */
export interface LabelLog {
  save(label: NewLabel): Promise<Label>;
  /** @param previous the label that counts again, if there was one before. */
  retract(label: { id: string; candidateId: string }, retractionId: string, previous?: Label): Promise<void>;
}

/** The label log of the core; lists that are in memory learn of a label as soon as it is on disk. */
export function useLabelLog(): LabelLog {
  const queries = useQueryClient();
  return useMemo(
    () => ({
      save: async ({ reason, ...label }) => {
        const saved = await client.curation.createLabel(reason === undefined ? label : { ...label, reason });
        note(queries, label.candidateId, saved, 1);
        return saved;
      },
      retract: async ({ id, candidateId }, retractionId, previous) => {
        await client.curation.retractLabel({ id, retractionId });
        note(queries, candidateId, previous, -1);
      },
    }),
    [queries],
  );
}

function note(queries: QueryClient, candidateId: string, label: Label | undefined, change: number): void {
  queries.setQueryData<number>(keys.labelCount, (count) => (count === undefined ? count : count + change));
  queries.setQueriesData<Candidate[]>({ queryKey: ['candidates'] }, (candidates) =>
    candidates?.some(({ id }) => id === candidateId)
      ? candidates.map((candidate) => (candidate.id === candidateId ? { ...candidate, label } : candidate))
      : candidates,
  );
}
