import type { Confidence, NewCurationEvent } from '../../../core/api/contract/index.ts';
import { describeFailure } from '../../api/client.ts';
import type { EventLog } from '../../api/labels.ts';
import {
  type Command,
  type Deed,
  type GivenJudgement,
  type Judgement,
  type LabelQueue,
  type QueueEvent,
  type QueuePlace,
  reduceQueue,
  type Save,
  startQueue,
} from './label-queue.ts';
import { LABEL_ON_DISK, tellDuration } from './tell-duration.ts';

/** What the session needs from outside. */
export interface SessionPorts {
  readonly log: EventLog;
  now(): number;
  makeId(): string;
}

/** A label that is on disk within this time goes straight on to the next candidate, without saying that it is saved, ms. */
const QUIET_MS = 150;

/** Time between two tries while the core does not answer, ms. */
const RETRY_MS = 2000;

/**
 * One person's passage through one queue.
 *
 * It outlives the screen: keys that were pressed are saved also when the person has gone elsewhere.
 */
export class LabelSession {
  readonly #ports: SessionPorts;
  readonly #listeners = new Set<() => void>();
  #queue: LabelQueue;
  #shownSince: number;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #telling: ReturnType<typeof setTimeout> | undefined;
  /** When labels of this session were saved, ms; what pace is made from. */
  readonly #savedAt: number[] = [];

  constructor(items: readonly QueuePlace[], ports: SessionPorts) {
    this.#ports = ports;
    this.#queue = startQueue(items);
    this.#shownSince = ports.now();
  }

  get queue(): LabelQueue {
    return this.#queue;
  }

  /** Since when the candidate on screen has been the one on screen, ms. */
  get shownSince(): number {
    return this.#shownSince;
  }

