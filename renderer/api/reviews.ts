import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Candidate, DifferenceFacts, Review } from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { makeId } from './make-id.ts';
import { keys } from './queries.ts';

/** What the grade of a difference rests on, and what was decided on it. */
export function useDifferenceFacts(runId: string) {
  return useQuery({
    queryKey: keys.difference(runId),
    queryFn: ({ signal }): Promise<DifferenceFacts> =>
      client.differencing.explainDifference({ id: runId }, { signal }),
  });
}

/** Detections asked for at once. */
const DETECTIONS_PER_PAGE = 1000;

/** Detections of one run that a veto kept from being candidates, most significant first. */
export function vetoedOf(runId: string) {
  return queryOptions({
    queryKey: keys.vetoed(runId),
    queryFn: async ({ signal }): Promise<Candidate[]> => {
      const found: Candidate[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await client.detection.listCandidates(
          {
            runId,
            vetoed: 'true',
            order: 'snr',
            limit: DETECTIONS_PER_PAGE,
            ...(cursor === undefined ? {} : { cursor }),
          },
          { signal },
        );
        found.push(...page.items);
        cursor = page.nextCursor;
        if (cursor === undefined) return found;
      }
    },
  });
}

/**
 * Puts a decision on a difference on disk, and takes the newest one back; each is done when the core has said so, and
 * begins when the one before is done: no key of a burst is lost.
 */
export function useReviewLog(runId: string) {
  const queries = useQueryClient();
  const refresh = async (): Promise<void> => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: keys.difference(runId) }),
      queries.invalidateQueries({ queryKey: keys.runs }),
    ]);
  };
  const scope = { id: `review-${runId}` };
  const decide = useMutation({
    scope,
    mutationFn: ({ decision, comment }: { decision: Review['decision']; comment: string }) =>
      client.differencing.createReview({
        runId,
        id: makeId(),
        decision,
        ...(comment.trim() === '' ? {} : { comment: comment.trim() }),
      }),
    onSuccess: refresh,
  });
  const takeBack = useMutation({
    scope,
    mutationFn: async (): Promise<Review | undefined> => {
      // What stands is known when those before have been answered.
      const review = queries.getQueryData<DifferenceFacts>(keys.difference(runId))?.review;
      if (review !== undefined)
        await client.differencing.retractReview({ id: review.id, retractionId: makeId() });
      return review;
    },
    onSuccess: refresh,
  });
  return { decide, takeBack };
}
