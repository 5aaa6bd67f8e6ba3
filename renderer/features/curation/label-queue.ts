import type { Confidence, Label, Purpose, Verdict } from '../../../core/api/contract/index.ts';

/** One place in the queue. */
export interface QueuePlace {
  readonly candidateId: string;
  readonly purpose: Purpose;
  /** The curator's own label that counts now. */
  readonly label: Label | undefined;
  readonly isFlagged: boolean;
  readonly comments: number;
}

/** What a person says of a candidate, and under which circumstances. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly classId?: string | undefined;
  readonly confidence?: Confidence | undefined;
  readonly scoreVisible: boolean;
  readonly viewHash?: string | undefined;
}

/**
 * A judgement as its key gives it: keys that wait mean candidates which are not on screen yet, so whether a score was
 * seen is asked of the candidate that is judged.
 */
export interface GivenJudgement extends Omit<Judgement, 'scoreVisible'> {
  readonly scoreVisible: boolean | ((candidateId: string) => boolean);
}

/** One thing done to one candidate. */
export type Deed =
  | {
      readonly kind: 'label';
      readonly candidateId: string;
      readonly purpose: Purpose;
      readonly judgement: Judgement;
    }
  | { readonly kind: 'flag'; readonly candidateId: string; readonly isSet: boolean }
  | { readonly kind: 'comment'; readonly candidateId: string; readonly text: string };

/** What one key did: taken back and done again as a whole. */
export interface Act {
  readonly deeds: readonly Deed[];
  /** Ids of the events that say it, one a deed; others after it was done again. */
  readonly ids: readonly string[];
  /** The labels that counted before, one a deed. */
  readonly previous: readonly (Label | undefined)[];
  /** Labels that came of it, one a deed; none for flags and comments. */
  readonly labels: readonly (Label | undefined)[];
}

/** What a key asks for. Ids are made when the key is pressed, so that a repeated request is the same one. */
export type Command =
  | { readonly kind: 'label'; readonly id: string; readonly judgement: GivenJudgement }
  /** Judge many at once: the rest of a page. Those that have a label keep it. */
  | {
      readonly kind: 'label-all';
      readonly ids: readonly string[];
      readonly candidateIds: readonly string[];
      readonly judgement: Judgement;
    }
  | { readonly kind: 'flag'; readonly id: string }
  | { readonly kind: 'comment'; readonly id: string; readonly text: string }
  | { readonly kind: 'undo'; readonly makeId: () => string }
  | { readonly kind: 'redo'; readonly makeId: () => string }
  | { readonly kind: 'move'; readonly by: number }
  | { readonly kind: 'go'; readonly candidateId: string }
  | { readonly kind: 'skip' }
  /** Say how sure the next verdict on this candidate is; said twice, it is taken back. */
  | { readonly kind: 'confidence'; readonly confidence: Confidence }
  /** Do something that is no label with the candidate that these keys mean, when it is on screen. */
  | {
      readonly kind: 'call';
      readonly run: (candidateId: string) => void;
      /** Opens what takes the keys: those pressed before it is there are its letters, and no verdicts. */
      readonly takesKeys?: boolean | undefined;
    };

/** The one request that is on its way to the disk. */
export interface Save {
  readonly kind: 'do' | 'undo' | 'redo';
  readonly act: Act;
  /** Ids of the events that are sent; sent twice, they are stored once. */
  readonly ids: readonly string[];
  readonly startedMs: number;
}

/**
 * The queue of candidates before a person.
 *
 * A decision is acknowledged from the disk before the next candidate is shown; keys pressed meanwhile wait in order,
 * and each labels exactly one candidate.
 */
export interface LabelQueue {
  readonly items: readonly QueuePlace[];
  /** Place of the candidate on screen; `items.length` is the end. */
  readonly cursor: number;
  readonly saving: Save | undefined;
  /** Keys pressed while a request was on its way, oldest first. */
  readonly waiting: readonly Command[];
  /** Why the request on its way has not reached the disk; it stays until it is tried again or given up. */
  readonly failure: { readonly code: string; readonly message: string } | undefined;
  /** How sure the next verdict on the candidate on screen is. */
  readonly confidence: Confidence | undefined;
  /** What is to be called now, oldest first. */
  readonly due: readonly (() => void)[];
  /** What undo takes back, newest last; without limit. */
  readonly history: readonly Act[];
  /** What redo does again, newest last; gone when something new is done. */
  readonly undone: readonly Act[];
  /** Labels saved in this session and not taken back. */
  readonly savedCount: number;
}

export type QueueEvent =
  | { readonly kind: 'pressed'; readonly command: Command; readonly nowMs: number }
  | { readonly kind: 'saved'; readonly labels: readonly Label[]; readonly nowMs: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'retried'; readonly nowMs: number }
  | { readonly kind: 'given-up' }
  | { readonly kind: 'called' }
  | { readonly kind: 'found'; readonly items: readonly QueuePlace[] };

