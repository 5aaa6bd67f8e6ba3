// Stockham transforms with independent transforms in the lanes.
//
// Work layout: element k of a batch is `pairs` pairs of vectors [re x 4][im x 4], so one element of `pairs` pairs
// holds 4 * pairs transforms. A pass with stride `s` (in pairs) then runs over contiguous memory with one twiddle.
// Twiddle tables hold, for each p, (radix - 1) complex numbers w^p, w^2p, ...
//
// A plan is a list of i32: number of passes, then for each pass its radix and the address of its twiddles.

import { madd, nmadd } from './madd';

const SIN60: f32 = 0.8660254037844386;
const COS72: f32 = 0.30901699437494745;
const SIN72: f32 = 0.9510565162951535;
const COS144: f32 = -0.8090169943749475;
const SIN144: f32 = 0.5877852522924731;

// How a pair of vectors lies in memory: real and imaginary parts apart (the work layout), four complex numbers as they
// lie in a spectrum, or those with parts swapped (which makes the forward transform the inverse one). The mode is
// always a constant, so that each pass is compiled for its own.
export const APART: i32 = 0;
export const MIXED: i32 = 1;
export const SWAPPED: i32 = 2;

// @ts-ignore: decorator
@inline
function evens(p: usize): v128 {
  return v128.shuffle<f32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function odds(p: usize): v128 {
  return v128.shuffle<f32>(v128.load(p), v128.load(p, 16), 1, 3, 5, 7);
}

// @ts-ignore: decorator
@inline
function loadRe(p: usize, mode: i32): v128 {
  return mode == APART ? v128.load(p) : mode == MIXED ? evens(p) : odds(p);
}

// @ts-ignore: decorator
@inline
function loadIm(p: usize, mode: i32): v128 {
  return mode == APART ? v128.load(p, 16) : mode == MIXED ? odds(p) : evens(p);
}

// @ts-ignore: decorator
@inline
function storePair(p: usize, re: v128, im: v128, mode: i32): void {
  if (mode == APART) {
    v128.store(p, re);
    v128.store(p, im, 16);
  } else {
    const first = mode == MIXED ? re : im;
    const second = mode == MIXED ? im : re;
    v128.store(p, v128.shuffle<f32>(first, second, 0, 4, 1, 5));
    v128.store(p, v128.shuffle<f32>(first, second, 2, 6, 3, 7), 16);
  }
}

/** Bytes of 32 rows of a block that lies in one piece. */
export const IN_ONE_PIECE: usize = 4096;

/** Where a row of a block of sixteen columns lies, of whose rows each 32 are `pitch` bytes from the next. */
// @ts-ignore: decorator
@inline
export function rowAt(block: usize, row: i32, pitch: usize): usize {
  return block + <usize>(row >> 5) * pitch + (<usize>(row & 31) << 7);
}

/** Bytes from any row to that `m` rows on, where they are the same for all: in one piece, or for a multiple of 32. */
// @ts-ignore: decorator
@inline
function rowsApart(m: i32, pitch: usize): usize {
  return pitch == IN_ONE_PIECE ? <usize>m << 7 : <usize>(m >> 5) * pitch;
}

/** One radix-4 pass: n = 4 m elements of stride s pairs. */
// @ts-ignore: decorator
@inline
export function pass4(
  src: usize, dst: usize, m: i32, s: i32, twiddles: usize, mode: i32, pitch: usize,
): void {
  const bytes: usize = <usize>s << 5;
  const quarter: usize = mode == APART ? bytes * <usize>m : rowsApart(m, pitch);
  for (let p: i32 = 0; p < m; p++) {
    const w1r = v128.load32_splat(twiddles, 0);
    const w1i = v128.load32_splat(twiddles, 4);
    const w2r = v128.load32_splat(twiddles, 8);
    const w2i = v128.load32_splat(twiddles, 12);
    const w3r = v128.load32_splat(twiddles, 16);
    const w3i = v128.load32_splat(twiddles, 20);
    twiddles += 24;
    let a = mode == APART ? src + bytes * <usize>p : rowAt(src, p, pitch);
    let y = dst + ((bytes * <usize>p) << 2);
    for (const end = a + bytes; a < end; a += 32, y += 32) {
      const ar = loadRe(a, mode);
      const ai = loadIm(a, mode);
      const c = a + (quarter << 1);
      const cr = loadRe(c, mode);
      const ci = loadIm(c, mode);
      const sumAcR = f32x4.add(ar, cr);
      const sumAcI = f32x4.add(ai, ci);
      const difAcR = f32x4.sub(ar, cr);
      const difAcI = f32x4.sub(ai, ci);
      const b = a + quarter;
      const br = loadRe(b, mode);
      const bi = loadIm(b, mode);
      const d = c + quarter;
      const dr = loadRe(d, mode);
      const di = loadIm(d, mode);
      const sumBdR = f32x4.add(br, dr);
      const sumBdI = f32x4.add(bi, di);
      const difBdR = f32x4.sub(br, dr);
      const difBdI = f32x4.sub(bi, di);
      v128.store(y, f32x4.add(sumAcR, sumBdR));
      v128.store(y, f32x4.add(sumAcI, sumBdI), 16);
      const t2r = f32x4.sub(sumAcR, sumBdR);
      const t2i = f32x4.sub(sumAcI, sumBdI);
      const y2 = y + (bytes << 1);
      v128.store(y2, nmadd(t2i, w2i, f32x4.mul(t2r, w2r)));
      v128.store(y2, madd(t2r, w2i, f32x4.mul(t2i, w2r)), 16);
      const t1r = f32x4.add(difAcR, difBdI);
      const t1i = f32x4.sub(difAcI, difBdR);
      const y1 = y + bytes;
      v128.store(y1, nmadd(t1i, w1i, f32x4.mul(t1r, w1r)));
      v128.store(y1, madd(t1r, w1i, f32x4.mul(t1i, w1r)), 16);
      const t3r = f32x4.sub(difAcR, difBdI);
      const t3i = f32x4.add(difAcI, difBdR);
      const y3 = y2 + bytes;
      v128.store(y3, nmadd(t3i, w3i, f32x4.mul(t3r, w3r)));
      v128.store(y3, madd(t3r, w3i, f32x4.mul(t3i, w3r)), 16);
    }
  }
}

/** The last radix-4 pass: m = 1, all twiddles one. */
// @ts-ignore: decorator
@inline
export function lastPass4(src: usize, dst: usize, s: i32): void {
  const bytes: usize = <usize>s << 5;
  let y = dst;
  for (let a = src, end = src + bytes; a < end; a += 32, y += 32) {
    const ar = v128.load(a);
    const ai = v128.load(a, 16);
    const c = a + (bytes << 1);
    const cr = v128.load(c);
    const ci = v128.load(c, 16);
    const sumAcR = f32x4.add(ar, cr);
    const sumAcI = f32x4.add(ai, ci);
    const difAcR = f32x4.sub(ar, cr);
    const difAcI = f32x4.sub(ai, ci);
    const b = a + bytes;
    const br = v128.load(b);
    const bi = v128.load(b, 16);
    const d = c + bytes;
    const dr = v128.load(d);
    const di = v128.load(d, 16);
    const sumBdR = f32x4.add(br, dr);
    const sumBdI = f32x4.add(bi, di);
    const difBdR = f32x4.sub(br, dr);
    const difBdI = f32x4.sub(bi, di);
    storePair(y, f32x4.add(sumAcR, sumBdR), f32x4.add(sumAcI, sumBdI), APART);
    const y1 = y + bytes;
    storePair(y1, f32x4.add(difAcR, difBdI), f32x4.sub(difAcI, difBdR), APART);
    const y2 = y1 + bytes;
    storePair(y2, f32x4.sub(sumAcR, sumBdR), f32x4.sub(sumAcI, sumBdI), APART);
    const y3 = y2 + bytes;
    storePair(y3, f32x4.sub(difAcR, difBdI), f32x4.add(difAcI, difBdR), APART);
  }
}

/** The same to a block of sixteen columns, whose rows lie as `rowAt` says; `s` is a multiple of four. */
// @ts-ignore: decorator
@inline
export function lastPass4ToBlock(src: usize, block: usize, s: i32, mode: i32, pitch: usize): void {
  const bytes: usize = <usize>s << 5;
  const rows = s >> 2;
  let a = src;
  for (let row: i32 = 0; row < rows; row++) {
    let y = rowAt(block, row, pitch);
    let y1 = rowAt(block, row + rows, pitch);
    let y2 = rowAt(block, row + 2 * rows, pitch);
    let y3 = rowAt(block, row + 3 * rows, pitch);
    for (const end = a + 128; a < end; a += 32, y += 32, y1 += 32, y2 += 32, y3 += 32) {
      const ar = v128.load(a);
      const ai = v128.load(a, 16);
      const c = a + (bytes << 1);
      const cr = v128.load(c);
      const ci = v128.load(c, 16);
      const sumAcR = f32x4.add(ar, cr);
      const sumAcI = f32x4.add(ai, ci);
      const difAcR = f32x4.sub(ar, cr);
      const difAcI = f32x4.sub(ai, ci);
      const b = a + bytes;
      const br = v128.load(b);
      const bi = v128.load(b, 16);
      const d = c + bytes;
      const dr = v128.load(d);
      const di = v128.load(d, 16);
      const sumBdR = f32x4.add(br, dr);
      const sumBdI = f32x4.add(bi, di);
      const difBdR = f32x4.sub(br, dr);
      const difBdI = f32x4.sub(bi, di);
      storePair(y, f32x4.add(sumAcR, sumBdR), f32x4.add(sumAcI, sumBdI), mode);
      storePair(y1, f32x4.add(difAcR, difBdI), f32x4.sub(difAcI, difBdR), mode);
      storePair(y2, f32x4.sub(sumAcR, sumBdR), f32x4.sub(sumAcI, sumBdI), mode);
      storePair(y3, f32x4.sub(difAcR, difBdI), f32x4.add(difAcI, difBdR), mode);
    }
  }
}

/** One radix-2 pass. */
// @ts-ignore: decorator
@inline
export function pass2(
  src: usize, dst: usize, m: i32, s: i32, twiddles: usize, mode: i32, pitch: usize,
): void {
  const bytes: usize = <usize>s << 5;
  const half: usize = mode == APART ? bytes * <usize>m : rowsApart(m, pitch);
  for (let p: i32 = 0; p < m; p++) {
    const wr = v128.load32_splat(twiddles, 0);
    const wi = v128.load32_splat(twiddles, 4);
    twiddles += 8;
    let a = mode == APART ? src + bytes * <usize>p : rowAt(src, p, pitch);
    let y = dst + ((bytes * <usize>p) << 1);
    for (const end = a + bytes; a < end; a += 32, y += 32) {
      const ar = loadRe(a, mode);
      const ai = loadIm(a, mode);
      const br = loadRe(a + half, mode);
      const bi = loadIm(a + half, mode);
      v128.store(y, f32x4.add(ar, br));
      v128.store(y, f32x4.add(ai, bi), 16);
      const tr = f32x4.sub(ar, br);
      const ti = f32x4.sub(ai, bi);
      v128.store(y + bytes, nmadd(ti, wi, f32x4.mul(tr, wr)));
      v128.store(y + bytes, madd(tr, wi, f32x4.mul(ti, wr)), 16);
    }
  }
}

/** One radix-3 pass. */
// @ts-ignore: decorator
@inline
export function pass3(
  src: usize, dst: usize, m: i32, s: i32, twiddles: usize, mode: i32, pitch: usize,
): void {
  const bytes: usize = <usize>s << 5;
  const third: usize = mode == APART ? bytes * <usize>m : rowsApart(m, pitch);
  const half = f32x4.splat(0.5);
  const sin60 = f32x4.splat(SIN60);
  for (let p: i32 = 0; p < m; p++) {
    const w1r = v128.load32_splat(twiddles, 0);
    const w1i = v128.load32_splat(twiddles, 4);
    const w2r = v128.load32_splat(twiddles, 8);
    const w2i = v128.load32_splat(twiddles, 12);
    twiddles += 16;
    let a = mode == APART ? src + bytes * <usize>p : rowAt(src, p, pitch);
    let y = dst + bytes * <usize>p * 3;
    for (const end = a + bytes; a < end; a += 32, y += 32) {
      const ar = loadRe(a, mode);
      const ai = loadIm(a, mode);
      const br = loadRe(a + third, mode);
      const bi = loadIm(a + third, mode);
      const cr = loadRe(a + (third << 1), mode);
      const ci = loadIm(a + (third << 1), mode);
      const sumR = f32x4.add(br, cr);
      const sumI = f32x4.add(bi, ci);
      const difR = f32x4.sub(br, cr);
      const difI = f32x4.sub(bi, ci);
      v128.store(y, f32x4.add(ar, sumR));
      v128.store(y, f32x4.add(ai, sumI), 16);
      const midR = nmadd(half, sumR, ar);
      const midI = nmadd(half, sumI, ai);
      const t1r = madd(sin60, difI, midR);
      const t1i = nmadd(sin60, difR, midI);
      v128.store(y + bytes, nmadd(t1i, w1i, f32x4.mul(t1r, w1r)));
      v128.store(y + bytes, madd(t1r, w1i, f32x4.mul(t1i, w1r)), 16);
      const t2r = nmadd(sin60, difI, midR);
      const t2i = madd(sin60, difR, midI);
      v128.store(y + (bytes << 1), nmadd(t2i, w2i, f32x4.mul(t2r, w2r)));
      v128.store(y + (bytes << 1), madd(t2r, w2i, f32x4.mul(t2i, w2r)), 16);
    }
  }
}

// @ts-ignore: decorator
@inline
function storeTurned(y: usize, tr: v128, ti: v128, twiddle: usize): void {
  const wr = v128.load32_splat(twiddle, 0);
  const wi = v128.load32_splat(twiddle, 4);
  v128.store(y, nmadd(ti, wi, f32x4.mul(tr, wr)));
  v128.store(y, madd(tr, wi, f32x4.mul(ti, wr)), 16);
}

/** One radix-5 pass. */
// @ts-ignore: decorator
@inline
export function pass5(
  src: usize, dst: usize, m: i32, s: i32, twiddles: usize, mode: i32, pitch: usize,
): void {
  const bytes: usize = <usize>s << 5;
  const fifth: usize = mode == APART ? bytes * <usize>m : rowsApart(m, pitch);
  const c1 = f32x4.splat(COS72);
  const s1 = f32x4.splat(SIN72);
  const c2 = f32x4.splat(COS144);
  const s2 = f32x4.splat(SIN144);
  for (let p: i32 = 0; p < m; p++) {
    let a = mode == APART ? src + bytes * <usize>p : rowAt(src, p, pitch);
    let y = dst + bytes * <usize>p * 5;
    for (const end = a + bytes; a < end; a += 32, y += 32) {
      const ar = loadRe(a, mode);
      const ai = loadIm(a, mode);
      const br = loadRe(a + fifth, mode);
      const bi = loadIm(a + fifth, mode);
      const cr = loadRe(a + fifth * 2, mode);
      const ci = loadIm(a + fifth * 2, mode);
      const dr = loadRe(a + fifth * 3, mode);
      const di = loadIm(a + fifth * 3, mode);
      const er = loadRe(a + fifth * 4, mode);
      const ei = loadIm(a + fifth * 4, mode);
      const beR = f32x4.add(br, er);
      const beI = f32x4.add(bi, ei);
      const cdR = f32x4.add(cr, dr);
      const cdI = f32x4.add(ci, di);
      v128.store(y, f32x4.add(ar, f32x4.add(beR, cdR)));
      v128.store(y, f32x4.add(ai, f32x4.add(beI, cdI)), 16);
      const bdR = f32x4.sub(br, er);
      const bdI = f32x4.sub(bi, ei);
      const ceR = f32x4.sub(cr, dr);
      const ceI = f32x4.sub(ci, di);
      const m1r = madd(c1, beR, madd(c2, cdR, ar));
      const m1i = madd(c1, beI, madd(c2, cdI, ai));
      const m2r = madd(c2, beR, madd(c1, cdR, ar));
      const m2i = madd(c2, beI, madd(c1, cdI, ai));
      const n1r = madd(s1, bdR, f32x4.mul(s2, ceR));
      const n1i = madd(s1, bdI, f32x4.mul(s2, ceI));
      const n2r = nmadd(s1, ceR, f32x4.mul(s2, bdR));
      const n2i = nmadd(s1, ceI, f32x4.mul(s2, bdI));
      storeTurned(y + bytes, f32x4.add(m1r, n1i), f32x4.sub(m1i, n1r), twiddles);
      storeTurned(y + bytes * 2, f32x4.add(m2r, n2i), f32x4.sub(m2i, n2r), twiddles + 8);
      storeTurned(y + bytes * 3, f32x4.sub(m2r, n2i), f32x4.add(m2i, n2r), twiddles + 16);
      storeTurned(y + bytes * 4, f32x4.sub(m1r, n1i), f32x4.add(m1i, n1r), twiddles + 24);
    }
    twiddles += 32;
  }
}
