import { allocate, copyIn, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { MaskPlane } from './plane.ts';

/** Pixels looked at a time. */
const CHUNK = 131072;

/** Count for each of sixteen bits, the least first, how many pixels of a mask have it. */
export function countBits({ data }: MaskPlane): Int32Array {
  return withArena(() => {
    const room = allocate(CHUNK * 2 + WORD);
    const counts = allocate(16 * 4);
    const module = kernelModule();
    const view = new Int32Array(module.memory.buffer, counts, 16).fill(0);
    for (let first = 0; first < data.length; first += CHUNK) {
      const count = Math.min(CHUNK, data.length - first);
      module.countBits(copyIn(data, first, count, room), count, counts);
    }
    return view.slice();
  });
}
