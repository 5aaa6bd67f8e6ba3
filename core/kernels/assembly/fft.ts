// Stockham transforms with independent transforms in the lanes.
//
// Work layout: element k of a batch is `pairs` pairs of vectors [re x 4][im x 4], so one element of `pairs` pairs
// holds 4 * pairs transforms. A pass with stride `s` (in pairs) then runs over contiguous memory with one twiddle.
// Twiddle tables hold, for each p, (radix - 1) complex numbers w^p, w^2p, ...
//
// A plan is a list of i32: number of passes, then for each pass its radix and the address of its twiddles.

const SIN60: f32 = 0.8660254037844386;
const COS72: f32 = 0.30901699437494745;
const SIN72: f32 = 0.9510565162951535;
const COS144: f32 = -0.8090169943749475;
const SIN144: f32 = 0.5877852522924731;

// How a pair of vectors lies in memory: real and imaginary parts apart (the work layout), four complex numbers as they
// lie in a spectrum, or those with parts swapped (which makes the forward transform the inverse one). The mode is
// always a constant, so that each pass is compiled for its own.
const APART: i32 = 0;
const MIXED: i32 = 1;
const SWAPPED: i32 = 2;

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

/** One radix-4 pass: n = 4 m elements of stride s pairs. */
// @ts-ignore: decorator
@inline
function pass4(src: usize, dst: usize, m: i32, s: i32, twiddles: usize, mode: i32): void {
  const bytes: usize = <usize>s << 5;
  const quarter: usize = bytes * <usize>m;
  for (let p: i32 = 0; p < m; p++) {
    const w1r = v128.load32_splat(twiddles, 0);
    const w1i = v128.load32_splat(twiddles, 4);
    const w2r = v128.load32_splat(twiddles, 8);
    const w2i = v128.load32_splat(twiddles, 12);
    const w3r = v128.load32_splat(twiddles, 16);
    const w3i = v128.load32_splat(twiddles, 20);
    twiddles += 24;
    let a = src + bytes * <usize>p;
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
      v128.store(y2, f32x4.sub(f32x4.mul(t2r, w2r), f32x4.mul(t2i, w2i)));
      v128.store(y2, f32x4.add(f32x4.mul(t2r, w2i), f32x4.mul(t2i, w2r)), 16);
      const t1r = f32x4.add(difAcR, difBdI);
      const t1i = f32x4.sub(difAcI, difBdR);
      const y1 = y + bytes;
      v128.store(y1, f32x4.sub(f32x4.mul(t1r, w1r), f32x4.mul(t1i, w1i)));
      v128.store(y1, f32x4.add(f32x4.mul(t1r, w1i), f32x4.mul(t1i, w1r)), 16);
      const t3r = f32x4.sub(difAcR, difBdI);
      const t3i = f32x4.add(difAcI, difBdR);
      const y3 = y2 + bytes;
      v128.store(y3, f32x4.sub(f32x4.mul(t3r, w3r), f32x4.mul(t3i, w3i)));
      v128.store(y3, f32x4.add(f32x4.mul(t3r, w3i), f32x4.mul(t3i, w3r)), 16);
    }
  }
}

/** The last radix-4 pass: m = 1, all twiddles one. */
// @ts-ignore: decorator
@inline
function lastPass4(src: usize, dst: usize, s: i32, mode: i32): void {
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
    storePair(y, f32x4.add(sumAcR, sumBdR), f32x4.add(sumAcI, sumBdI), mode);
    const y1 = y + bytes;
    storePair(y1, f32x4.add(difAcR, difBdI), f32x4.sub(difAcI, difBdR), mode);
    const y2 = y1 + bytes;
    storePair(y2, f32x4.sub(sumAcR, sumBdR), f32x4.sub(sumAcI, sumBdI), mode);
    const y3 = y2 + bytes;
    storePair(y3, f32x4.sub(difAcR, difBdI), f32x4.add(difAcI, difBdR), mode);
  }
}

