import { describeFailure } from '../../api/client.ts';
import type { LabelLog } from '../../api/labels.ts';
import {
  type Command,
  type Judgement,
  type LabelQueue,
  type QueueEvent,
  type QueueItem,
  reduceQueue,
  startQueue,
} from './label-queue.ts';

/** What the session needs from outside. */
export interface SessionPorts {
  readonly log: LabelLog;
  now(): number;
  makeId(): string;
}

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
  /** When labels of this session were saved, ms; what pace is made from. */
  readonly #savedAt: number[] = [];

  constructor(items: readonly QueueItem[], ports: SessionPorts) {
    this.#ports = ports;
    this.#queue = startQueue(items);
    this.#shownSince = ports.now();
  }

  get queue(): LabelQueue {
    return this.#queue;
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
  label(judgement: Judgement): void {
    this.#press({ kind: 'label', id: this.#ports.makeId(), ...judgement });
  }

  /** Take the last label back and return to its candidate. */
  undo(): void {
    this.#press({ kind: 'undo', id: this.#ports.makeId() });
  }

  move(by: 1 | -1): void {
    this.#press({ kind: 'move', by });
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
  add(items: readonly QueueItem[]): void {
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
    const request =
      saving.kind === 'label'
        ? log.save({
            id: saving.id,
            candidateId: saving.candidateId,
            ...saving.judgement,
            decisionMs: Math.max(0, Math.round(saving.startedMs - this.#shownSince)),
          })
        : log
            .retract(
              { id: saving.decision.labelId, candidateId: saving.decision.candidateId },
              saving.id,
              saving.decision.previous,
            )
            .then(() => undefined);
    request.then(
      (label) => {
        if (saving.kind === 'label') this.#savedAt.push(now());
        else this.#savedAt.pop();
        this.#apply({ kind: 'saved', label, nowMs: now() });
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
    const shown = this.#queue.items[this.#queue.cursor]?.candidateId;
    this.#queue = reduceQueue(this.#queue, event);
    if (this.#queue.items[this.#queue.cursor]?.candidateId !== shown) this.#shownSince = this.#ports.now();
    for (const listener of this.#listeners) listener();
  }
}