/**
 * Longest wait during which further keys are taken, ms.
 *
 * A person whose key seems to do nothing presses it again and means the same candidate, not the next ones.
 */
export const PATIENCE_MS = 2000;

/** Begin with the first candidate that this person has not judged. */
export function startQueue(items: readonly QueuePlace[]): LabelQueue {
  return {
    items,
    cursor: firstUnlabelled(items, 0) ?? items.length,
    saving: undefined,
    waiting: [],
    failure: undefined,
    confidence: undefined,
    due: [],
    history: [],
    undone: [],
    savedCount: 0,
  };
}

/** How many candidates this person has not judged. */
export function countLeft(queue: LabelQueue): number {
  return queue.items.filter(({ label }) => label === undefined).length;
}

/** What becomes of the queue. */
export function reduceQueue(queue: LabelQueue, event: QueueEvent): LabelQueue {
  switch (event.kind) {
    case 'pressed':
      return press(queue, event.command, event.nowMs);
    case 'saved':
      return queue.saving === undefined
        ? queue
        : drain(finish(queue, queue.saving, event.labels), event.nowMs);
    case 'failed':
      return queue.saving === undefined
        ? queue
        : { ...queue, failure: { code: event.code, message: event.message } };
    case 'retried':
      return queue.saving === undefined
        ? queue
        : { ...queue, failure: undefined, saving: { ...queue.saving, startedMs: event.nowMs } };
    case 'given-up':
      return { ...queue, saving: undefined, failure: undefined, waiting: [] };
    case 'called':
      return { ...queue, due: [] };
    case 'found':
      return append(queue, event.items);
  }
}

function candidateOf(queue: LabelQueue): string | undefined {
  return queue.items[queue.cursor]?.candidateId;
}

/** Another candidate comes on screen: what was said of how sure one is, was said of the one before. */
function turnTo(queue: LabelQueue, changes: Partial<LabelQueue>): LabelQueue {
  const turned = { ...queue, ...changes };
  return candidateOf(turned) === candidateOf(queue) ? turned : { ...turned, confidence: undefined };
}

function press(queue: LabelQueue, command: Command, nowMs: number): LabelQueue {
  const { saving, failure } = queue;
  if (saving === undefined) return carryOut(queue, command, nowMs);
  if (failure !== undefined) return queue;
  if (queue.waiting.some((one) => one.kind === 'call' && one.takesKeys)) return queue;
  // One undo too many is done again by one key: those are never dropped.
  const isSafe = command.kind === 'undo' || command.kind === 'redo' || command.kind === 'call';
  if (!isSafe && nowMs - saving.startedMs > PATIENCE_MS) return queue;
  return { ...queue, waiting: [...queue.waiting, command] };
}

/** Do what waited, until something has to go to the disk first. */
function drain(queue: LabelQueue, nowMs: number): LabelQueue {
  let drained = queue;
  while (drained.saving === undefined && drained.waiting.length > 0) {
    const [command, ...waiting] = drained.waiting;
    drained = carryOut({ ...drained, waiting }, command!, nowMs);
  }
  return drained;
}

function carryOut(queue: LabelQueue, command: Command, nowMs: number): LabelQueue {
  const item = queue.items[queue.cursor];
  const begin = (deeds: readonly Deed[], ids: readonly string[]): LabelQueue =>
    deeds.length === 0
      ? queue
      : { ...queue, saving: { kind: 'do', act: makeAct(queue, deeds, ids), ids, startedMs: nowMs } };
  switch (command.kind) {
    case 'label': {
      if (item === undefined) return queue;
      const { candidateId, purpose } = item;
      const { scoreVisible } = command.judgement;
      const judgement: Judgement = {
        ...command.judgement,
        confidence: queue.confidence,
        scoreVisible: typeof scoreVisible === 'boolean' ? scoreVisible : scoreVisible(candidateId),
      };
      return {
        ...begin([{ kind: 'label', candidateId, purpose, judgement }], [command.id]),
        confidence: undefined,
      };
    }
    case 'label-all': {
      const wanted = new Set(command.candidateIds);
      const deeds = queue.items
        .filter(({ candidateId, label }) => label === undefined && wanted.has(candidateId))
        .map(
          ({ candidateId, purpose }): Deed => ({
            kind: 'label',
            candidateId,
            purpose,
            judgement: command.judgement,
          }),
        );
      return begin(deeds, command.ids.slice(0, deeds.length));
    }
    case 'flag':
      return item === undefined
        ? queue
        : begin([{ kind: 'flag', candidateId: item.candidateId, isSet: !item.isFlagged }], [command.id]);
    case 'comment':
      return item === undefined
        ? queue
        : begin([{ kind: 'comment', candidateId: item.candidateId, text: command.text }], [command.id]);
    case 'undo':
    case 'redo': {
      const act = (command.kind === 'undo' ? queue.history : queue.undone).at(-1);
      if (act === undefined) return queue;
      const ids = act.deeds.map(command.makeId);
      return { ...queue, saving: { kind: command.kind, act, ids, startedMs: nowMs } };
    }
    case 'confidence':
      return {
        ...queue,
        confidence: queue.confidence === command.confidence ? undefined : command.confidence,
      };
    case 'call':
      return item === undefined
        ? queue
        : { ...queue, due: [...queue.due, () => command.run(item.candidateId)] };
    case 'move':
      return turnTo(queue, { cursor: Math.min(queue.items.length, Math.max(0, queue.cursor + command.by)) });
    case 'go': {
      const at = placeOf(queue, command.candidateId);
      return at < 0 ? queue : turnTo(queue, { cursor: at });
    }
    case 'skip': {
      if (item === undefined) return queue;
      const items = [...queue.items.filter((other) => other !== item), item];
      return turnTo(queue, { items, cursor: nextUnlabelled(items, queue.cursor) });
    }
  }
}