/** One radix-2 pass. */
// @ts-ignore: decorator
@inline
function pass2(src: usize, dst: usize, m: i32, s: i32, twiddles: usize, mode: i32): void {
  const bytes: usize = <usize>s << 5;
  const half: usize = bytes * <usize>m;
  for (let p: i32 = 0; p < m; p++) {
    const wr = v128.load32_splat(twiddles, 0);
    const wi = v128.load32_splat(twiddles, 4);
    twiddles += 8;
    let a = src + bytes * <usize>p;
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
      v128.store(y + bytes, f32x4.sub(f32x4.mul(tr, wr), f32x4.mul(ti, wi)));
      v128.store(y + bytes, f32x4.add(f32x4.mul(tr, wi), f32x4.mul(ti, wr)), 16);
    }
  }
}

/** One radix-3 pass. */
function pass3(src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  const bytes: usize = <usize>s << 5;
  const third: usize = bytes * <usize>m;
  const half = f32x4.splat(0.5);
  const sin60 = f32x4.splat(SIN60);
  for (let p: i32 = 0; p < m; p++) {
    const w1r = v128.load32_splat(twiddles, 0);
    const w1i = v128.load32_splat(twiddles, 4);
    const w2r = v128.load32_splat(twiddles, 8);
    const w2i = v128.load32_splat(twiddles, 12);
    twiddles += 16;
    let a = src + bytes * <usize>p;
    let y = dst + bytes * <usize>p * 3;
    for (const end = a + bytes; a < end; a += 32, y += 32) {
      const ar = v128.load(a);
      const ai = v128.load(a, 16);
      const br = v128.load(a + third);
      const bi = v128.load(a + third, 16);
      const cr = v128.load(a + (third << 1));
      const ci = v128.load(a + (third << 1), 16);
      const sumR = f32x4.add(br, cr);
      const sumI = f32x4.add(bi, ci);
      const difR = f32x4.mul(f32x4.sub(br, cr), sin60);
      const difI = f32x4.mul(f32x4.sub(bi, ci), sin60);
      v128.store(y, f32x4.add(ar, sumR));
      v128.store(y, f32x4.add(ai, sumI), 16);
      const midR = f32x4.sub(ar, f32x4.mul(half, sumR));
      const midI = f32x4.sub(ai, f32x4.mul(half, sumI));
      const t1r = f32x4.add(midR, difI);
      const t1i = f32x4.sub(midI, difR);
      v128.store(y + bytes, f32x4.sub(f32x4.mul(t1r, w1r), f32x4.mul(t1i, w1i)));
      v128.store(y + bytes, f32x4.add(f32x4.mul(t1r, w1i), f32x4.mul(t1i, w1r)), 16);
      const t2r = f32x4.sub(midR, difI);
      const t2i = f32x4.add(midI, difR);
      v128.store(y + (bytes << 1), f32x4.sub(f32x4.mul(t2r, w2r), f32x4.mul(t2i, w2i)));
      v128.store(y + (bytes << 1), f32x4.add(f32x4.mul(t2r, w2i), f32x4.mul(t2i, w2r)), 16);
    }
  }
}

// @ts-ignore: decorator
@inline
function storeTurned(y: usize, tr: v128, ti: v128, twiddle: usize): void {
  const wr = v128.load32_splat(twiddle, 0);
  const wi = v128.load32_splat(twiddle, 4);
  v128.store(y, f32x4.sub(f32x4.mul(tr, wr), f32x4.mul(ti, wi)));
  v128.store(y, f32x4.add(f32x4.mul(tr, wi), f32x4.mul(ti, wr)), 16);
}

