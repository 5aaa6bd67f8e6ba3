import { allocate, copyIn, copyOut, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { MaskPlane } from './plane.ts';
import { requireSameSize } from './run-bands.ts';

/** Pixels looked at a time. */
const CHUNK = 65536;

/** A part of a mask, and where in the mask its first pixel lies. */
export interface MaskPart {
  readonly left: number;
  readonly bottom: number;
  readonly mask: MaskPlane;
}

/**
 * List the pixels (y * width + x, rising) of which either of two masks, which may be one, has any of some bits; and on the
 * same way write what either says of a part.
 *
 * @param part is written; it lies inside.
 * @throws RangeError for masks of two sizes, or a part that reaches outside.
 */
export function listMarked(a: MaskPlane, b: MaskPlane, bits: number, part?: MaskPart): Int32Array {
  requireSameSize(a, b);
  const { width, height } = a;
  if (part) requireInside(part, a);
  return withArena(() => {
    const module = kernelModule();
    const rows = Math.max(1, Math.floor(CHUNK / width));
    const [roomA, roomB] = [allocate(rows * width * 2 + WORD), allocate(rows * width * 2 + WORD)];
    const joined = allocate(rows * (part?.mask.width ?? 0) * 2 + WORD);
    const list = allocate(rows * width * 4);
    const parts: Int32Array[] = [];
    for (let y = 0; y < height; y += rows) {
      const count = Math.min(rows, height - y);
      const fromA = copyIn(a.data, y * width, count * width, roomA);
      const fromB = a === b ? fromA : copyIn(b.data, y * width, count * width, roomB);
      const found = module.listEither(fromA, fromB, bits, count * width, y * width, list);
      if (found > 0) parts.push(new Int32Array(module.memory.buffer, list, found).slice());
      if (!part) continue;
      const { left, bottom, mask } = part;
      const first = Math.max(y, bottom);
      const kept = Math.min(y + count, bottom + mask.height) - first;
      if (kept <= 0) continue;
      const skipped = ((first - y) * width + left) * 2;
      copyOut(mask.data, (first - bottom) * mask.width, kept * mask.width, joined, (to) => {
        module.joinRows(fromA + skipped, fromB + skipped, width * 2, mask.width, kept, to);
      });
    }
    const all = new Int32Array(parts.reduce((sum, found) => sum + found.length, 0));
    parts.reduce((at, found) => {
      all.set(found, at);
      return at + found.length;
    }, 0);
    return all;
  });
}

function requireInside({ left, bottom, mask }: MaskPart, { width, height }: MaskPlane): void {
  if (left >= 0 && bottom >= 0 && left + mask.width <= width && bottom + mask.height <= height) return;
  throw new RangeError(`A part of ${mask.width} x ${mask.height} px reaches out of ${width} x ${height}.`);
}
