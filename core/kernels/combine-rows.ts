import { allocate, copyIn, copyOut, floatsAt, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';
import type { RowSource } from './row-source.ts';
import { requireSameSize } from './run-bands.ts';

/** Rows that are made at a time. */
const BAND_ROWS = 64;

/** Subtract rows from a plane. @param out same size; may be `plane`. @throws RangeError when sizes differ. */
export function subtractRows(plane: Plane, rows: RowSource, out: Plane): Plane {
  return combine(plane, rows, out, kernelModule().subtractEach);
}

/**
 * Make variances of rows of noise: their squares, plus the plane where it is positive, its own light's Poisson noise.
 *
 * @param out same size. @throws RangeError when sizes differ.
 */
export function addSignal(plane: Plane, rows: RowSource, out: Plane): Plane {
  return combine(plane, rows, out, kernelModule().addSignal);
}

function combine(
  plane: Plane,
  rows: RowSource,
  out: Plane,
  write: (from: number, made: number, count: number, to: number) => void,
): Plane {
  requireSameSize(plane, rows);
  requireSameSize(plane, out);
  const { width, height } = plane;
  withArena(() => {
    const bytes = Math.min(BAND_ROWS, height) * width * 4;
    const made = allocate(bytes);
    const room = allocate(bytes + WORD);
    const result = allocate(bytes + WORD + 16);
    for (let first = 0; first < height; first += BAND_ROWS) {
      const tall = Math.min(BAND_ROWS, height - first);
      const count = tall * width;
      rows.fillRows(first, {
        width,
        height: tall,
        get data() {
          return floatsAt(made, count);
        },
      });
      const from = copyIn(plane.data, first * width, count, room);
      copyOut(out.data, first * width, count, result, (to) => {
        write(from, made, count, to);
      });
    }
  });
  return out;
}