/** One radix-5 pass. */
function pass5(src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  const bytes: usize = <usize>s << 5;
  const fifth: usize = bytes * <usize>m;
  const c1 = f32x4.splat(COS72);
  const s1 = f32x4.splat(SIN72);
  const c2 = f32x4.splat(COS144);
  const s2 = f32x4.splat(SIN144);
  for (let p: i32 = 0; p < m; p++) {
    let a = src + bytes * <usize>p;
    let y = dst + bytes * <usize>p * 5;
    for (const end = a + bytes; a < end; a += 32, y += 32) {
      const ar = v128.load(a);
      const ai = v128.load(a, 16);
      const br = v128.load(a + fifth);
      const bi = v128.load(a + fifth, 16);
      const cr = v128.load(a + fifth * 2);
      const ci = v128.load(a + fifth * 2, 16);
      const dr = v128.load(a + fifth * 3);
      const di = v128.load(a + fifth * 3, 16);
      const er = v128.load(a + fifth * 4);
      const ei = v128.load(a + fifth * 4, 16);
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
      const m1r = f32x4.add(ar, f32x4.add(f32x4.mul(c1, beR), f32x4.mul(c2, cdR)));
      const m1i = f32x4.add(ai, f32x4.add(f32x4.mul(c1, beI), f32x4.mul(c2, cdI)));
      const m2r = f32x4.add(ar, f32x4.add(f32x4.mul(c2, beR), f32x4.mul(c1, cdR)));
      const m2i = f32x4.add(ai, f32x4.add(f32x4.mul(c2, beI), f32x4.mul(c1, cdI)));
      const n1r = f32x4.add(f32x4.mul(s1, bdR), f32x4.mul(s2, ceR));
      const n1i = f32x4.add(f32x4.mul(s1, bdI), f32x4.mul(s2, ceI));
      const n2r = f32x4.sub(f32x4.mul(s2, bdR), f32x4.mul(s1, ceR));
      const n2i = f32x4.sub(f32x4.mul(s2, bdI), f32x4.mul(s1, ceI));
      storeTurned(y + bytes, f32x4.add(m1r, n1i), f32x4.sub(m1i, n1r), twiddles);
      storeTurned(y + bytes * 2, f32x4.add(m2r, n2i), f32x4.sub(m2i, n2r), twiddles + 8);
      storeTurned(y + bytes * 3, f32x4.sub(m2r, n2i), f32x4.add(m2i, n2r), twiddles + 16);
      storeTurned(y + bytes * 4, f32x4.sub(m1r, n1i), f32x4.add(m1i, n1r), twiddles + 24);
    }
    twiddles += 32;
  }
}

// Each inlined body once for each use.
function workPass4(src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  pass4(src, dst, m, s, twiddles, APART);
}
function workPass2(src: usize, dst: usize, m: i32, s: i32, twiddles: usize): void {
  pass2(src, dst, m, s, twiddles, APART);
}
function workLastPass4(src: usize, dst: usize, s: i32): void {
  lastPass4(src, dst, s, APART);
}
function firstPass4(src: usize, dst: usize, m: i32, s: i32, twiddles: usize, inverse: i32): void {
  if (inverse) pass4(src, dst, m, s, twiddles, SWAPPED);
  else pass4(src, dst, m, s, twiddles, MIXED);
}
function firstPass2(src: usize, dst: usize, m: i32, s: i32, twiddles: usize, inverse: i32): void {
  if (inverse) pass2(src, dst, m, s, twiddles, SWAPPED);
  else pass2(src, dst, m, s, twiddles, MIXED);
}
function finalPass4(src: usize, dst: usize, s: i32, inverse: i32): void {
  if (inverse) lastPass4(src, dst, s, SWAPPED);
  else lastPass4(src, dst, s, MIXED);
}

/**
 * Run passes `first` to before `end` of a plan over `4 * pairs` sequences of n elements; returns which of the two
 * buffers has the result.
 */
function runPasses(
  work: usize, other: usize, n: i32, pairs: i32, plan: usize, first: i32, end: i32,
): usize {
  let s = pairs;
  let rest = n;
  let step = plan + 4;
  for (let k: i32 = 0; k < end; k++, step += 8) {
    const radix = load<i32>(step);
    const twiddles = <usize>load<i32>(step, 4);
    rest /= radix;
    if (k >= first) {
      if (radix == 4) {
        if (rest == 1) workLastPass4(work, other, s);
        else workPass4(work, other, rest, s, twiddles);
      } else if (radix == 2) workPass2(work, other, rest, s, twiddles);
      else if (radix == 3) pass3(work, other, rest, s, twiddles);
      else pass5(work, other, rest, s, twiddles);
      const swap = work;
      work = other;
      other = swap;
    }
    s *= radix;
  }
  return work;
}

