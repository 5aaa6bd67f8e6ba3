import type { Label, Verdict } from '../../../core/api/contract/index.ts';

/** One place in the queue. */
export interface QueueItem {
  readonly candidateId: string;
  /** The label that counts now. */
  readonly label: Label | undefined;
}

/** What a person says of a candidate, and whether the model's opinion was in view. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason?: string | undefined;
  readonly scoreVisible: boolean;
}

/** What a key asks for. Ids are made when the key is pressed, so that a repeated request is the same one. */
export type Command =
  | ({ readonly kind: 'label'; readonly id: string } & Judgement)
  | { readonly kind: 'undo'; readonly id: string }
  | { readonly kind: 'move'; readonly by: 1 | -1 }
  | { readonly kind: 'skip' };

/** A label that can be taken back. */
interface Decision {
  readonly labelId: string;
  readonly candidateId: string;
  /** The label that counted before it. */
  readonly previous: Label | undefined;
}

/** The one request that is on its way to the disk. */
export type Save =
  | {
      readonly kind: 'label';
      readonly id: string;
      readonly candidateId: string;
      readonly judgement: Judgement;
      readonly startedMs: number;
    }
  | { readonly kind: 'undo'; readonly id: string; readonly decision: Decision; readonly startedMs: number };

/**
 * The queue of candidates before a person.
 *
 * A label is acknowledged from the disk before the next candidate is shown; keys pressed meanwhile wait
 * in order, and each labels exactly one candidate.
 */
export interface LabelQueue {
  readonly items: readonly QueueItem[];
  /** Place of the candidate on screen; `items.length` is the end. */
  readonly cursor: number;
  readonly saving: Save | undefined;
  /** Keys pressed while a request was on its way, oldest first. */
  readonly waiting: readonly Command[];
  /** Why the request on its way has not reached the disk; it stays until it is tried again or given up. */
  readonly failure: { readonly code: string; readonly message: string } | undefined;
  /** What undo takes back, newest last; without limit. */
  readonly history: readonly Decision[];
  /** Labels saved in this session and not taken back. */
  readonly savedCount: number;
}

export type QueueEvent =
  | { readonly kind: 'pressed'; readonly command: Command; readonly nowMs: number }
  | { readonly kind: 'saved'; readonly label: Label | undefined; readonly nowMs: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'retried'; readonly nowMs: number }
  | { readonly kind: 'given-up' }
  | { readonly kind: 'found'; readonly items: readonly QueueItem[] };

/**
 * Longest wait during which further keys are taken, ms.
 *
 * A person whose key seems to do nothing presses it again and means the same candidate, not the next ones.
 */
export const PATIENCE_MS = 2000;

/** Begin with the first candidate that nobody has judged. */
export function startQueue(items: readonly QueueItem[]): LabelQueue {
  return {
    items,
    cursor: firstUnlabelled(items, 0) ?? items.length,
    saving: undefined,
    waiting: [],
    failure: undefined,
    history: [],
    savedCount: 0,
  };
}

/** How many candidates nobody has judged. */
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
        : drain(finish(queue, queue.saving, event.label), event.nowMs);
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
    case 'found':
      return append(queue, event.items);
  }
}

function press(queue: LabelQueue, command: Command, nowMs: number): LabelQueue {
  const { saving, failure } = queue;
  if (saving === undefined) return carryOut(queue, command, nowMs);
  if (failure !== undefined || nowMs - saving.startedMs > PATIENCE_MS) return queue;
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
  switch (command.kind) {
    case 'label': {
      if (item === undefined) return queue;
      const { kind, id, ...judgement } = command;
      return { ...queue, saving: { kind, id, candidateId: item.candidateId, judgement, startedMs: nowMs } };
    }
    case 'undo': {
      const decision = queue.history.at(-1);
      if (decision === undefined) return queue;
      return { ...queue, saving: { kind: 'undo', id: command.id, decision, startedMs: nowMs } };
    }
    case 'move':
      return { ...queue, cursor: Math.min(queue.items.length, Math.max(0, queue.cursor + command.by)) };
    case 'skip': {
      if (item === undefined) return queue;
      const items = [...queue.items.filter((other) => other !== item), item];
      return { ...queue, items, cursor: nextUnlabelled(items, queue.cursor) };
    }
  }
}

function finish(queue: LabelQueue, save: Save, label: Label | undefined): LabelQueue {
  const settled = { ...queue, saving: undefined, failure: undefined };
  if (save.kind === 'label') {
    const at = placeOf(queue, save.candidateId);
    const previous = queue.items[at]?.label;
    const items = withLabel(queue.items, at, label);
    return {
      ...settled,
      items,
      cursor: nextUnlabelled(items, at + 1),
      history: [...queue.history, { labelId: save.id, candidateId: save.candidateId, previous }],
      savedCount: queue.savedCount + 1,
    };
  }
  const { candidateId, previous } = save.decision;
  const at = placeOf(queue, candidateId);
  return {
    ...settled,
    items: withLabel(queue.items, at, previous),
    cursor: at,
    history: queue.history.slice(0, -1),
    savedCount: queue.savedCount - 1,
  };
}

/** Add candidates that were found since; a queue that had come to its end goes on. */
function append(queue: LabelQueue, found: readonly QueueItem[]): LabelQueue {
  const known = new Set(queue.items.map(({ candidateId }) => candidateId));
  const added = found.filter(({ candidateId }) => !known.has(candidateId));
  return added.length === 0 ? queue : { ...queue, items: [...queue.items, ...added] };
}

function placeOf(queue: LabelQueue, candidateId: string): number {
  return queue.items.findIndex((item) => item.candidateId === candidateId);
}

function withLabel(items: readonly QueueItem[], at: number, label: Label | undefined): readonly QueueItem[] {
  return items.map((item, i) => (i === at ? { ...item, label } : item));
}

/** The next candidate without a label, from the front again when there is none behind; the end when all have one. */
function nextUnlabelled(items: readonly QueueItem[], from: number): number {
  return firstUnlabelled(items, from) ?? firstUnlabelled(items, 0) ?? items.length;
}

function firstUnlabelled(items: readonly QueueItem[], from: number): number | undefined {
  const at = items.findIndex(({ label }, i) => i >= from && label === undefined);
  return at < 0 ? undefined : at;
}
