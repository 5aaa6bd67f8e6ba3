import { createRandom } from '../../utils/random.ts';
import type { ConsensusConfig } from './decide-consensus.ts';
import type { Purpose } from './model.ts';

/** A place in a curator's queue. */
export interface Assignment {
  readonly candidateId: string;
  readonly purpose: Purpose;
}

/**
 * Mix candidates whose answer is known, and some the curator has judged before, into a queue of work.
 *
 * The same seed gives the same queue. Controls are spread at random places, so that they cannot be guessed by
 * rhythm, and are at most the configured part of the whole; nothing is shown twice in one queue.
 *
 * @param work candidates that want this curator's label, in order.
 * @param gold candidates whose answer is known and that this curator has not judged.
 * @param judged candidates this curator has judged, oldest first: a repeat is best long ago.
 */
export function assignQueue(
  work: readonly string[],
  gold: readonly string[],
  judged: readonly string[],
  config: Pick<ConsensusConfig, 'goldFraction' | 'repeatFraction'>,
  seed: number,
): readonly Assignment[] {
  const random = createRandom(seed);
  const { goldFraction, repeatFraction } = config;
  const total = work.length / Math.max(1e-9, 1 - goldFraction - repeatFraction);
  const queued = new Set(work);
  const take = (from: readonly string[], fraction: number, purpose: Purpose): Assignment[] => {
    const wanted = Math.floor(total * fraction + random.uniform());
    const free = from.filter((id) => !queued.has(id)).slice(0, wanted);
    for (const id of free) queued.add(id);
    return free.map((candidateId) => ({ candidateId, purpose }));
  };
  const controls = [...take(gold, goldFraction, 'gold'), ...take(judged, repeatFraction, 'repeat')];
  const queue: Assignment[] = work.map((candidateId) => ({ candidateId, purpose: 'work' }));
  // Work never stands without work before it: the first candidate is always what the curator came for.
  for (const control of controls)
    queue.splice(Math.min(queue.length, 1 + random.integer(Math.max(1, queue.length))), 0, control);
  return queue;
}
