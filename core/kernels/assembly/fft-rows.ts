// Real rows to half spectra and back.

import { columnAt } from './fft-columns';
import { transformBatch } from './fft-plan';
import { madd, nmadd } from './madd';

/**
 * Real rows to half spectra in blocks, from row `firstRow` of them: each row of `2 m` floats becomes m + 1 complex
 * numbers.
 *
 * The row is read as m complex numbers, transformed, and split with `turns` = exp(-2 pi i k / 2m), k = 0..m.
 * Rows go four to the lanes and eight to a batch; missing rows of the last batch repeat the last one.
 */
export function forwardRows(
  from: usize,
  rows: i32,
  m: i32,
  blocks: usize,
  height: i32,
  firstRow: i32,
  plan: usize,
  turns: usize,
  work: usize,
): void {
  const inBytes: usize = <usize>m << 3;
  const blockBytes: usize = <usize>height << 7;
  const other = work + (<usize>m << 6);
  for (let first: i32 = 0; first < rows; first += 8) {
    const count = min(rows - first, 8);
    const pairs = (count + 3) >> 2;
    const stride: usize = <usize>pairs << 5;
    for (let p: i32 = 0; p < pairs; p++) {
      const row = first + (p << 2);
      const r0 = from + inBytes * <usize>row;
      const r1 = from + inBytes * <usize>min(row + 1, rows - 1);
      const r2 = from + inBytes * <usize>min(row + 2, rows - 1);
      const r3 = from + inBytes * <usize>min(row + 3, rows - 1);
      loadRows(r0, r1, r2, r3, work + (<usize>p << 5), stride, m);
    }
    const result = transformBatch(work, other, m, pairs, plan);
    for (let p: i32 = 0; p < pairs; p++) {
      const row = first + (p << 2);
      splitRows(
        result + (<usize>p << 5),
        stride,
        blocks + (<usize>(firstRow + row) << 7),
        blockBytes,
        min(rows - row, 4),
        m,
        turns,
      );
    }
  }
}

/** Four rows of m complex numbers into the lanes. */
function loadRows(r0: usize, r1: usize, r2: usize, r3: usize, w: usize, stride: usize, m: i32): void {
  let k: i32 = 0;
  for (; k + 2 <= m; k += 2) {
    const a = v128.load(r0);
    const b = v128.load(r1);
    const c = v128.load(r2);
    const d = v128.load(r3);
    const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(w, v128.shuffle<f64>(ab0, cd0, 0, 2));
    v128.store(w, v128.shuffle<f64>(ab0, cd0, 1, 3), 16);
    v128.store(w + stride, v128.shuffle<f64>(ab1, cd1, 0, 2));
    v128.store(w + stride, v128.shuffle<f64>(ab1, cd1, 1, 3), 16);
    w += stride << 1;
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
  }
  if (k < m) {
    v128.store(w, f32x4(load<f32>(r0), load<f32>(r1), load<f32>(r2), load<f32>(r3)));
    v128.store(w, f32x4(load<f32>(r0, 4), load<f32>(r1, 4), load<f32>(r2, 4), load<f32>(r3, 4)), 16);
  }
}

/** Write one complex number of each of `count` (1..4) rows. */
// @ts-ignore: decorator
@inline
function storeFour(to: usize, count: i32, re: v128, im: v128): void {
  const lo = v128.shuffle<f32>(re, im, 0, 4, 1, 5);
  const hi = v128.shuffle<f32>(re, im, 2, 6, 3, 7);
  v128.store64_lane(to, lo, 0);
  if (count > 1) v128.store64_lane(to, lo, 1, 128);
  if (count > 2) v128.store64_lane(to, hi, 0, 256);
  if (count > 3) v128.store64_lane(to, hi, 1, 384);
}

