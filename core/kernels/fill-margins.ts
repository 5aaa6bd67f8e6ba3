import { allocate, inArena, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';

/**
 * Write the pixels left and right of a part of a plane, in each row those that `columns` says of the same row.
 *
 * @param plane in the arena; read anew, for the memory may have grown.
 * @param first, end columns that stay as they are.
 * @param columns of each column, which one it shows; only those of margins count, and show what stays.
 * @throws RangeError outside the arena, or for columns that show no pixel of the part.
 */
export function fillMargins(plane: Plane, first: number, end: number, columns: Int32Array): void {
  const { width, height } = plane;
  const isShown = (column: number, i: number) => (i >= first && i < end) || (column >= first && column < end);
  if (columns.length !== width || !columns.every(isShown)) {
    throw new RangeError(`Margins of columns ${first} to ${end} of ${width} show what is not there.`);
  }
  withArena(() => {
    const table = allocate(width * 4);
    new Int32Array(kernelModule().memory.buffer, table, width).set(columns);
    kernelModule().fillMargins(height, inArena(plane), width, first, end, table);
  });
}
