// Rows between contiguous planes and padded bands.

/**
 * Lay out the rows of a band with margins: band row j is image row firstRow + j - radiusY, its pixel 0 at `to` plus
 * `left` pixels, with `left` and `right` pixels of margin.
 *
 * `raw` holds contiguous image rows of `width` floats from row `rawFirst`. Outside the image lies the nearest pixel, or
 * zero when `zero` is set. `from` may be unaligned.
 */
export function padRows(
  raw: usize,
  rawFirst: i32,
  width: i32,
  height: i32,
  firstRow: i32,
  rows: i32,
  left: i32,
  right: i32,
  zero: i32,
  to: usize,
  stride: usize,
): void {
  const bytes: usize = <usize>width << 2;
  for (let j: i32 = 0; j < rows; j++, to += stride) {
    const y = firstRow + j;
    if (zero && (y < 0 || y >= height)) {
      memory.fill(to, 0, bytes + (<usize>(left + right) << 2));
      continue;
    }
    const row = raw + bytes * <usize>(min(max(y, 0), height - 1) - rawFirst);
    const start = to + (<usize>left << 2);
    memory.copy(start, row, bytes);
    const before: f32 = zero ? 0 : load<f32>(row);
    const after: f32 = zero ? 0 : load<f32>(row + bytes - 4);
    for (let x: usize = 0; x < <usize>left << 2; x += 4) store<f32>(to + x, before);
    for (let x: usize = 0; x < <usize>right << 2; x += 4) store<f32>(start + bytes + x, after);
  }
}

/** Copy `rows` rows of `bytes`, `pitch` apart, one after the other to `to`. */
export function packRows(from: usize, pitch: usize, rows: i32, bytes: usize, to: usize): void {
  for (let y: i32 = 0; y < rows; y++, from += pitch, to += bytes) memory.copy(to, from, bytes);
}

/**
 * Write pixels before `first` and from `end` on, in each of `rows` rows of `width` floats: those of the same row that
 * `columns` (i32) says.
 */
export function fillMargins(rows: i32, row: usize, width: i32, first: i32, end: i32, columns: usize): void {
  for (; rows > 0; rows--, row += <usize>width << 2) {
    for (let i: i32 = 0; i < first; i++) copyPixel(row, columns, i);
    for (let i = end; i < width; i++) copyPixel(row, columns, i);
  }
}

// @ts-ignore: decorator
@inline
function copyPixel(row: usize, columns: usize, i: i32): void {
  const column = load<i32>(columns + (<usize>i << 2));
  store<f32>(row + (<usize>i << 2), load<f32>(row + (<usize>column << 2)));
}
