import { allocate, borrow, bytesAt, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';

/** Which lines are summed. */
export interface SumLinesOptions {
  /** Shortest pieces that are looked at, pixels along the columns. */
  readonly minLength: number;
  /** About so many sums of each length are sampled. */
  readonly samples: number;
  /** Lines run along the rows' direction (y) instead of x, and fall instead of rise. */
  readonly isTransposed: boolean;
  readonly isMirrored: boolean;
}

/** Sums over pieces of one length on the turned plane, whose columns run along the lines. */
export interface LineSums {
  readonly length: number;
  /** Size of the turned plane. */
  readonly columns: number;
  readonly rows: number;
  /** Strips of so many columns, and the blocks of as many rows in each. */
  readonly blocks: number;
  /**
   * The largest sum that starts in each block, strip after strip, and its place: the piece from (x, y) that rises by
   * `rise` is at (x + rise) * rows + y, where x is the strip's first column. Valid until `visit` returns.
   */
  readonly places: Int32Array;
  readonly peaks: Float32Array;
  /** Some sums, each over the root of how many pixels it is of. */
  readonly samples: Float64Array;
}

/**
 * Sum a plane over all straight pieces of 2^k columns that rise by up to a pixel a column.
 *
 * Sums over pieces of 2^(k+1) columns are sums of two of 2^k: all pieces of all lengths cost O(n^2 log n). Pieces must
 * lie on the plane end to end, but for up to half of the last strip.
 *
 * @param plane finite.
 * @param visit is called with each length, rising.
 * @see Brady 1998, SIAM J. Comput. 27, 107
 */
export function sumLines(
  plane: Plane,
  { minLength, samples, isTransposed, isMirrored }: SumLinesOptions,
  visit: (sums: LineSums) => void,
): void {
  const columns = isTransposed ? plane.height : plane.width;
  const rows = isTransposed ? plane.width : plane.height;
  const span = 2 ** Math.ceil(Math.log2(columns));
  const step = Math.max(1, Math.floor((columns * rows) / samples)) | 1;
  withArena(() => {
    const from = borrow(plane.data);
    let sums = allocate(span * rows * 4);
    let next = allocate(span * rows * 4);
    const most = Math.ceil(span / 2) * Math.ceil(rows / 2);
    const placesAt = allocate(most * 4);
    const peaksAt = allocate(most * 4);
    const samplesAt = allocate(Math.ceil((span * rows) / step) * 8);
    const module = kernelModule();
    const { buffer } = module.memory;
    module.layColumns(from, plane.width, plane.height, Number(isTransposed), Number(isMirrored), sums);
    bytesAt(sums + columns * rows * 4, (span - columns) * rows * 4).fill(0);
    for (let length = 2; length <= span; length *= 2) {
      module.addHalves(sums, next, span, rows, length);
      [sums, next] = [next, sums];
      if (length < minLength) continue;
      const count = module.findPeaks(sums, columns, rows, length, step, placesAt, peaksAt, samplesAt);
      const blocks = Math.ceil(rows / length);
      // Strips of which half or more lies on the plane.
      const found = blocks * Math.floor((columns + length / 2) / length);
      visit({
        length,
        columns,
        rows,
        blocks,
        places: new Int32Array(buffer, placesAt, found),
        peaks: new Float32Array(buffer, peaksAt, found),
        samples: new Float64Array(buffer, samplesAt, count),
      });
    }
  });
}
