import { describe, expect, it } from 'vitest';
import { withArena } from './arena.ts';
import { fillMargins } from './fill-margins.ts';
import { makePlane } from './plane.ts';

describe('fillMargins', () => {
  it('writes what columns say around a part, and leaves the part as it is', () => {
    withArena((arena) => {
      const plane = arena.plane(9, 3);
      plane.data.forEach((_, k) => {
        plane.data[k] = k;
      });
      const columns = Int32Array.of(4, 3, 0, 0, 0, 0, 0, 5, 2);
      fillMargins(plane, 2, 7, columns);
      for (let y = 0; y < 3; y++) {
        const row = [...plane.data.subarray(9 * y, 9 * y + 9)].map((value) => value - 9 * y);
        expect(row).toEqual([4, 3, 2, 3, 4, 5, 6, 5, 2]);
      }
    });
  });

  it('refuses columns that show margins, and planes outside the arena', () => {
    withArena((arena) => {
      const columns = Int32Array.of(1, 1, 2, 3);
      expect(() => fillMargins(arena.plane(4, 2), 1, 3, columns)).toThrow(RangeError);
      expect(() => fillMargins(arena.plane(4, 2), 1, 3, columns.fill(1).subarray(1))).toThrow(RangeError);
      expect(() => fillMargins(makePlane(4, 2), 1, 3, Int32Array.of(1, 1, 2, 2))).toThrow(RangeError);
    });
  });
});
