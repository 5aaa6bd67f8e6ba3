import { allocate, copyIn, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { MaskPlane } from './plane.ts';
import { requireSameSize } from './run-bands.ts';

/** Pixels looked at a time. */
const CHUNK = 65536;

/** List the pixels (y * width + x, rising) of which either of two masks, which may be one, has any of some bits. */
export function listMarked(a: MaskPlane, b: MaskPlane, bits: number): Int32Array {
  requireSameSize(a, b);
  const { length } = a.data;
  return withArena(() => {
    const module = kernelModule();
    const [roomA, roomB] = [allocate(CHUNK * 2 + WORD), allocate(CHUNK * 2 + WORD)];
    const list = allocate(CHUNK * 4);
    const parts: Int32Array[] = [];
    for (let first = 0; first < length; first += CHUNK) {
      const count = Math.min(CHUNK, length - first);
      const fromA = copyIn(a.data, first, count, roomA);
      const fromB = a === b ? fromA : copyIn(b.data, first, count, roomB);
      const found = module.listEither(fromA, fromB, bits, count, list);
      if (found > 0) parts.push(new Int32Array(module.memory.buffer, list, found).map((at) => at + first));
    }
    const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => {
      all.set(part, at);
      return at + part.length;
    }, 0);
    return all;
  });
}
