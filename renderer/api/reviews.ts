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

/** Which difference something is done to. */
export interface OnDifference {
  readonly runId: string;
  /** What people call its field. */
  readonly name: string;
}

/** What a person decides on a difference, and why. */
export interface Decision extends OnDifference {
  readonly decision: Review['decision'];
  readonly comment: string;
}

/**
 * Puts a decision on a difference on disk, and takes the newest one back; each is done when the core has said so, and
 * begins when the one before is done: no key of a burst is lost.
 *
 * Each is told its difference: it may fail, or be tried again, when the person is before another one.
 */
export function useReviewLog() {
  const queries = useQueryClient();
  const refresh = async (_: unknown, { runId }: OnDifference): Promise<void> => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: keys.difference(runId) }),
      queries.invalidateQueries({ queryKey: keys.runs }),
    ]);
  };
  // One for all: a mutation that waits takes on the scope of the render after it, and would never leave its own.
  const scope = { id: 'review' };
  const decide = useMutation({
    scope,
    mutationFn: ({ runId, decision, comment }: Decision) =>
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
    mutationFn: async ({ runId }: OnDifference): Promise<Review | undefined> => {
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
