// Between the passes along rows and along columns a half spectrum lies in bands of 32 rows. Each band holds one block of
// sixteen columns after the other, 32 rows of 128 bytes each: one page. A pass along rows works on a band in a room of its
// own that stays in the second-level cache; between there and the half spectrum whole pages are copied. Memory of megabytes is
// too far away to be gathered from in pieces of eight bytes: the processor sees no pattern that it could fetch ahead of.
// Passes along columns read and write rows of a block where they lie, page after page.

/** Rows of a band, which are also those copied at a time between shared planes and the kernels. */
export const BAND_ROWS = 32;
/** Columns of a block, and the bytes of their row. */
export const BLOCK_COLUMNS = 16;
export const BLOCK_ROW_BYTES = BLOCK_COLUMNS * 8;
/** A block's part of a band. */
export const PIECE_BYTES = BAND_ROWS * BLOCK_ROW_BYTES;

/** Blocks of the half spectrum of a plane so wide. */
export function countBlocks(width: number): number {
  return Math.ceil((width / 2 + 1) / BLOCK_COLUMNS);
}

/** Bytes of one block that lies in one piece. */
export function blockBytes(height: number): number {
  return height * BLOCK_ROW_BYTES;
}

/** Bytes of one band of a half spectrum. */
export function bandBytes(width: number): number {
  return countBlocks(width) * PIECE_BYTES;
}

/** Bytes of a half spectrum. */
export function halfBytes(width: number, height: number): number {
  return Math.ceil(height / BAND_ROWS) * bandBytes(width);
}
