import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { QueueItem } from '../../../core/api/contract/index.ts';
import { fetchEpochCutouts } from '../../api/epochs.ts';
import { epochsOf, neighboursOf } from '../../api/labelling.ts';
import { fetchTriplet, findTriplet } from '../../api/triplets.ts';
import { useViewer } from '../../viewer/index.ts';
import type { LabelQueue } from './label-queue.ts';
import type { LabelSession } from './label-session.ts';
import { LOOKED_AT_MS } from './use-dwell.ts';

/** Triplets made ready before and behind the one on screen. */
const AHEAD = 24;
const BEHIND = 6;

/** Candidates whose surroundings are asked for in advance, so that they come with their pixels. */
const KNOWN_AHEAD = 2;

/** Time within which pixels are asked for, however busy the window is, ms. */
const WITHIN_MS = 100;

/**
 * Bring what comes next into memory and onto the graphics card, when the frame of this candidate has been made.
 *
 * No key waits for it: a candidate that is not ready asks for itself.
 */
export function usePrefetch(
  session: LabelSession,
  queue: LabelQueue,
  byId: ReadonlyMap<string, QueueItem>,
): void {
  const { canvas } = useViewer();
  const queries = useQueryClient();
  const { items, cursor } = queue;
  useEffect(() => {
    const abort = new AbortController();
    const idle = requestIdleCallback(
      () => {
        const near = [
          ...items.slice(cursor, cursor + AHEAD + 1),
          ...items.slice(Math.max(0, cursor - BEHIND), cursor),
        ];
        const addresses = near
          .map(({ candidateId }) => byId.get(candidateId)?.tripletSha256)
          .filter((sha256) => sha256 !== undefined);
        // A triplet that cannot be read says so when it is shown; here it is only not ready in advance.
        void Promise.allSettled(addresses.map(fetchTriplet)).then(() => {
          if (abort.signal.aborted) return;
          const ready = addresses.map(findTriplet).filter((triplet) => triplet !== undefined);
          canvas?.prefetch(
            ready.flatMap(({ science, template, difference }) => [science, template, difference]),
          );
        });
      },
      { timeout: WITHIN_MS },
    );
    // After what this candidate asks for itself, and well before the next key of somebody who labels quickly.
    const dwell = setTimeout(() => {
      // A label that is on its way has the right of way; the candidate after it asks again.
      if (session.queue.saving !== undefined) return;
      const next = items.slice(cursor + 1).filter(({ label }) => label === undefined);
      for (const { candidateId } of next.slice(0, KNOWN_AHEAD)) {
        void queries.prefetchQuery(neighboursOf(candidateId));
        void queries
          .prefetchQuery(epochsOf(candidateId))
          .then(() =>
            fetchEpochCutouts(queries.getQueryData(epochsOf(candidateId).queryKey) ?? [], abort.signal),
          );
      }
    }, LOOKED_AT_MS);
    return () => {
      abort.abort();
      cancelIdleCallback(idle);
      clearTimeout(dwell);
    };
  }, [canvas, queries, session, items, cursor, byId]);
}