/** Run all passes of a plan. */
function transformBatch(work: usize, other: usize, n: i32, pairs: i32, plan: usize): usize {
  return runPasses(work, other, n, pairs, plan, 0, load<i32>(plan));
}

// ---------------------------------------------------------------- blocks
//
// Between the passes along rows and along columns a half spectrum lies in blocks of sixteen columns, one after the
// other: a block is `height` rows of 128 bytes. Strided access to a row-major spectrum costs three times the
// arithmetic of the column transforms; blocks make both passes read and write contiguous memory. The last block is
// stored whole, whatever it holds.

/** Where column k of a block's first row lies. */
// @ts-ignore: decorator
@inline
function columnAt(k: i32, blockBytes: usize): usize {
  return <usize>(k >> 4) * blockBytes + (<usize>(k & 15) << 3);
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
 * Transform every column of a half spectrum in blocks, in place.
 *
 * `inverse` 1 swaps real and imaginary parts on the way in and out, which turns the forward transform into the
 * unscaled inverse one. `work` holds two buffers of height * 16 complex numbers.
 */
export function transformColumns(
  blocks: usize,
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
  for (let first: i32 = 0; first < columns; first += 16) {
    const pairs = (min(columns - first, 16) + 3) >> 2;
    let begin: i32 = 0;
    // A whole block has the shape of a work buffer: the first and the last pass read and write it directly.
    if (pairs == 4 && (firstRadix == 4 || firstRadix == 2)) {
      const rest = height / firstRadix;
      const twiddles = <usize>load<i32>(plan, 8);
      if (firstRadix == 4) firstPass4(blocks, work, rest, 4, twiddles, inverse);
      else firstPass2(blocks, work, rest, 4, twiddles, inverse);
      begin = 1;
    } else loadBlock(blocks, height, pairs, work, inverse);
    if (pairs == 4 && lastRadix == 4) {
      const last = runPasses(work, other, height, 4, plan, begin, passes - 1);
      finalPass4(last, blocks, height, inverse);
    } else {
      const last = runPasses(work, other, height, pairs, plan, begin, passes);
      storeBlock(last, height, pairs, blocks, inverse);
    }
    blocks += <usize>height << 7;
  }
}

/** Part real from imaginary: four columns become a pair of vectors. */
function loadBlock(block: usize, height: i32, pairs: i32, w: usize, inverse: i32): void {
  const re: usize = inverse ? 16 : 0;
  const im: usize = 16 - re;
  const used: usize = <usize>pairs << 5;
  for (const end = block + (<usize>height << 7); block < end; block += 128) {
    for (let x: usize = 0; x < used; x += 32, w += 32) {
      const lo = v128.load(block + x);
      const hi = v128.load(block + x, 16);
      v128.store(w + re, v128.shuffle<f32>(lo, hi, 0, 2, 4, 6));
      v128.store(w + im, v128.shuffle<f32>(lo, hi, 1, 3, 5, 7));
    }
  }
}

function storeBlock(w: usize, height: i32, pairs: i32, block: usize, inverse: i32): void {
  const re: usize = inverse ? 16 : 0;
  const im: usize = 16 - re;
  const used: usize = <usize>pairs << 5;
  for (const end = block + (<usize>height << 7); block < end; block += 128) {
    for (let x: usize = 0; x < used; x += 32, w += 32) {
      const r = v128.load(w + re);
      const i = v128.load(w + im);
      v128.store(block + x, v128.shuffle<f32>(r, i, 0, 4, 1, 5));
      v128.store(block + x, v128.shuffle<f32>(r, i, 2, 6, 3, 7), 16);
    }
  }
}

// ---------------------------------------------------------------- rows

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
    const tr = f32x4.sub(f32x4.mul(oddR, wr), f32x4.mul(oddI, wi));
    const ti = f32x4.add(f32x4.mul(oddR, wi), f32x4.mul(oddI, wr));
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
    const tr = f32x4.sub(f32x4.mul(difR, wi), f32x4.mul(difI, wr));
    const ti = f32x4.add(f32x4.mul(difR, wr), f32x4.mul(difI, wi));
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
