// One search of L.A.Cosmic with separable medians, as a pipeline of rows: each stage keeps the last rows of its result, so
// that a band of any height stays in the second-level cache. Noise and significance are made everywhere; what takes most
// of the medians, their sharpness and the fine structure under them, only where something stands out.
//
// Medians leave the outermost pixels as they are, and the Laplacian sees zeros beyond the edges, as in astroscrappy.

import { middle5, middle7, middle9 } from './median';

/** Floats of margin before and after each row. */
const MARGIN: i32 = 16;
/** Rows that the search of one row reads above and below it. */
const REACH: i32 = 8;
/** Rings of eight rows: row medians of 7 of the image, noise, two marks. */
const ROW7: i32 = 0;
const NOISE: i32 = 1;
const CANDIDATE: i32 = 2;
const NEAR: i32 = 3;
const RINGS: i32 = 4;
/** Rings of sixteen rows, which follow. */
const IMAGE: i32 = 0;
const SIGNIFICANCE: i32 = 1;
const LONG_RINGS: i32 = 2;
const RING_ROWS: i32 = (RINGS << 3) + (LONG_RINGS << 4);
/** Vectors of the fine structure: row medians of thirteen rows, and nine rows of it, three vectors wide. */
const FINE_BYTES: usize = (13 + 9) * 48;

let base: usize = 0;
let rowBytes: usize = 0;
let zeros: usize = 0;
let fineRoom: usize = 0;
/** Rows that hold a mark of each kind, a bit for each of the last 64. */
let candidateRows: u64 = 0;
let nearRows: u64 = 0;
/** The size of the image. */
let width: i32 = 0;
let height: i32 = 0;

/** Row `y` of a ring of eight. */
// @ts-ignore: decorator
@inline
function ring(n: i32, y: i32): usize {
  return base + <usize>((n << 3) + (y & 7)) * rowBytes + (<usize>MARGIN << 2);
}

/** Row `y` of a ring of sixteen. */
// @ts-ignore: decorator
@inline
function longRing(n: i32, y: i32): usize {
  return base + <usize>((RINGS << 3) + (n << 4) + (y & 15)) * rowBytes + (<usize>MARGIN << 2);
}

/** Bytes of memory that `searchCosmicRays` works in. */
export function cosmicScratchBytes(columns: i32): usize {
  return <usize>(RING_ROWS + 1) * bytesOfRow(columns) + FINE_BYTES;
}

function bytesOfRow(columns: i32): usize {
  return <usize>(((columns + 3) & ~3) + 2 * MARGIN) << 2;
}

// @ts-ignore: decorator
@inline
function at(p: usize, offset: usize): v128 {
  return v128.load(p + offset, 0, 4);
}

/** Put the outermost `radius` pixels of a row back as they were. */
function restoreEnds(from: usize, to: usize, radius: i32): void {
  const bytes = <usize>min(radius, width) << 2;
  const last = (<usize>width << 2) - bytes;
  memory.copy(to, from, bytes);
  memory.copy(to + last, from + last, bytes);
}

/**
 * Search rows `firstRow` to before `firstRow + rows` of an image for cosmic rays.
 *
 * `raw` holds contiguous image rows of `width` floats without NaN, `barred` bytes, both from row `rawFirst` on and
 * eight rows beyond both ends of what is searched, as far as the image reaches.
 *
 * @returns how many hits were written to `found`, as y * width + x.
 */
export function searchCosmicRays(
  raw: usize, barred: usize, rawFirst: i32, columns: i32, imageRows: i32, firstRow: i32, rows: i32,
  readNoiseSquared: f32, threshold: f32, faint: f32, contrast: f32, scratch: usize, found: usize,
): i32 {
  width = columns;
  height = imageRows;
  base = scratch;
  rowBytes = bytesOfRow(width);
  zeros = base + <usize>RING_ROWS * rowBytes + (<usize>MARGIN << 2);
  fineRoom = base + <usize>(RING_ROWS + 1) * rowBytes;
  memory.fill(scratch, 0, cosmicScratchBytes(width));
  const plain: usize = <usize>width << 2;
  const start = found;
  for (let t: i32 = firstRow - REACH; t < firstRow + rows + REACH; t++) {
    if (inside(t)) {
      const image = longRing(IMAGE, t);
      memory.copy(image, raw + <usize>(t - rawFirst) * plain, plain);
      medianRow7(image, ring(ROW7, t));
    }
    if (inside(t - 3)) measureSignificance(t - 3, readNoiseSquared);
    // Before the first row that matters, the rings hold rows that are not there.
    if (inside(t - 6) && t - 6 >= firstRow - 2)
      markCandidates(t - 6, barredRow(barred, t - 6, rawFirst), threshold, contrast);
    if (inside(t - 7) && t - 7 >= firstRow - 1) markNear(t - 7, barredRow(barred, t - 7, rawFirst), threshold);
    if (inside(t - 8) && t - 8 >= firstRow) found = list(t - 8, barredRow(barred, t - 8, rawFirst), faint, found);
  }
  return <i32>((found - start) >> 2);
}

