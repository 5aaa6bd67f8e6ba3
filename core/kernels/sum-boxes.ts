import { allocate, bytesAt, copyIn, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';

/** What is added up. */
export interface SumBoxesOptions {
  /** Side of a box, px. */
  readonly side: number;
  /** Pixels are multiplied by this and clipped to plus or minus `limit`. */
  readonly scale: number;
  readonly limit: number;
}

/** Sums over boxes, row by row; those along the upper and right borders may hold fewer pixels. */
export interface BoxSums {
  readonly columns: number;
  readonly rows: number;
  readonly sums: Float64Array;
  /** Pixels that were added. */
  readonly counts: Int32Array;
}

/**
 * Add up pixels over square boxes.
 *
 * @param usable zero for pixels that are left out.
 */
export function sumBoxes(
  { width, height, data }: Plane,
  usable: Uint8Array,
  { side, scale, limit }: SumBoxesOptions,
): BoxSums {
  const columns = Math.ceil(width / side);
  const rows = Math.ceil(height / side);
  const sums = new Float64Array(columns * rows);
  const counts = new Int32Array(columns * rows);
  withArena(() => {
    const padded = width + 3;
    const room = allocate(side * width * 4 + WORD);
    const bytesRoom = allocate(side * width + WORD);
    const columnSums = allocate(padded * 8);
    const columnCounts = allocate(padded * 4);
    const boxSums = allocate(columns * 8);
    const boxCounts = allocate(columns * 4);
    const module = kernelModule();
    const { buffer } = module.memory;
    for (let row = 0; row < rows; row++) {
      const first = row * side * width;
      const tall = Math.min(side, height - row * side);
      const from = copyIn(data, first, tall * width, room);
      const bytes = copyIn(usable, first, tall * width, bytesRoom);
      bytesAt(columnSums, padded * 8).fill(0);
      bytesAt(columnCounts, padded * 4).fill(0);
      module.addColumns(from, bytes, width, tall, scale, limit, columnSums, columnCounts);
      module.addBoxes(columnSums, columnCounts, width, side, boxSums, boxCounts);
      sums.set(new Float64Array(buffer, boxSums, columns), row * columns);
      counts.set(new Int32Array(buffer, boxCounts, columns), row * columns);
    }
  });
  return { columns, rows, sums, counts };
}
