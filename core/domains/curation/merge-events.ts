import type {
  AdjudicationEvent,
  CandidateCuration,
  CommentEvent,
  CurationEvent,
  LabelEvent,
} from './model.ts';

/**
 * Join two sets of events into one: every event of both, once.
 *
 * The order of the sets and of what is in them does not matter, nor how often they are joined: merging is
 * associative, commutative and idempotent. Two different events under one id cannot come from this program; if
 * they do, both machines keep the same one of the two.
 *
 * @returns in the order of the clock.
 */
export function mergeEvents(
  ours: readonly CurationEvent[],
  theirs: readonly CurationEvent[],
): readonly CurationEvent[] {
  const byId = new Map<string, CurationEvent>();
  for (const event of [...ours, ...theirs]) {
    const known = byId.get(event.id);
    if (known === undefined || writeCanonically(event) < writeCanonically(known)) byId.set(event.id, event);
  }
  return [...byId.values()].sort(compareEvents);
}

/** Order events as all machines order them: by clock, and by id where two clocks gave the same stamp. */
export function compareEvents(a: CurationEvent, b: CurationEvent): number {
  return compareText(a.clock, b.clock) || compareText(a.id, b.id);
}

/** Tell whether two events say the same. */
export function isSameEvent(a: CurationEvent, b: CurationEvent): boolean {
  return writeCanonically(a) === writeCanonically(b);
}

/**
 * Say what stands of one candidate after all its events.
 *
 * A retraction counts only for events of its own curator, whenever it arrives: nobody takes back another's word,
 * and an event that comes after its retraction stays taken back.
 *
 * @param events of one candidate, in any order, each once.
 */
export function foldEvents(candidateId: string, events: readonly CurationEvent[]): CandidateCuration {
  const retracted = new Set(
    events.flatMap((event) => (event.kind === 'retraction' ? [`${event.curator}\n${event.retractsId}`] : [])),
  );
  const standing = events
    .filter((event) => event.kind !== 'retraction' && !retracted.has(`${event.curator}\n${event.id}`))
    .sort(compareEvents);
  const labels = new Map<string, LabelEvent>();
  const flags = new Map<string, boolean>();
  const revealed = new Set<string>();
  const comments: CommentEvent[] = [];
  let adjudication: AdjudicationEvent | undefined;
  for (const event of standing) {
    switch (event.kind) {
      case 'label':
        labels.set(event.curator, event);
        break;
      case 'comment':
        comments.push(event);
        break;
      case 'flag':
        flags.set(event.curator, event.isSet);
        break;
      case 'reveal':
        revealed.add(event.curator);
        break;
      case 'adjudication':
        adjudication = event;
        break;
    }
  }
  return {
    candidateId,
    labels: [...labels.values()].sort(compareEvents),
    comments,
    flaggedBy: [...flags].flatMap(([curator, isSet]) => (isSet ? [curator] : [])).sort(compareText),
    revealedTo: [...revealed].sort(compareText),
    ...(adjudication === undefined ? {} : { adjudication }),
  };
}

/** Say what stands of every candidate that events speak of. */
export function foldAll(events: readonly CurationEvent[]): ReadonlyMap<string, CandidateCuration> {
  const byCandidate = new Map<string, CurationEvent[]>();
  for (const event of events) {
    const own = byCandidate.get(event.candidateId);
    if (own === undefined) byCandidate.set(event.candidateId, [event]);
    else own.push(event);
  }
  return new Map([...byCandidate].map(([id, own]) => [id, foldEvents(id, own)]));
}

/**
 * Keep from a curator what others said of a candidate that the curator has not judged: it would lean on the verdict.
 *
 * One's own words are always one's own to see.
 */
export function hideOthers(curation: CandidateCuration, curator: string): CandidateCuration {
  const { labels, comments, flaggedBy, revealedTo } = curation;
  if (labels.some((label) => label.curator === curator)) return curation;
  const isOwn = (one: { readonly curator: string }): boolean => one.curator === curator;
  return {
    candidateId: curation.candidateId,
    labels: [],
    comments: comments.filter(isOwn),
    flaggedBy: flaggedBy.filter((id) => id === curator),
    revealedTo: revealedTo.filter((id) => id === curator),
  };
}

function writeCanonically(event: CurationEvent): string {
  const entries = Object.entries(event).filter(([, value]) => value !== undefined);
  return JSON.stringify(entries.sort(([a], [b]) => compareText(a, b)));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