function makeAct(queue: LabelQueue, deeds: readonly Deed[], ids: readonly string[]): Act {
  const previous = deeds.map(({ candidateId }) => queue.items[placeOf(queue, candidateId)]?.label);
  return { deeds, ids, previous, labels: [] };
}

function finish(queue: LabelQueue, save: Save, labels: readonly Label[]): LabelQueue {
  const settled = { ...queue, saving: undefined, failure: undefined };
  const { act, ids, kind } = save;
  const byId = new Map(labels.map((label) => [label.id, label]));
  const isUndo = kind === 'undo';
  const saved = isUndo ? act.labels : ids.map((id) => byId.get(id));
  const items = applyDeeds(queue.items, act, isUndo ? act.previous : saved, isUndo);
  const labelled = act.deeds.filter((deed) => deed.kind === 'label').length;
  const first = placeOf(queue, act.deeds[0]!.candidateId);
  if (isUndo)
    return turnTo(settled, {
      items,
      cursor: first < 0 ? queue.cursor : first,
      history: queue.history.slice(0, -1),
      undone: [...queue.undone, act],
      savedCount: queue.savedCount - labelled,
    });
  return turnTo(settled, {
    items,
    // A flag or a comment leaves the candidate before the eyes.
    cursor: labelled === 0 ? queue.cursor : nextUnlabelled(items, first + 1),
    history: [...queue.history, { ...act, ids, labels: saved }],
    undone: kind === 'redo' ? queue.undone.slice(0, -1) : [],
    savedCount: queue.savedCount + labelled,
  });
}

function applyDeeds(
  items: readonly QueuePlace[],
  act: Act,
  labels: readonly (Label | undefined)[],
  isUndo: boolean,
): readonly QueuePlace[] {
  const changes = new Map(act.deeds.map((deed, i) => [deed.candidateId, { deed, label: labels[i] }]));
  return items.map((item) => {
    const change = changes.get(item.candidateId);
    switch (change?.deed.kind) {
      case 'label':
        return { ...item, label: change.label };
      case 'flag':
        return { ...item, isFlagged: change.deed.isSet !== isUndo };
      case 'comment':
        return { ...item, comments: item.comments + (isUndo ? -1 : 1) };
      default:
        return item;
    }
  });
}

/**
 * Take in what the core says now: candidates that were found since, and what was said elsewhere of those that are here.
 *
 * What was done in this queue is newer than any list. A queue that had come to its end goes on.
 */
function append(queue: LabelQueue, found: readonly QueuePlace[]): LabelQueue {
  const acts = [...queue.history, ...queue.undone, ...(queue.saving === undefined ? [] : [queue.saving.act])];
  const touched = new Set(acts.flatMap(({ deeds }) => deeds.map(({ candidateId }) => candidateId)));
  const news = new Map(found.map((place) => [place.candidateId, place]));
  const items = queue.items.map((item) => {
    const now = news.get(item.candidateId);
    news.delete(item.candidateId);
    return now === undefined || touched.has(item.candidateId) || isSamePlace(item, now) ? item : now;
  });
  const isOld = news.size === 0 && items.every((item, i) => item === queue.items[i]);
  return isOld ? queue : { ...queue, items: [...items, ...news.values()] };
}

function isSamePlace(a: QueuePlace, b: QueuePlace): boolean {
  return a.label?.id === b.label?.id && a.isFlagged === b.isFlagged && a.comments === b.comments;
}

function placeOf(queue: LabelQueue, candidateId: string): number {
  return queue.items.findIndex((item) => item.candidateId === candidateId);
}

/** The next candidate without a label, from the front again when there is none behind; the end when all have one. */
function nextUnlabelled(items: readonly QueuePlace[], from: number): number {
  return firstUnlabelled(items, from) ?? firstUnlabelled(items, 0) ?? items.length;
}

function firstUnlabelled(items: readonly QueuePlace[], from: number): number | undefined {
  const at = items.findIndex(({ label }, i) => i >= from && label === undefined);
  return at < 0 ? undefined : at;
}