// @ts-ignore: decorator
@inline
function inside(y: i32): bool {
  return y >= 0 && y < height;
}

// @ts-ignore: decorator
@inline
function barredRow(barred: usize, y: i32, rawFirst: i32): usize {
  return barred + <usize>(y - rawFirst) * <usize>width;
}

/** Row medians of seven pixels of the image; the outermost are garbage. */
function medianRow7(from: usize, to: usize): void {
  const end = to + (<usize>width << 2);
  for (; to < end; from += 16, to += 16) v128.store(to, rowMedian7(from), 0, 4);
}

// @ts-ignore: decorator
@inline
function rowMedian7(from: usize): v128 {
  const p = from - 12;
  return middle7(at(p, 0), at(p, 4), at(p, 8), at(p, 12), at(p, 16), at(p, 20), at(p, 24));
}

// @ts-ignore: decorator
@inline
function columnMedian7(y: i32, x: usize): v128 {
  return middle7(
    at(ring(ROW7, y - 3), x), at(ring(ROW7, y - 2), x), at(ring(ROW7, y - 1), x), at(ring(ROW7, y), x),
    at(ring(ROW7, y + 1), x), at(ring(ROW7, y + 2), x), at(ring(ROW7, y + 3), x),
  );
}

/** Noise from the median of 7, and L+ over twice the noise. */
function measureSignificance(y: i32, readNoiseSquared: f32): void {
  const image = longRing(IMAGE, y);
  const noise = ring(NOISE, y);
  const significance = longRing(SIGNIFICANCE, y);
  const bytes = <usize>width << 2;
  if (y < 3 || y >= height - 3) {
    memory.copy(noise, image, bytes);
  } else {
    for (let x: usize = 0; x < bytes; x += 16) v128.store(noise + x, columnMedian7(y, x), 0, 4);
    restoreEnds(image, noise, 3);
  }
  // The margins of image rows are zero: nothing but the image is ever written to their ring.
  const up = y > 0 ? longRing(IMAGE, y - 1) : zeros;
  const down = y < height - 1 ? longRing(IMAGE, y + 1) : zeros;
  const least = f32x4.splat(1e-5);
  const offset = f32x4.splat(readNoiseSquared);
  const zero = f32x4.splat(0);
  const quarter = f32x4.splat(0.25);
  for (let x: usize = 0; x < bytes; x += 16) {
    const sigma = f32x4.sqrt(f32x4.add(f32x4.pmax(least, at(noise, x)), offset));
    v128.store(noise + x, sigma, 0, 4);
    const centre = at(image, x);
    const twice = f32x4.add(centre, centre);
    const fromLeft = f32x4.sub(twice, at(image, x - 4));
    const fromRight = f32x4.sub(twice, at(image, x + 4));
    const above = at(up, x);
    const below = at(down, x);
    const a = f32x4.pmax(f32x4.sub(fromLeft, above), zero);
    const b = f32x4.pmax(f32x4.sub(fromLeft, below), zero);
    const c = f32x4.pmax(f32x4.sub(fromRight, above), zero);
    const d = f32x4.pmax(f32x4.sub(fromRight, below), zero);
    const positive = f32x4.mul(quarter, f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
    v128.store(significance + x, f32x4.div(positive, f32x4.add(sigma, sigma)), 0, 4);
  }
}

/** Mark where the sharpness is above the threshold and far above the fine structure. */
function markCandidates(y: i32, barred: usize, threshold: f32, contrast: f32): void {
  setRow(CANDIDATE, y, false);
  // So close to an edge nothing is sharp.
  if (y < 3 || y >= height - 3) return;
  const significance = longRing(SIGNIFICANCE, y);
  const candidate = ring(CANDIDATE, y);
  const noise = ring(NOISE, y);
  const bytes = <usize>width << 2;
  const least = f32x4.splat(threshold);
  const factor = f32x4.splat(contrast);
  const floor = f32x4.splat(0.01);
  let isMarked = false;
  for (let x: usize = 0; x < bytes; x += 16) {
    // Medians of what is not negative take away, if anything.
    if (!v128.any_true(f32x4.gt(at(significance, x), least))) continue;
    const value = sharpness(y, x);
    let found = v128.and(f32x4.gt(value, least), usable(barred, x));
    if (!v128.any_true(found)) continue;
    const fine = fineAt(y, x);
    const structure = f32x4.pmax(floor, f32x4.div(f32x4.sub(fine, coarseAt(y, x, fine)), at(noise, x)));
    found = v128.and(found, f32x4.gt(f32x4.div(value, structure), factor));
    if (!v128.any_true(found)) continue;
    if (!isMarked) memory.fill(candidate, 0, bytes + 16);
    isMarked = true;
    v128.store(candidate + x, found, 0, 4);
  }
  setRow(CANDIDATE, y, isMarked);
}

/** Significance less the median of its 7 x 7; zero where the median is the pixel itself. */
function sharpness(y: i32, x: usize): v128 {
  if (y < 3 || y >= height - 3) return f32x4.splat(0);
  const large = middle7(
    rowMedian7(longRing(SIGNIFICANCE, y - 3) + x), rowMedian7(longRing(SIGNIFICANCE, y - 2) + x),
    rowMedian7(longRing(SIGNIFICANCE, y - 1) + x), rowMedian7(longRing(SIGNIFICANCE, y) + x),
    rowMedian7(longRing(SIGNIFICANCE, y + 1) + x), rowMedian7(longRing(SIGNIFICANCE, y + 2) + x),
    rowMedian7(longRing(SIGNIFICANCE, y + 3) + x),
  );
  return keepInner(f32x4.sub(at(longRing(SIGNIFICANCE, y), x), large), f32x4.splat(0), x, 3);
}

/** Replace the lanes of the outermost `radius` columns, and those beyond. */
// @ts-ignore: decorator
@inline
function keepInner(value: v128, outer: v128, x: usize, radius: i32): v128 {
  const first = <i32>(x >> 2);
  if (first >= radius && first + 4 <= width - radius) return value;
  const columns = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  const isInner = v128.and(
    i32x4.ge_s(columns, i32x4.splat(radius)),
    i32x4.lt_s(columns, i32x4.splat(width - radius)),
  );
  return v128.bitselect(value, outer, isInner);
}

// @ts-ignore: decorator
@inline
function rowMedian5(from: usize): v128 {
  const p = from - 8;
  return middle5(at(p, 0), at(p, 4), at(p, 8), at(p, 12), at(p, 16));
}

/** The median of 5 x 5. */
function fineAt(y: i32, x: usize): v128 {
  const image = at(longRing(IMAGE, y), x);
  if (y < 2 || y >= height - 2) return image;
  const fine = middle5(
    rowMedian5(longRing(IMAGE, y - 2) + x), rowMedian5(longRing(IMAGE, y - 1) + x),
    rowMedian5(longRing(IMAGE, y) + x), rowMedian5(longRing(IMAGE, y + 1) + x),
    rowMedian5(longRing(IMAGE, y + 2) + x),
  );
  return keepInner(fine, image, x, 2);
}

/** The median of 9 x 9 of the fine structure. */
function coarseAt(y: i32, x: usize, fine: v128): v128 {
  // The outermost four columns and rows of a median of nine are the pixels themselves.
  if (x == 0 || y < 4 || y >= height - 4) return fine;
  const lines = fineRoom;
  const plane = lines + 13 * 48;
  for (let k: i32 = -6; k <= 6; k++) {
    if (!inside(y + k)) continue;
    const image = longRing(IMAGE, y + k) + x - 16;
    const to = lines + <usize>(k + 6) * 48;
    v128.store(to, rowMedian5(image));
    v128.store(to, rowMedian5(image + 16), 16);
    v128.store(to, rowMedian5(image + 32), 32);
  }
  for (let k: i32 = -4; k <= 4; k++) {
    const image = longRing(IMAGE, y + k) + x - 16;
    const isEdge = y + k < 2 || y + k >= height - 2;
    const from = lines + <usize>(k + 4) * 48;
    const to = plane + <usize>(k + 4) * 48;
    for (let c: usize = 0; c < 48; c += 16) {
      const own = at(image, c);
      const p = from + c;
      const value = isEdge ? own : middle5(at(p, 0), at(p, 48), at(p, 96), at(p, 144), at(p, 192));
      v128.store(to + c, keepInner(value, own, x + c - 16, 2));
    }
  }
  const coarse = middle9(
    rowMedian9(plane), rowMedian9(plane + 48), rowMedian9(plane + 96), rowMedian9(plane + 144),
    rowMedian9(plane + 192), rowMedian9(plane + 240), rowMedian9(plane + 288), rowMedian9(plane + 336),
    rowMedian9(plane + 384),
  );
  return keepInner(coarse, fine, x, 4);
}

function rowMedian9(p: usize): v128 {
  return middle9(
    at(p, 0), at(p, 4), at(p, 8), at(p, 12), at(p, 16), at(p, 20), at(p, 24), at(p, 28), at(p, 32),
  );
}

function setRow(n: i32, y: i32, isMarked: bool): void {
  const bit = <u64>1 << <u64>(y & 63);
  if (n == CANDIDATE) candidateRows = isMarked ? candidateRows | bit : candidateRows & ~bit;
  else nearRows = isMarked ? nearRows | bit : nearRows & ~bit;
}

/** Row `y` of marks, or zeros where it holds none or lies beyond the image. */
function marksOf(n: i32, y: i32): usize {
  const marked = n == CANDIDATE ? candidateRows : nearRows;
  return inside(y) && ((marked >> <u64>(y & 63)) & 1) != 0 ? ring(n, y) : zeros;
}

/** All bits set where the bytes for the four pixels at `x` bytes are zero. */
// @ts-ignore: decorator
@inline
function usable(barred: usize, x: usize): v128 {
  const bytes = v128.load32_zero(barred + (x >> 2), 0, 1);
  return i32x4.eq(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)), i32x4.splat(0));
}

