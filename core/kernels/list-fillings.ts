import { allocate, copyIn, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';

/** Pixels looked at a time. */
const CHUNK = 65536;

/** The lowest number of a plane, and where it holds that and zero. */
export interface Fillings {
  /** Infinite where there is no number. */
  readonly lowest: number;
  /** Pixels (y * width + x), rising. */
  readonly lows: Int32Array;
  readonly zeros: Int32Array;
}

/** Find the lowest number of a plane, and list where it holds that and where zero, in one pass; NaN is left out. */
export function listFillings({ data }: Plane): Fillings {
  return withArena(() => {
    const room = allocate(CHUNK * 4 + WORD);
    const zerosAt = allocate(CHUNK * 4);
    const lowsAt = allocate(CHUNK * 4);
    const lowestAt = allocate(4);
    const foundAt = allocate(12);
    const module = kernelModule();
    const { buffer } = module.memory;
    const lowest = new Float32Array(buffer, lowestAt, 1).fill(Number.POSITIVE_INFINITY);
    const found = new Int32Array(buffer, foundAt, 3);
    const zeros: Int32Array[] = [];
    const lows: Int32Array[] = [];
    for (let first = 0; first < data.length; first += CHUNK) {
      const count = Math.min(CHUNK, data.length - first);
      const from = copyIn(data, first, count, room);
      module.listFillings(from, count, first, lowestAt, zerosAt, lowsAt, foundAt);
      if (found[2] !== 0) lows.length = 0;
      if (found[0]! > 0) zeros.push(new Int32Array(buffer, zerosAt, found[0]).slice());
      if (found[1]! > 0) lows.push(new Int32Array(buffer, lowsAt, found[1]).slice());
    }
    return { lowest: lowest[0]!, lows: join(lows), zeros: join(zeros) };
  });
}

function join(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
