import { allocate, copyIn, copyOut, WORD, withArena } from './arena.ts';
import {
  BAND_ROWS,
  BLOCK_COLUMNS,
  BLOCK_ROW_BYTES,
  bandBytes,
  blockBytes,
  countBlocks,
  halfBytes,
  PIECE_BYTES,
} from './half-layout.ts';
import { kernelModule } from './load-module.ts';
import { placeShortcut, type StampShortcut, type Transform } from './plan-transform.ts';
import type { Plane } from './plane.ts';

/** Visit an image's rows in bands. */
export function forBands(height: number, band: (firstRow: number, rows: number) => void): void {
  for (let y = 0; y < height; y += BAND_ROWS) band(y, Math.min(BAND_ROWS, height - y));
}

/** Take room in the arena for a band of rows of `floats` numbers each, to be copied in or out. */
export function allocateBand(floats: number): number {
  return allocate(BAND_ROWS * floats * 4 + WORD);
}

/** Take room in the arena for a half spectrum between its passes. */
export function allocateHalf({ width, height }: Transform): number {
  return allocate(halfBytes(width, height));
}

/** Visit the blocks of a half spectrum: the number of each, its first column, and how many it has. */
export function forBlocks(
  { width }: Transform,
  visit: (index: number, first: number, columns: number) => void,
): void {
  const columns = width / 2 + 1;
  for (let index = 0, first = 0; first < columns; index++, first += BLOCK_COLUMNS) {
    visit(index, first, Math.min(BLOCK_COLUMNS, columns - first));
  }
}

/** Transform one block of a half spectrum along its columns, to a room where it lies in one piece, real and imaginary parts apart. */
export function takeBlock(
  half: number,
  index: number,
  columns: number,
  { width, height, columns: plan, work }: Transform,
  to: number,
): void {
  const from = half + index * PIECE_BYTES;
  kernelModule().takeColumns(from, bandBytes(width), to, columns, height, plan, work);
}

/**
 * Transform a block that lies in one piece back along its columns, to its place in a half spectrum. It is as `takeBlock`
 * leaves one but that real and imaginary parts have changed places, and it is overwritten.
 */
export function putBlock(
  from: number,
  half: number,
  index: number,
  columns: number,
  { width, height, columns: plan, work }: Transform,
): void {
  const to = half + index * PIECE_BYTES;
  kernelModule().putColumns(from, to, bandBytes(width), columns, height, plan, work);
}

/** Bytes of a block that `takeBlock` leaves. */
export function bytesTaken(columns: number, { height }: Transform): number {
  return Math.ceil(columns / 4) * 32 * height;
}

/** Transform a block of a half spectrum along its columns where it lies. */
export function transformBlock(
  half: number,
  index: number,
  columns: number,
  { width, height, columns: plan, work }: Transform,
  inverse: 0 | 1,
): void {
  const block = half + index * PIECE_BYTES;
  const pitch = bandBytes(width);
  kernelModule().transformColumns(block, pitch, block, pitch, columns, height, plan, work, inverse);
}

/** Copy a block as `takeBlock` leaves it to its place in a half spectrum. */
export function storeBlock(
  from: number,
  half: number,
  index: number,
  columns: number,
  { width, height }: Transform,
): void {
  kernelModule().storeColumns(from, half + index * PIECE_BYTES, bandBytes(width), columns, height);
}

/**
 * Transform a plane along its rows, the last band first: the half spectrum may take the plane's own place (`TransformablePlane`),
 * for its bands begin no earlier than those of the plane, and each is written from a room of its own.
 */
export function transformRows(plane: Plane, transform: Transform, half: number): void {
  const { width, height, rows, turns, work } = transform;
  const module = kernelModule();
  withArena(() => {
    const stage = allocateBand(width);
    const band = allocate(bandBytes(width));
    for (let k = Math.ceil(height / BAND_ROWS) - 1; k >= 0; k--) {
      const y = k * BAND_ROWS;
      const count = Math.min(BAND_ROWS, height - y);
      const source = copyIn(plane.data, y * width, count * width, stage);
      module.forwardRows(source, count, width / 2, band, BAND_ROWS, 0, rows, turns, work);
      module.copyEach(band, 0, half + k * bandBytes(width), 0, bandBytes(width), 1);
    }
  });
}

/**
 * Transform a half spectrum, whose columns have been transformed back, along its rows into a plane.
 *
 * @param firstRow, rows which of them; `at` the row of `out` that the first goes to.
 */
export function transformRowsBack(
  half: number,
  transform: Transform,
  out: Plane,
  firstRow = 0,
  rows: number = transform.height,
  at = 0,
): void {
  const { width, height, rows: plan, turns, work } = transform;
  const scale = 1 / (width * height);
  const module = kernelModule();
  withArena(() => {
    const stage = allocateBand(width);
    const band = allocate(bandBytes(width));
    for (let y = firstRow, count = 0; y < firstRow + rows; y += count) {
      const skipped = y % BAND_ROWS;
      count = Math.min(BAND_ROWS - skipped, firstRow + rows - y);
      const from = half + ((y - skipped) / BAND_ROWS) * bandBytes(width) + skipped * BLOCK_ROW_BYTES;
      module.copyEach(from, PIECE_BYTES, band, PIECE_BYTES, count * BLOCK_ROW_BYTES, countBlocks(width));
      copyOut(out.data, (at + y - firstRow) * width, count * width, stage, (to) => {
        module.inverseRows(band, BAND_ROWS, 0, to, count, width / 2, plan, turns, work, scale);
      });
    }
  });
}

/** A stamp's rows, transformed: the only ones of its plane that are not zero. */
export interface StampRows {
  /** Blocks that are as high as the stamp, one after the other. */
  readonly address: number;
  readonly rows: number;
  /** Passes along columns that its few rows can do without. */
  readonly shortcut: StampShortcut;
}

/** Transform the rows of a stamp of odd sides, whose middle is to lie at a plane's first pixel; in the arena. */
export function transformStampRows(stamp: Plane, transform: Transform): StampRows {
  const { width, height, rows, turns, work } = transform;
  const address = allocate(countBlocks(width) * blockBytes(stamp.height));
  const shortcut = placeShortcut(height, stamp.height);
  withArena((arena) => {
    const padded = arena.plane(width, stamp.height);
    writeWrapped(stamp, padded);
    const from = padded.data.byteOffset;
    kernelModule().forwardRows(from, stamp.height, width / 2, address, stamp.height, 0, rows, turns, work);
  });
  return { address, rows: stamp.height, shortcut };
}

/** Transform one block of a stamp's plane along its columns, to a room where it lies as `takeBlock` leaves one. */
export function transformStampBlock(
  stamp: StampRows,
  index: number,
  columns: number,
  { height, columns: plan, work }: Transform,
  to: number,
): void {
  const { rows, shortcut } = stamp;
  const from = stamp.address + index * blockBytes(rows);
  const { skipped, share, turns } = shortcut;
  kernelModule().transformStampColumns(from, rows, to, columns, height, plan, work, skipped, share, turns);
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
