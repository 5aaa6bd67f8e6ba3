// One search of L.A.Cosmic with separable medians, as a pipeline of rows: each stage keeps the last eight (one of them
// sixteen) rows of its result, so that a band of any height stays in the second-level cache.
//
// Medians leave the outermost pixels as they are, and the Laplacian sees zeros beyond the edges, as in astroscrappy.

import { middle5, middle7, middle9 } from './median';

/** Floats of margin before and after each row. */
const MARGIN: i32 = 16;
/** Rows that the search of one row reads above and below it. */
const REACH: i32 = 8;
/** Rows of all rings: image, its row medians of 7 and 5, significance, its row medians, fine, sharpness, noise, two marks; row medians of 9 of fine; zeros. */
const RINGS: i32 = 10;

let rowBytes: usize = 0;
let base: usize = 0;

/** Row `y` of a ring of eight. */
// @ts-ignore: decorator
@inline
function ring(n: i32, y: i32): usize {
  return base + <usize>((n << 3) + (y & 7)) * rowBytes + (<usize>MARGIN << 2);
}

/** Row `y` of the ring of sixteen. */
// @ts-ignore: decorator
@inline
function longRing(y: i32): usize {
  return base + <usize>((RINGS << 3) + (y & 15)) * rowBytes + (<usize>MARGIN << 2);
}

/** Bytes of memory that `searchCosmicRays` works in. */
export function cosmicScratchBytes(width: i32): usize {
  return <usize>((RINGS << 3) + 18) * bytesOfRow(width);
}

function bytesOfRow(width: i32): usize {
  return <usize>(((width + 3) & ~3) + 2 * MARGIN) << 2;
}

/** Row median of `size` (5, 7 or 9) pixels; the outermost are garbage. */
function medianRow(from: usize, to: usize, width: i32, size: i32): void {
  const end = to + (<usize>width << 2);
  let p = from - (<usize>(size >> 1) << 2);
  if (size == 5) {
    for (; to < end; p += 16, to += 16)
      v128.store(to, middle5(at(p, 0), at(p, 4), at(p, 8), at(p, 12), at(p, 16)), 0, 4);
  } else if (size == 7) {
    for (; to < end; p += 16, to += 16)
      v128.store(to, middle7(at(p, 0), at(p, 4), at(p, 8), at(p, 12), at(p, 16), at(p, 20), at(p, 24)), 0, 4);
  } else {
    for (; to < end; p += 16, to += 16)
      v128.store(
        to,
        middle9(
          at(p, 0), at(p, 4), at(p, 8), at(p, 12), at(p, 16), at(p, 20), at(p, 24), at(p, 28), at(p, 32),
        ),
        0,
        4,
      );
  }
}

// @ts-ignore: decorator
@inline
function at(p: usize, offset: usize): v128 {
  return v128.load(p + offset, 0, 4);
}

/** Put the outermost `radius` pixels of a row back as they were. */
function restoreEnds(from: usize, to: usize, width: i32, radius: i32): void {
  const bytes = <usize>min(radius, width) << 2;
  const last = (<usize>width << 2) - bytes;
  memory.copy(to, from, bytes);
  memory.copy(to + last, from + last, bytes);
}

const IMAGE: i32 = 0;
const ROW7: i32 = 1;
const ROW5: i32 = 2;
const SIGNIFICANCE: i32 = 3;
const SIGNIFICANCE7: i32 = 4;
const FINE: i32 = 5;
const SHARP: i32 = 6;
const NOISE: i32 = 7;
const CANDIDATE: i32 = 8;
const NEAR: i32 = 9;

/**
 * Search rows `firstRow` to before `firstRow + rows` of an image for cosmic rays.
 *
 * `raw` holds contiguous image rows of `width` floats without NaN, `barred` bytes, both from row `rawFirst` on and
 * eight rows beyond both ends of what is searched, as far as the image reaches.
 *
 * @returns how many hits were written to `found`, as y * width + x.
 */