/** X[k] = (Z[k] + conj Z[m-k]) / 2 - i w^k (Z[k] - conj Z[m-k]) / 2, for k and m - k together. */
function splitRows(
  w: usize,
  stride: usize,
  to: usize,
  blockBytes: usize,
  count: i32,
  m: i32,
  turns: usize,
): void {
  const half = f32x4.splat(0.5);
  const zr = v128.load(w);
  const zi = v128.load(w, 16);
  const zero = f32x4.splat(0);
  storeFour(to, count, f32x4.add(zr, zi), zero);
  storeFour(to + columnAt(m, blockBytes), count, f32x4.sub(zr, zi), zero);
  let low = w + stride;
  let high = w + stride * <usize>(m - 1);
  turns += 8;
  for (let k: i32 = 1; low <= high; low += stride, high -= stride, k++, turns += 8) {
    const ar = v128.load(low);
    const ai = v128.load(low, 16);
    const br = v128.load(high);
    const bi = v128.load(high, 16);
    const evenR = f32x4.mul(half, f32x4.add(ar, br));
    const evenI = f32x4.mul(half, f32x4.sub(ai, bi));
    const oddR = f32x4.mul(half, f32x4.add(ai, bi));
    const oddI = f32x4.mul(half, f32x4.sub(br, ar));
    const wr = v128.load32_splat(turns);
    const wi = v128.load32_splat(turns, 4);
    const tr = nmadd(oddI, wi, f32x4.mul(oddR, wr));
    const ti = madd(oddR, wi, f32x4.mul(oddI, wr));
    storeFour(to + columnAt(k, blockBytes), count, f32x4.add(evenR, tr), f32x4.add(evenI, ti));
    storeFour(to + columnAt(m - k, blockBytes), count, f32x4.sub(evenR, tr), f32x4.sub(ti, evenI));
  }
}

/** Half spectra in blocks to real rows, times `scale`: the inverse of `forwardRows` (unscaled inverse times scale). */
export function inverseRows(
  blocks: usize,
  height: i32,
  firstRow: i32,
  to: usize,
  rows: i32,
  m: i32,
  plan: usize,
  turns: usize,
  work: usize,
  scale: f32,
): void {
  const outBytes: usize = <usize>m << 3;
  const blockBytes: usize = <usize>height << 7;
  const other = work + (<usize>m << 6);
  for (let first: i32 = 0; first < rows; first += 8) {
    const count = min(rows - first, 8);
    const pairs = (count + 3) >> 2;
    const stride: usize = <usize>pairs << 5;
    for (let p: i32 = 0; p < pairs; p++) {
      const row = first + (p << 2);
      const r0 = blocks + (<usize>(firstRow + row) << 7);
      const r1 = r0 + (<usize>min(1, rows - 1 - row) << 7);
      const r2 = r0 + (<usize>min(2, rows - 1 - row) << 7);
      const r3 = r0 + (<usize>min(3, rows - 1 - row) << 7);
      joinRows(r0, r1, r2, r3, blockBytes, work + (<usize>p << 5), stride, m, turns, scale);
    }
    const result = transformBatch(work, other, m, pairs, plan);
    for (let p: i32 = 0; p < pairs; p++) {
      const row = first + (p << 2);
      storeRows(result + (<usize>p << 5), stride, to + outBytes * <usize>row, outBytes, min(rows - row, 4), m);
    }
  }
}

// @ts-ignore: decorator
@inline
function gatherPart(r0: usize, r1: usize, r2: usize, r3: usize): v128 {
  let v = v128.load32_zero(r0);
  v = v128.load32_lane(r1, v, 1);
  v = v128.load32_lane(r2, v, 2);
  return v128.load32_lane(r3, v, 3);
}

/**
 * Z[k] = (X[k] + conj X[m-k]) + i w^-k (X[k] - conj X[m-k]), written with real and imaginary parts swapped so that
 * a forward transform inverts it. The imaginary parts of X[0] and X[m] are taken as zero.
 */
