import { allocate, borrow, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';

/** Groups that one step of the network compares at once, and bytes of a number of each. */
const TOGETHER = 16;
const ROW_BYTES = TOGETHER * 4;

/**
 * Find the medians of many small groups of numbers; the mean of the middle two for an even count, NaN of none.
 *
 * @param values `stride` of them for each group, of which the first `counts[group]` count; none of these may be NaN.
 * @see Batcher 1968, AFIPS 32, 307: the odd-even merge sort, here of sixteen groups at once
 */
export function selectMedians(values: Float32Array, stride: number, counts: Int32Array): Float64Array {
  const groups = counts.length;
  if (values.length < groups * stride || counts.some((count) => !(count >= 0 && count <= stride))) {
    throw new RangeError(`${groups} groups of ${stride} numbers want more than ${values.length}.`);
  }
  const size = Math.max(2, 2 ** Math.ceil(Math.log2(stride)));
  return withArena(() => {
    const module = kernelModule();
    const from = borrow(values);
    const numbers = allocate(groups * 4);
    const steps = networkOf(size);
    const program = allocate(steps.length * 4);
    const registers = allocate(size * ROW_BYTES);
    const to = allocate(groups * 8);
    new Int32Array(module.memory.buffer, numbers, groups).set(counts);
    new Int32Array(module.memory.buffer, program, steps.length).set(steps);
    module.medianGroups(from, stride, numbers, groups, size, program, steps.length >> 1, registers, to);
    return new Float64Array(module.memory.buffer, to, groups).slice();
  });
}

const networks = new Map<number, Int32Array>();

/** Give the comparisons that bring the middle two of `size` numbers, a power of two, to their places: pairs of byte offsets. */
function networkOf(size: number): Int32Array {
  let network = networks.get(size);
  if (network === undefined) {
    network = keepMiddle(sortPairs(size), size).map((place) => place * ROW_BYTES);
    networks.set(size, network);
  }
  return network;
}

function sortPairs(size: number): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = [];
  for (let run = 1; run < size; run *= 2)
    for (let step = run; step >= 1; step /= 2)
      for (let first = step % run; first + step < size; first += 2 * step)
        for (let at = first; at < Math.min(first + step, size - step); at++)
          if (Math.floor(at / (2 * run)) === Math.floor((at + step) / (2 * run))) pairs.push([at, at + step]);
  return pairs;
}

/** Leave out comparisons of which neither number gets to the middle. */
function keepMiddle(pairs: readonly (readonly [number, number])[], size: number): Int32Array {
  const wanted = new Set([size / 2 - 1, size / 2]);
  const kept: (readonly [number, number])[] = [];
  for (const pair of pairs.toReversed()) {
    if (!wanted.has(pair[0]) && !wanted.has(pair[1])) continue;
    wanted.add(pair[0]).add(pair[1]);
    kept.push(pair);
  }
  return Int32Array.from(kept.toReversed().flat());
}
