import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { QueueItem } from '../../../core/api/contract/index.ts';
import { askQueue, type LoadedQueue, type QueueRequest } from '../../api/labelling.ts';
import { type EventLog, useEventLog } from '../../api/labels.ts';
import { makeId } from '../../api/make-id.ts';
import { countLeft, type LabelQueue, type QueuePlace } from './label-queue.ts';
import { LabelSession } from './label-session.ts';

/** With fewer candidates left than this, more are asked for. */
const FEW_LEFT = 60;

/** A session and what is known of its candidates. */
interface Kept {
  readonly session: LabelSession;
  readonly items: Map<string, QueueItem>;
  nextCursor: string | undefined;
  isAsking: boolean;
}

/** Sessions live as long as the window: undo reaches back to its first act, whatever was visited in between. */
const sessions = new Map<string, Kept>();

/** The session of one queue: the same one whenever the screen comes back to it. */
export function useLabelSession(
  request: QueueRequest,
  loaded: LoadedQueue,
): {
  readonly session: LabelSession;
  readonly queue: LabelQueue;
  readonly items: ReadonlyMap<string, QueueItem>;
} {
  const log = useEventLog(request.curatorId);
  // Whether scores are shown changes what is on screen, not what is to be done.
  const { isBlind, ...wanted } = request;
  const key = JSON.stringify(wanted);
  const kept = useMemo(() => sessionOf(key, loaded, log), [key, loaded, log]);
  const queue = useSyncExternalStore(kept.session.subscribe, kept.session.snapshot);
  const latest = useRef(request);
  latest.current = request;
  const isShort = countLeft(queue) < FEW_LEFT;
  useEffect(() => {
    if (!isShort || kept.nextCursor === undefined || kept.isAsking) return;
    kept.isAsking = true;
    askQueue(latest.current, kept.nextCursor).then(
      (page) => {
        kept.isAsking = false;
        kept.nextCursor = page.nextCursor;
        take(kept, page.items);
      },
      // What could not be asked for now is asked for with the next label.
      () => {
        kept.isAsking = false;
      },
    );
  });
  return { session: kept.session, queue, items: kept.items };
}

function sessionOf(key: string, loaded: LoadedQueue, log: EventLog): Kept {
  const known = sessions.get(key);
  if (known !== undefined) {
    take(known, loaded.items);
    return known;
  }
  const kept: Kept = {
    session: new LabelSession(loaded.items.map(toPlace), { log, now: () => performance.now(), makeId }),
    items: new Map(loaded.items.map((item) => [item.candidateId, item])),
    nextCursor: loaded.nextCursor,
    isAsking: false,
  };
  sessions.set(key, kept);
  return kept;
}

function take(kept: Kept, items: readonly QueueItem[]): void {
  for (const item of items) kept.items.set(item.candidateId, item);
  kept.session.add(items.map(toPlace));
}

function toPlace({ candidateId, purpose, label, isFlagged, comments }: QueueItem): QueuePlace {
  return { candidateId, purpose, label, isFlagged, comments };
}