/** The marks of three rows grown by a pixel, those that are usable and sharper than `limit`. */
// @ts-ignore: decorator
@inline
function grow(a: usize, b: usize, c: usize, y: i32, x: usize, barred: usize, limit: v128): v128 {
  const left = v128.or(v128.or(at(a, x - 4), at(b, x - 4)), at(c, x - 4));
  const middle = v128.or(v128.or(at(a, x), at(b, x)), at(c, x));
  const right = v128.or(v128.or(at(a, x + 4), at(b, x + 4)), at(c, x + 4));
  const marked = v128.or(v128.or(left, middle), right);
  if (!v128.any_true(marked)) return marked;
  return v128.and(v128.and(marked, usable(barred, x)), f32x4.gt(sharpness(y, x), limit));
}

/** Mark the sharp pixels that touch candidates. */
function markNear(y: i32, barred: usize, threshold: f32): void {
  const a = marksOf(CANDIDATE, y - 1);
  const b = marksOf(CANDIDATE, y);
  const c = marksOf(CANDIDATE, y + 1);
  const isMarked = a != zeros || b != zeros || c != zeros;
  setRow(NEAR, y, isMarked);
  if (!isMarked) return;
  const limit = f32x4.splat(threshold);
  const near = ring(NEAR, y);
  const bytes = <usize>width << 2;
  for (let x: usize = 0; x < bytes; x += 16) v128.store(near + x, grow(a, b, c, y, x, barred, limit), 0, 4);
}

/** List the less sharp pixels that touch those. */
function list(y: i32, barred: usize, faint: f32, found: usize): usize {
  const a = marksOf(NEAR, y - 1);
  const b = marksOf(NEAR, y);
  const c = marksOf(NEAR, y + 1);
  if (a == zeros && b == zeros && c == zeros) return found;
  const limit = f32x4.splat(faint);
  for (let x: i32 = 0; x < width; x += 4) {
    const marked = grow(a, b, c, y, <usize>x << 2, barred, limit);
    if (!v128.any_true(marked)) continue;
    for (let lanes = i32x4.bitmask(marked); lanes != 0; lanes &= lanes - 1) {
      store<i32>(found, y * width + x + <i32>ctz(lanes));
      found += 4;
    }
  }
  return found;
}
