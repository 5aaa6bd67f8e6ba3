import type { Plane } from './plane.ts';

/** An image whose rows are made when they are looked at, because all of them at once would take a plane's memory. */
export interface RowSource {
  readonly width: number;
  readonly height: number;
  /** Write the image's rows from `firstRow` on to all rows of `out`. */
  readonly fillRows: (firstRow: number, out: Plane) => void;
  /** Make a function that gives single pixels, the same, where that takes less than the rows they are in. */
  readonly makeReader?: (() => (x: number, y: number) => number) | undefined;
}

/** Rows that are made together, and how many such blocks are remembered. */
const BLOCK_ROWS = 32;
const BLOCKS = 8;

/** Make a function that reads single pixels of a number, a plane or rows; neighbours and rising rows are cheap. */
export function readPixels(image: Plane | number | RowSource): (x: number, y: number) => number {
  if (typeof image === 'number') return () => image;
  const { width, height } = image;
  if ('data' in image) {
    const { data } = image;
    return (x, y) => data[y * width + x]!;
  }
  if (image.makeReader) return image.makeReader();
  const blocks = Array.from({ length: BLOCKS }, () => ({ number: -1, data: new Float32Array(0) }));
  return (x, y) => {
    const number = Math.floor(y / BLOCK_ROWS);
    const block = blocks[number % BLOCKS]!;
    if (block.number !== number) {
      const rows = Math.min(BLOCK_ROWS, height - number * BLOCK_ROWS);
      if (block.data.length === 0) block.data = new Float32Array(BLOCK_ROWS * width);
      image.fillRows(number * BLOCK_ROWS, {
        width,
        height: rows,
        data: block.data.subarray(0, rows * width),
      });
      block.number = number;
    }
    return block.data[(y - number * BLOCK_ROWS) * width + x]!;
  };
}