export function searchCosmicRays(
  raw: usize, barred: usize, rawFirst: i32, width: i32, height: i32, firstRow: i32, rows: i32,
  readNoiseSquared: f32, threshold: f32, faint: f32, contrast: f32, scratch: usize, found: usize,
): i32 {
  base = scratch;
  rowBytes = bytesOfRow(width);
  memory.fill(scratch, 0, cosmicScratchBytes(width));
  const zeros = base + <usize>((RINGS << 3) + 16) * rowBytes + (<usize>MARGIN << 2);
  const plain: usize = <usize>width << 2;
  const start = found;
  for (let t: i32 = firstRow - REACH; t < firstRow + rows + REACH; t++) {
    if (t >= 0 && t < height) {
      const image = ring(IMAGE, t);
      memory.copy(image, raw + <usize>(t - rawFirst) * plain, plain);
      medianRow(image, ring(ROW7, t), width, 7);
      medianRow(image, ring(ROW5, t), width, 5);
    }
    if (inside(t - 2, height)) {
      const y = t - 2;
      const fine = ring(FINE, y);
      columnMedian5(y, fine, width, height);
      medianRow(fine, longRing(y), width, 9);
    }
    if (inside(t - 3, height)) {
      const y = t - 3;
      measureSignificance(y, width, height, readNoiseSquared, zeros);
      medianRow(ring(SIGNIFICANCE, y), ring(SIGNIFICANCE7, y), width, 7);
    }
    if (inside(t - 6, height)) {
      const y = t - 6;
      // Before the first row that matters, the rings hold rows that are not there.
      if (y >= firstRow - 2) markCandidates(y, width, height, barredRow(barred, y, rawFirst, width), threshold, contrast);
    }
    if (inside(t - 7, height) && t - 7 >= firstRow - 1) {
      const y = t - 7;
      spread(CANDIDATE, y, width, height, barredRow(barred, y, rawFirst, width), threshold, ring(NEAR, y), zeros);
    }
    if (inside(t - 8, height) && t - 8 >= firstRow) {
      const y = t - 8;
      // The candidates' row is no longer needed: the hits go there.
      const hits = ring(CANDIDATE, y);
      spread(NEAR, y, width, height, barredRow(barred, y, rawFirst, width), faint, hits, zeros);
      found = list(hits, y, width, found);
    }
  }
  return <i32>((found - start) >> 2);
}

// @ts-ignore: decorator
@inline
function inside(y: i32, height: i32): bool {
  return y >= 0 && y < height;
}

// @ts-ignore: decorator
@inline
function barredRow(barred: usize, y: i32, rawFirst: i32, width: i32): usize {
  return barred + <usize>(y - rawFirst) * <usize>width;
}

function columnMedian5(y: i32, to: usize, width: i32, height: i32): void {
  const image = ring(IMAGE, y);
  if (y < 2 || y >= height - 2) {
    memory.copy(to, image, <usize>width << 2);
    return;
  }
  const a = ring(ROW5, y - 2);
  const b = ring(ROW5, y - 1);
  const c = ring(ROW5, y);
  const d = ring(ROW5, y + 1);
  const e = ring(ROW5, y + 2);
  for (let x: usize = 0; x < <usize>width << 2; x += 16)
    v128.store(to + x, middle5(at(a, x), at(b, x), at(c, x), at(d, x), at(e, x)), 0, 4);
  restoreEnds(image, to, width, 2);
}

// @ts-ignore: decorator
@inline
function columnMedian7(n: i32, y: i32, x: usize): v128 {
  return middle7(
    at(ring(n, y - 3), x), at(ring(n, y - 2), x), at(ring(n, y - 1), x), at(ring(n, y), x),
    at(ring(n, y + 1), x), at(ring(n, y + 2), x), at(ring(n, y + 3), x),
  );
}

