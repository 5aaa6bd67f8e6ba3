// The half spectrum in blocks, and its transform along columns.

import { IN_ONE_PIECE, rowAt } from './fft-passes';
import { finalPass4, firstPass, runPasses } from './fft-plan';
import { madd, nmadd } from './madd';

// The passes along rows and along columns work on blocks of sixteen columns, one after the other: a block is `height` rows
// of 128 bytes, those of a band or all. Strided access to a row-major spectrum costs three times the arithmetic of the
// column transforms; blocks make both passes read and write contiguous memory. The last block is stored whole, whatever it
// holds.

/** Where column k of a block's first row lies. */
// @ts-ignore: decorator
@inline
export function columnAt(k: i32, blockBytes: usize): usize {
  return <usize>(k >> 4) * blockBytes + (<usize>(k & 15) << 3);
}

/** Copy `count` pieces of `bytes` bytes each, whose places are a pitch apart. */
export function copyEach(from: usize, fromPitch: usize, to: usize, toPitch: usize, bytes: usize, count: i32): void {
  for (; count > 0; count--, from += fromPitch, to += toPitch) memory.copy(to, from, bytes);
}

/** Copy `rows` rows from row `firstRow` of the blocks to row-major order. */
export function rowsFromBlocks(
  blocks: usize,
  height: i32,
  firstRow: i32,
  rows: i32,
  columns: i32,
  to: usize,
): void {
  const rowBytes: usize = <usize>columns << 3;
  for (let first: i32 = 0; first < columns; first += 16, to += 128) {
    let from = blocks + columnAt(first, <usize>height << 7) + (<usize>firstRow << 7);
    let out = to;
    if (columns - first >= 16) {
      for (let y: i32 = 0; y < rows; y++, from += 128, out += rowBytes) {
        for (let x: usize = 0; x < 128; x += 16) v128.store(out + x, v128.load(from + x), 0, 8);
      }
    } else {
      const rest: usize = <usize>(columns - first) << 3;
      for (let y: i32 = 0; y < rows; y++, from += 128, out += rowBytes) {
        for (let x: usize = 0; x < rest; x += 8) store<i64>(out + x, load<i64>(from + x));
      }
    }
  }
}

/** Copy `rows` rows in row-major order to row `firstRow` of the blocks. */
export function rowsToBlocks(
  from: usize,
  columns: i32,
  rows: i32,
  blocks: usize,
  height: i32,
  firstRow: i32,
): void {
  const rowBytes: usize = <usize>columns << 3;
  for (let first: i32 = 0; first < columns; first += 16, from += 128) {
    let to = blocks + columnAt(first, <usize>height << 7) + (<usize>firstRow << 7);
    let row = from;
    if (columns - first >= 16) {
      for (let y: i32 = 0; y < rows; y++, to += 128, row += rowBytes) {
        for (let x: usize = 0; x < 128; x += 16) v128.store(to + x, v128.load(row + x, 0, 8));
      }
    } else {
      const rest: usize = <usize>(columns - first) << 3;
      for (let y: i32 = 0; y < rows; y++, to += 128, row += rowBytes) {
        for (let x: usize = 0; x < rest; x += 8) store<i64>(to + x, load<i64>(row + x));
      }
    }
  }
}

/**
 * Transform up to sixteen columns, from one block to another or in place.
 *
 * Rows of a block are 128 bytes; each 32 of them lie `pitch` bytes from the next. `inverse` 1 swaps real and imaginary
 * parts on the way in and out, which turns the forward transform into the unscaled inverse one. `work` holds two buffers
 * of height * 16 complex numbers.
 */
export function transformColumns(
  from: usize,
  fromPitch: usize,
  to: usize,
  toPitch: usize,
  columns: i32,
  height: i32,
  plan: usize,
  work: usize,
  inverse: i32,
): void {
  const other = work + (<usize>height << 7);
  const passes = load<i32>(plan);
  const firstRadix = passes > 1 ? load<i32>(plan, 4) : 0;
  const lastRadix = passes > 1 ? load<i32>(plan + (<usize>passes << 3) - 4) : 0;
  const pairs = (columns + 3) >> 2;
  let begin: i32 = 0;
  // A whole block has the shape of a work buffer: the first and the last pass read and write it directly.
  if (pairs == 4 && firstRadix > 0 && (fromPitch == IN_ONE_PIECE || (height / firstRadix) % 32 == 0)) {
    firstPass(firstRadix, from, fromPitch, work, height / firstRadix, <usize>load<i32>(plan, 8), inverse);
    begin = 1;
  } else loadBlock(from, fromPitch, height, pairs, work, inverse);
  if (pairs == 4 && lastRadix == 4) {
    finalPass4(runPasses(work, other, height, 4, plan, begin, passes - 1), to, toPitch, height, inverse);
  } else storeBlock(runPasses(work, other, height, pairs, plan, begin, passes), height, pairs, to, toPitch, inverse);
}

/**
 * Transform up to sixteen columns of a block whose 32 rows each lie `pitch` bytes from the next, to `to`, where they stay
 * as the passes have them: real and imaginary parts apart. `work` is as large as `to`: height * 16 complex numbers.
 */
