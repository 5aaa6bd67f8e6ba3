import { allocate, copyIn, copyOut, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { MaskPlane, Plane } from './plane.ts';

/** How counts become electrons, and what is marked on the way. */
export interface CountScaling {
  /** Where the kept part begins on the plane. */
  readonly x0: number;
  readonly y0: number;
  /** Subtracted from each count, then multiplied by the gain; in float64, rounded once. */
  readonly pedestal: number;
  readonly gain: number;
  /** Counts of this and more get `saturatedBit`; infinite for none. */
  readonly saturation: number;
  /** Counts that are not finite, or make no finite float32, get `absentBit` and the value 0. */
  readonly absentBit: number;
  readonly saturatedBit: number;
}

/** What the counts with finite results were. */
export interface CountRange {
  readonly finite: number;
  readonly lowest: number;
  readonly highest: number;
}

const CHUNK = 65536;

/**
 * Scale a part of a plane of counts into another plane and mark absent and saturated ones.
 *
 * @param out the size of the kept part.
 * @param mask same size, zeros before: only stretches with a mark are written.
 */
export function scaleCounts(plane: Plane, out: Plane, mask: MaskPlane, scaling: CountScaling): CountRange {
  const { x0, y0, pedestal, gain, saturation, absentBit, saturatedBit } = scaling;
  const isWhole = out.width === plane.width;
  // Whole rows follow one another: they are one long stretch.
  const stretch = isWhole ? out.data.length : out.width;
  let finite = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  withArena(() => {
    const room = allocate(CHUNK * 4 + WORD);
    const results = allocate(CHUNK * 4 + WORD + 16);
    const words = allocate(CHUNK * 2 + WORD + 16);
    const facts = allocate(16);
    const module = kernelModule();
    for (let start = 0; start < out.data.length; start += stretch) {
      const source = (y0 + start / out.width) * plane.width + x0;
      for (let first = 0; first < stretch; first += CHUNK) {
        const count = Math.min(CHUNK, stretch - first);
        const from = copyIn(plane.data, source + first, count, room);
        const at = words + ((mask.data.byteOffset + (start + first) * 2) % WORD);
        copyOut(out.data, start + first, count, results, (to) => {
          module.scaleCounts(from, count, pedestal, gain, saturation, absentBit, saturatedBit, to, at, facts);
        });
        const integers = new Int32Array(module.memory.buffer, facts, 4);
        const floats = new Float32Array(module.memory.buffer, facts, 4);
        finite += integers[0]!;
        lowest = Math.min(lowest, floats[1]!);
        highest = Math.max(highest, floats[2]!);
        if (integers[3] !== 0) {
          mask.data.set(new Uint16Array(module.memory.buffer, at, count), start + first);
        }
      }
    }
  });
  return { finite, lowest, highest };
}
