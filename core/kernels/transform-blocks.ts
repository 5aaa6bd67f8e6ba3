import { allocate, bytesAt, copyIn, copyOut, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Transform } from './plan-transform.ts';
import type { Plane } from './plane.ts';

// Between rows and columns a half spectrum lies in blocks of sixteen columns, which stay in the second-level cache: see
// assembly/fft-columns.ts.

/** Rows copied at a time between shared planes and the kernels: a band stays in the second-level cache. */
const ROWS_PER_BAND = 32;
/** Columns of a block, and the bytes of their row. */
export const BLOCK_COLUMNS = 16;
const BLOCK_ROW_BYTES = BLOCK_COLUMNS * 8;

/** Visit an image's rows in bands. */
export function forBands(height: number, band: (firstRow: number, rows: number) => void): void {
  for (let y = 0; y < height; y += ROWS_PER_BAND) band(y, Math.min(ROWS_PER_BAND, height - y));
}

/** Take room in the arena for a band of rows of `floats` numbers each, to be copied in or out. */
export function allocateBand(floats: number): number {
  return allocate(ROWS_PER_BAND * floats * 4 + WORD);
}

/** Bytes of one block. */
export function blockBytes(height: number): number {
  return height * BLOCK_ROW_BYTES;
}

/** Take room in the arena for all blocks of a half spectrum. */
export function allocateBlocks({ width, height }: Pick<Transform, 'width' | 'height'>): number {
  return allocate(Math.ceil((width / 2 + 1) / BLOCK_COLUMNS) * blockBytes(height));
}

/** Visit the blocks of a half spectrum: where each begins, its first column, and how many it has. */
export function forBlocks(
  { width, height }: Transform,
  visit: (offset: number, first: number, columns: number) => void,
): void {
  const columns = width / 2 + 1;
  for (let first = 0, offset = 0; first < columns; first += BLOCK_COLUMNS, offset += blockBytes(height)) {
    visit(offset, first, Math.min(BLOCK_COLUMNS, columns - first));
  }
}

/** Transform a plane along its rows, into blocks. */
export function transformRows(plane: Plane, transform: Transform, blocks: number): void {
  const { width, height, rows, turns, work } = transform;
  withArena(() => {
    const stage = allocateBand(width);
    forBands(height, (y, count) => {
      const source = copyIn(plane.data, y * width, count * width, stage);
      kernelModule().forwardRows(source, count, width / 2, blocks, height, y, rows, turns, work);
    });
  });
}

/** Transform blocks, whose columns have been transformed back, along their rows into a plane. */
export function transformRowsBack(blocks: number, transform: Transform, out: Plane): void {
  const { width, height, rows, turns, work } = transform;
  const scale = 1 / (width * height);
  withArena(() => {
    const stage = allocateBand(width);
    forBands(height, (y, count) => {
      copyOut(out.data, y * width, count * width, stage, (to) => {
        kernelModule().inverseRows(blocks, height, y, to, count, width / 2, rows, turns, work, scale);
      });
    });
  });
}

/** A stamp's rows, transformed: the only ones of its plane that are not zero. */
export interface StampRows {
  /** In blocks that are as high as the stamp. */
  readonly address: number;
  readonly rows: number;
}

/** Transform the rows of a stamp of odd sides, whose middle is to lie at a plane's first pixel; in the arena. */
export function transformStampRows(stamp: Plane, transform: Transform): StampRows {
  const { width, rows, turns, work } = transform;
  const address = allocateBlocks({ width, height: stamp.height });
  withArena((arena) => {
    const padded = arena.plane(width, stamp.height);
    writeWrapped(stamp, padded);
    const from = padded.data.byteOffset;
    kernelModule().forwardRows(from, stamp.height, width / 2, address, stamp.height, 0, rows, turns, work);
  });
  return { address, rows: stamp.height };
}

/**
 * Write the rows of one block of a stamp where they lie in its plane, with zeros between: middle row first, the rows
 * below it at the end.
 *
 * @param first the block's first column.
 */
export function placeStampRows(stamp: StampRows, first: number, height: number, to: number): void {
  const { rows } = stamp;
  const half = (rows - 1) / 2;
  const below = half * BLOCK_ROW_BYTES;
  const above = below + BLOCK_ROW_BYTES;
  const from = stamp.address + (first / BLOCK_COLUMNS) * blockBytes(rows);
  const target = bytesAt(to, blockBytes(height));
  const source = bytesAt(from, blockBytes(rows));
  target.set(source.subarray(below));
  target.fill(0, above, target.length - below);
  target.set(source.subarray(0, below), target.length - below);
}

/** Write a stamp's rows into rows of zeros, the middle column first and those left of it at the end. */
function writeWrapped(stamp: Plane, padded: Plane): void {
  const { data } = padded;
  const half = (stamp.width - 1) / 2;
  data.fill(0);
  for (let j = 0; j < stamp.height; j++) {
    const row = stamp.data.subarray(j * stamp.width, (j + 1) * stamp.width);
    data.set(row.subarray(half), j * padded.width);
    data.set(row.subarray(0, half), (j + 1) * padded.width - half);
  }
}