export function takeColumns(
  from: usize, pitch: usize, to: usize, columns: i32, height: i32, plan: usize, work: usize,
): void {
  const passes = load<i32>(plan);
  const firstRadix = passes > 1 ? load<i32>(plan, 4) : 0;
  const pairs = (columns + 3) >> 2;
  const isDirect = pairs == 4 && firstRadix > 0 && (height / firstRadix) % 32 == 0;
  const begin: i32 = isDirect ? 1 : 0;
  // Passes go to and fro: the last one has to end in `to`.
  const start = (passes - begin) & 1 ? work : to;
  if (isDirect) firstPass(firstRadix, from, pitch, start, height / firstRadix, <usize>load<i32>(plan, 8), 0);
  else loadBlock(from, pitch, height, pairs, start, 0);
  runPasses(start, start == to ? work : to, height, pairs, plan, begin, passes);
}

/**
 * Transform columns back that are as `takeColumns` leaves them but for their parts, which are swapped; to a block whose 32
 * rows each lie `pitch` bytes from the next. `from` is overwritten, `work` is as large.
 */
export function putColumns(
  from: usize, to: usize, pitch: usize, columns: i32, height: i32, plan: usize, work: usize,
): void {
  const passes = load<i32>(plan);
  const pairs = (columns + 3) >> 2;
  const lastRadix = passes > 1 ? load<i32>(plan + (<usize>passes << 3) - 4) : 0;
  if (pairs == 4 && lastRadix == 4) {
    finalPass4(runPasses(from, work, height, 4, plan, 0, passes - 1), to, pitch, height, 1);
  } else storeBlock(runPasses(from, work, height, pairs, plan, 0, passes), height, pairs, to, pitch, 1);
}

/** Copy columns that are as `takeColumns` leaves them to a block as it reads them. */
export function storeColumns(from: usize, to: usize, pitch: usize, columns: i32, height: i32): void {
  storeBlock(from, height, (columns + 3) >> 2, to, pitch, 0);
}

/**
 * Transform the columns of a block of a plane that is zero but for a stamp around its first pixel, to `to`, as `takeColumns`
 * leaves them.
 *
 * `stamp` holds the stamp's `rows` rows (odd) of the block, lowest first. Its rows are so few that in the first `skipped`
 * passes of the plan, whose radices have the product `share`, no two of them meet (height / share >= rows): each row n
 * contributes exp(-2 pi i n k / height), k < share, to what they make, which `turns` holds for n = -(rows >> 1) and up.
 */
export function transformStampColumns(
  stamp: usize,
  rows: i32,
  to: usize,
  columns: i32,
  height: i32,
  plan: usize,
  work: usize,
  skipped: i32,
  share: i32,
  turns: usize,
): void {
  const passes = load<i32>(plan);
  const pairs = (columns + 3) >> 2;
  const used: usize = <usize>pairs << 5;
  const period = height / share;
  const half = rows >> 1;
  const start = (passes - skipped) & 1 ? work : to;
  let w = start;
  for (let p: i32 = 0; p < period; p++, w += used * <usize>share) {
    if (p > half && p < period - half) {
      memory.fill(w, 0, used * <usize>share);
      continue;
    }
    const n = p > half ? p - period + half : p + half;
    const row = stamp + (<usize>n << 7);
    for (let x: usize = 0; x < used; x += 32) {
      const lo = v128.load(row + x);
      const hi = v128.load(row + x, 16);
      const re = v128.shuffle<f32>(lo, hi, 0, 2, 4, 6);
      const im = v128.shuffle<f32>(lo, hi, 1, 3, 5, 7);
      let turn = turns + (<usize>(n * share) << 3);
      let y = w + x;
      for (let k: i32 = 0; k < share; k++, turn += 8, y += used) {
        const wr = v128.load32_splat(turn);
        const wi = v128.load32_splat(turn, 4);
        v128.store(y, nmadd(im, wi, f32x4.mul(re, wr)));
        v128.store(y, madd(re, wi, f32x4.mul(im, wr)), 16);
      }
    }
  }
  runPasses(start, start == to ? work : to, height, pairs, plan, skipped, passes);
}

/** Part real from imaginary: four columns become a pair of vectors. */
function loadBlock(from: usize, pitch: usize, height: i32, pairs: i32, w: usize, inverse: i32): void {
  const re: usize = inverse ? 16 : 0;
  const im: usize = 16 - re;
  const used: usize = <usize>pairs << 5;
  for (let y: i32 = 0; y < height; y++) {
    const row = rowAt(from, y, pitch);
    for (let x: usize = 0; x < used; x += 32, w += 32) {
      const lo = v128.load(row + x);
      const hi = v128.load(row + x, 16);
      v128.store(w + re, v128.shuffle<f32>(lo, hi, 0, 2, 4, 6));
      v128.store(w + im, v128.shuffle<f32>(lo, hi, 1, 3, 5, 7));
    }
  }
}

function storeBlock(w: usize, height: i32, pairs: i32, to: usize, pitch: usize, inverse: i32): void {
  const re: usize = inverse ? 16 : 0;
  const im: usize = 16 - re;
  const used: usize = <usize>pairs << 5;
  for (let y: i32 = 0; y < height; y++) {
    const row = rowAt(to, y, pitch);
    for (let x: usize = 0; x < used; x += 32, w += 32) {
      const r = v128.load(w + re);
      const i = v128.load(w + im);
      v128.store(row + x, v128.shuffle<f32>(r, i, 0, 4, 1, 5));
      v128.store(row + x, v128.shuffle<f32>(r, i, 2, 6, 3, 7), 16);
    }
  }
}