/** Noise from the median of 7, and L+ over twice the noise. */
function measureSignificance(y: i32, width: i32, height: i32, readNoiseSquared: f32, zeros: usize): void {
  const image = ring(IMAGE, y);
  const noise = ring(NOISE, y);
  const significance = ring(SIGNIFICANCE, y);
  const bytes = <usize>width << 2;
  if (y < 3 || y >= height - 3) {
    memory.copy(noise, image, bytes);
  } else {
    for (let x: usize = 0; x < bytes; x += 16) v128.store(noise + x, columnMedian7(ROW7, y, x), 0, 4);
    restoreEnds(image, noise, width, 3);
  }
  // The margins of image rows are zero: nothing but the image is ever written to their ring.
  const up = y > 0 ? ring(IMAGE, y - 1) : zeros;
  const down = y < height - 1 ? ring(IMAGE, y + 1) : zeros;
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

/** Sharpness, and where it is above the threshold and above the fine structure. */
function markCandidates(y: i32, width: i32, height: i32, barred: usize, threshold: f32, contrast: f32): void {
  const significance = ring(SIGNIFICANCE, y);
  const sharp = ring(SHARP, y);
  const candidate = ring(CANDIDATE, y);
  const fine = ring(FINE, y);
  const noise = ring(NOISE, y);
  const bytes = <usize>width << 2;
  const least = f32x4.splat(threshold);
  const factor = f32x4.splat(contrast);
  const floor = f32x4.splat(0.01);
  if (y < 3 || y >= height - 3) {
    memory.fill(sharp, 0, bytes);
  } else {
    for (let x: usize = 0; x < bytes; x += 16)
      v128.store(sharp + x, f32x4.sub(at(significance, x), columnMedian7(SIGNIFICANCE7, y, x)), 0, 4);
    // Where the median is the pixel itself nothing is left.
    const ends = <usize>min(3, width) << 2;
    memory.fill(sharp, 0, ends);
    memory.fill(sharp + bytes - ends, 0, ends);
  }
  const isEdge = y < 4 || y >= height - 4;
  for (let x: usize = 0; x < bytes; x += 16) {
    const value = at(sharp, x);
    let found = f32x4.gt(value, least);
    if (v128.any_true(found)) {
      found = v128.and(found, usable(barred, x));
      let coarse = at(fine, x);
      if (!isEdge) {
        coarse = middle9(
          at(longRing(y - 4), x), at(longRing(y - 3), x), at(longRing(y - 2), x), at(longRing(y - 1), x),
          at(longRing(y), x), at(longRing(y + 1), x), at(longRing(y + 2), x), at(longRing(y + 3), x),
          at(longRing(y + 4), x),
        );
        // The outermost four columns of a median of nine are the pixels themselves.
        if (x == 0) coarse = at(fine, x);
        if (x + 32 > bytes) {
          for (let k: i32 = 0; k < 4; k++) {
            if (<i32>(x >> 2) + k >= width - 4) coarse = copyLane(coarse, at(fine, x), k);
          }
        }
      }
      const structure = f32x4.pmax(floor, f32x4.div(f32x4.sub(at(fine, x), coarse), at(noise, x)));
      found = v128.and(found, f32x4.gt(f32x4.div(value, structure), factor));
    }
    v128.store(candidate + x, found, 0, 4);
  }
  // A vector that overhangs the row must mark nothing there.
  if (width & 3) memory.fill(candidate + bytes, 0, 16);
}

function copyLane(to: v128, from: v128, k: i32): v128 {
  const lanes = i32x4.eq(i32x4.splat(k), i32x4(0, 1, 2, 3));
  return v128.bitselect(from, to, lanes);
}

/** All bits set where the bytes for the four pixels at `x` bytes are zero. */
// @ts-ignore: decorator
@inline
function usable(barred: usize, x: usize): v128 {
  const bytes = v128.load32_zero(barred + (x >> 2), 0, 1);
  return i32x4.eq(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)), i32x4.splat(0));
}

/** Grow the marks of ring `n` around row `y` by a pixel and keep those that are usable and sharper than `least`. */
function spread(
  n: i32, y: i32, width: i32, height: i32, barred: usize, least: f32, to: usize, zeros: usize,
): void {
  const a = y > 0 ? ring(n, y - 1) : zeros;
  const b = ring(n, y);
  const c = y < height - 1 ? ring(n, y + 1) : zeros;
  const sharp = ring(SHARP, y);
  const limit = f32x4.splat(least);
  const bytes = <usize>width << 2;
  for (let x: usize = 0; x < bytes; x += 16) {
    const left = v128.or(v128.or(at(a, x - 4), at(b, x - 4)), at(c, x - 4));
    const middle = v128.or(v128.or(at(a, x), at(b, x)), at(c, x));
    const right = v128.or(v128.or(at(a, x + 4), at(b, x + 4)), at(c, x + 4));
    let marked = v128.or(v128.or(left, middle), right);
    if (v128.any_true(marked)) {
      marked = v128.and(marked, v128.and(usable(barred, x), f32x4.gt(at(sharp, x), limit)));
    }
    v128.store(to + x, marked, 0, 4);
  }
  if (width & 3) memory.fill(to + bytes, 0, 16);
}

function list(marks: usize, y: i32, width: i32, found: usize): usize {
  for (let x: i32 = 0; x < width; x += 4) {
    const marked = v128.load(marks + (<usize>x << 2), 0, 4);
    if (!v128.any_true(marked)) continue;
    for (let lanes = i32x4.bitmask(marked); lanes != 0; lanes &= lanes - 1) {
      store<i32>(found, y * width + x + <i32>ctz(lanes));
      found += 4;
    }
  }
  return found;
}