  get savedAt(): readonly number[] {
    return this.#savedAt;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  snapshot = (): LabelQueue => this.#queue;

  /** Judge the candidate on screen. */
  label(judgement: GivenJudgement): void {
    this.#press({ kind: 'label', id: this.#ports.makeId(), judgement });
  }

  /** Judge all of these that have no label yet, as one act. */
  labelAll(candidateIds: readonly string[], judgement: Judgement): void {
    const ids = candidateIds.map(() => this.#ports.makeId());
    this.#press({ kind: 'label-all', ids, candidateIds, judgement });
  }

  /** Mark the candidate on screen for follow-up, or take the mark away. */
  flag(): void {
    this.#press({ kind: 'flag', id: this.#ports.makeId() });
  }

  comment(text: string): void {
    this.#press({ kind: 'comment', id: this.#ports.makeId(), text });
  }

  /** Take the last act back and return to its candidate. */
  undo(): void {
    this.#press({ kind: 'undo', makeId: this.#ports.makeId });
  }

  /** Do again what was taken back. */
  redo(): void {
    this.#press({ kind: 'redo', makeId: this.#ports.makeId });
  }

  /** Say how sure the next verdict on the candidate is. */
  setConfidence(confidence: Confidence): void {
    this.#press({ kind: 'confidence', confidence });
  }

  /** Do something with the candidate that is on screen when all keys before have been carried out. */
  call(run: (candidateId: string) => void): void {
    this.#press({ kind: 'call', run });
  }

  /** The same, for what takes the keys when it is there: until then no key is a verdict. */
  callForKeys(run: (candidateId: string) => void): void {
    this.#press({ kind: 'call', run, takesKeys: true });
  }

  move(by: number): void {
    this.#press({ kind: 'move', by });
  }

  /** Show a candidate, wherever it is in the queue. */
  go(candidateId: string): void {
    this.#press({ kind: 'go', candidateId });
  }

  /** Put the candidate on screen to the end of the queue. */
  skip(): void {
    this.#press({ kind: 'skip' });
  }

  /** Try again to save what could not be saved. */
  retry(): void {
    if (this.#queue.failure === undefined) return;
    clearTimeout(this.#retry);
    this.#apply({ kind: 'retried', nowMs: this.#ports.now() });
    this.#send();
  }

  /** Forget what could not be saved, and the keys behind it. */
  giveUp(): void {
    clearTimeout(this.#retry);
    this.#apply({ kind: 'given-up' });
  }

  /** Add candidates that were found since. */
  add(items: readonly QueuePlace[]): void {
    this.#apply({ kind: 'found', items });
  }

  #press(command: Command): void {
    const before = this.#queue.saving;
    this.#apply({ kind: 'pressed', command, nowMs: this.#ports.now() });
    if (before === undefined) this.#send();
  }

  #send(): void {
    const { saving } = this.#queue;
    if (saving === undefined) return;
    const { log, now } = this.#ports;
    const sentAt = performance.now();
    const decisionMs = Math.max(0, Math.round(saving.startedMs - this.#shownSince));
    log.record(eventsOf(saving, decisionMs)).then(
      (labels) => {
        tellDuration(LABEL_ON_DISK, sentAt);
        const count = saving.act.deeds.filter(({ kind }) => kind === 'label').length;
        if (saving.kind === 'undo') this.#savedAt.splice(this.#savedAt.length - count, count);
        else for (let i = 0; i < count; i++) this.#savedAt.push(now());
        this.#apply({ kind: 'saved', labels, nowMs: now() });
        this.#send();
      },
      (error: unknown) => {
        const failure = describeFailure(error);
        this.#apply({ kind: 'failed', ...failure });
        // The core may be back in a moment; anything it has refused it would refuse again.
        if (failure.code === 'network/unreachable') this.#retry = setTimeout(() => this.retry(), RETRY_MS);
      },
    );
  }

  #apply(event: QueueEvent): void {
    const before = this.#queue;
    const shown = before.items[before.cursor]?.candidateId;
    this.#queue = reduceQueue(this.#queue, event);
    if (this.#queue.items[this.#queue.cursor]?.candidateId !== shown) this.#shownSince = this.#ports.now();
    const { due } = this.#queue;
    if (due.length > 0) this.#queue = reduceQueue(this.#queue, { kind: 'called' });
    if (isQuiet(before, this.#queue)) this.#telling ??= setTimeout(() => this.#tell(), QUIET_MS);
    else this.#tell();
    for (const run of due) run();
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    for (const listener of this.#listeners) listener();
  }
}

/**
 * Whether a key has only begun to save, and nothing that can be done now could not be done before.
 *
 * Then the screen is not made anew before the request goes out, nor shows a word that is gone in a moment.
 */
function isQuiet(before: LabelQueue, after: LabelQueue): boolean {
  return (
    after.saving !== undefined &&
    after.failure === before.failure &&
    after.items === before.items &&
    after.cursor === before.cursor &&
    after.history === before.history &&
    after.history.length > 0
  );
}

/** The events that say what is to be saved: undo and redo are compensating events, nothing is ever changed. */
export function eventsOf({ kind, act, ids }: Save, decisionMs: number): NewCurationEvent[] {
  return act.deeds.map((deed, i): NewCurationEvent => {
    const id = ids[i]!;
    if (kind !== 'undo') return say(deed, id, act.deeds.length === 1 ? decisionMs : undefined);
    return deed.kind === 'flag'
      ? { kind: 'flag', id, candidateId: deed.candidateId, isSet: !deed.isSet }
      : { kind: 'retraction', id, retractsId: act.ids[i]! };
  });
}

function say(deed: Deed, id: string, decisionMs: number | undefined): NewCurationEvent {
  const { candidateId } = deed;
  switch (deed.kind) {
    case 'label':
      return {
        kind: 'label',
        id,
        candidateId,
        purpose: deed.purpose,
        ...withoutAbsent({ ...deed.judgement, decisionMs }),
      };
    case 'flag':
      return { kind: 'flag', id, candidateId, isSet: deed.isSet };
    case 'comment':
      return { kind: 'comment', id, candidateId, text: deed.text };
  }
}

/** JSON has no `undefined`: what is absent is left out. */
function withoutAbsent<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}