function joinRows(
  r0: usize,
  r1: usize,
  r2: usize,
  r3: usize,
  blockBytes: usize,
  w: usize,
  stride: usize,
  m: i32,
  turns: usize,
  scale: f32,
): void {
  const factor = f32x4.splat(scale);
  const last = columnAt(m, blockBytes);
  const dc = f32x4.mul(factor, gatherPart(r0, r1, r2, r3));
  const nyquist = f32x4.mul(factor, gatherPart(r0 + last, r1 + last, r2 + last, r3 + last));
  v128.store(w, f32x4.sub(dc, nyquist));
  v128.store(w, f32x4.add(dc, nyquist), 16);
  let low = w + stride;
  let high = w + stride * <usize>(m - 1);
  turns += 8;
  for (let column: i32 = 1; low <= high; low += stride, high -= stride, column++, turns += 8) {
    const k = columnAt(column, blockBytes);
    const j = columnAt(m - column, blockBytes);
    const a01 = v128.load64_lane(r1 + k, v128.load64_zero(r0 + k), 1);
    const a23 = v128.load64_lane(r3 + k, v128.load64_zero(r2 + k), 1);
    const b01 = v128.load64_lane(r1 + j, v128.load64_zero(r0 + j), 1);
    const b23 = v128.load64_lane(r3 + j, v128.load64_zero(r2 + j), 1);
    const ar = f32x4.mul(factor, v128.shuffle<f32>(a01, a23, 0, 2, 4, 6));
    const ai = f32x4.mul(factor, v128.shuffle<f32>(a01, a23, 1, 3, 5, 7));
    const br = f32x4.mul(factor, v128.shuffle<f32>(b01, b23, 0, 2, 4, 6));
    const bi = f32x4.mul(factor, v128.shuffle<f32>(b01, b23, 1, 3, 5, 7));
    const evenR = f32x4.add(ar, br);
    const evenI = f32x4.sub(ai, bi);
    const difR = f32x4.sub(ar, br);
    const difI = f32x4.add(ai, bi);
    const wr = v128.load32_splat(turns);
    const wi = v128.load32_splat(turns, 4);
    // i conj(w) d = (wi + i wr) d
    const tr = nmadd(difI, wr, f32x4.mul(difR, wi));
    const ti = madd(difR, wr, f32x4.mul(difI, wi));
    v128.store(low, f32x4.add(evenI, ti));
    v128.store(low, f32x4.add(evenR, tr), 16);
    // Z[m-k] = conj(even) - conj(turned)
    v128.store(high, f32x4.sub(ti, evenI));
    v128.store(high, f32x4.sub(evenR, tr), 16);
  }
}

/** Lanes back to rows, parts swapped. */
function storeRows(w: usize, stride: usize, to: usize, outBytes: usize, count: i32, m: i32): void {
  const t1 = to + outBytes;
  const t2 = t1 + outBytes;
  const t3 = t2 + outBytes;
  let k: i32 = 0;
  let x: usize = 0;
  for (; k + 2 <= m; k += 2, x += 16, w += stride << 1) {
    const i0 = v128.load(w);
    const re0 = v128.load(w, 16);
    const i1 = v128.load(w + stride);
    const re1 = v128.load(w + stride, 16);
    const lo0 = v128.shuffle<f32>(re0, i0, 0, 4, 1, 5);
    const lo1 = v128.shuffle<f32>(re1, i1, 0, 4, 1, 5);
    const hi0 = v128.shuffle<f32>(re0, i0, 2, 6, 3, 7);
    const hi1 = v128.shuffle<f32>(re1, i1, 2, 6, 3, 7);
    v128.store(to + x, v128.shuffle<f64>(lo0, lo1, 0, 2));
    if (count > 1) v128.store(t1 + x, v128.shuffle<f64>(lo0, lo1, 1, 3));
    if (count > 2) v128.store(t2 + x, v128.shuffle<f64>(hi0, hi1, 0, 2));
    if (count > 3) v128.store(t3 + x, v128.shuffle<f64>(hi0, hi1, 1, 3));
  }
  if (k < m) {
    const im = v128.load(w);
    const re = v128.load(w, 16);
    const lo = v128.shuffle<f32>(re, im, 0, 4, 1, 5);
    const hi = v128.shuffle<f32>(re, im, 2, 6, 3, 7);
    v128.store64_lane(to + x, lo, 0);
    if (count > 1) v128.store64_lane(t1 + x, lo, 1);
    if (count > 2) v128.store64_lane(t2 + x, hi, 0);
    if (count > 3) v128.store64_lane(t3 + x, hi, 1);
  }
}
