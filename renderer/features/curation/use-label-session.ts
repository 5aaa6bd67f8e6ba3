import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { Candidate } from '../../../core/api/contract/index.ts';
import { type LabelLog, useLabelLog } from '../../api/labels.ts';
import { makeId } from '../../api/make-id.ts';
import { fetchTriplet, findTriplet } from '../../api/triplets.ts';
import { useViewer } from '../../viewer/index.ts';
import type { LabelQueue } from './label-queue.ts';
import { LabelSession } from './label-session.ts';

/** Triplets made ready before and behind the one on screen. */
const AHEAD = 24;
const BEHIND = 6;

/** Sessions live as long as the window: undo reaches back to its first label, whatever was visited in between. */
const sessions = new Map<string, LabelSession>();

/** The session of one run: the same one whenever the screen comes back to it. */
export function useLabelSession(
  runId: string,
  candidates: readonly Candidate[],
): { session: LabelSession; queue: LabelQueue } {
  const log = useLabelLog();
  const session = useMemo(() => sessionOf(runId, candidates, log), [runId, candidates, log]);
  const queue = useSyncExternalStore(session.subscribe, session.snapshot);
  return { session, queue };
}

/** Bring the triplets around the cursor into memory and onto the graphics card. */
export function usePrefetch(queue: LabelQueue, byId: ReadonlyMap<string, Candidate>): void {
  const { canvas } = useViewer();
  const { items, cursor } = queue;
  useEffect(() => {
    const near = [
      ...items.slice(cursor, cursor + AHEAD + 1),
      ...items.slice(Math.max(0, cursor - BEHIND), cursor),
    ];
    const addresses = near
      .map(({ candidateId }) => byId.get(candidateId)?.tripletSha256)
      .filter((sha256) => sha256 !== undefined);
    let isCurrent = true;
    // A triplet that cannot be read says so when it is shown; here it is only not ready in advance.
    void Promise.allSettled(addresses.map(fetchTriplet)).then(() => {
      if (!isCurrent) return;
      const ready = addresses.map(findTriplet).filter((triplet) => triplet !== undefined);
      canvas?.prefetch(ready.flatMap(({ science, template, difference }) => [science, template, difference]));
    });
    return () => {
      isCurrent = false;
    };
  }, [canvas, items, cursor, byId]);
}

function sessionOf(runId: string, candidates: readonly Candidate[], log: LabelLog): LabelSession {
  const items = candidates.map(({ id, label }) => ({ candidateId: id, label }));
  const known = sessions.get(runId);
  if (known !== undefined) {
    known.add(items);
    return known;
  }
  const session = new LabelSession(items, { log, now: () => performance.now(), makeId });
  sessions.set(runId, session);
  return session;
}
