// Which pixels can be used, and which stand above a threshold.

/**
 * List the indices of pixels that are not finite or have any bit of `excluded` in their mask word (`mask` 0: no mask).
 * `from` and `mask` may be unaligned; `to` has room for `count` words.
 */
export function listUnusable(from: usize, mask: usize, excluded: i32, count: i32, to: usize): i32 {
  const bits = i16x8.splat(<i16>excluded);
  const zero = f32x4.splat(0);
  const start = to;
  let i: i32 = 0;
  for (; i + 8 <= count; i += 8) {
    const p = from + (<usize>i << 2);
    const a = v128.load(p, 0, 4);
    const b = v128.load(p, 16, 4);
    // The difference of a number with itself is zero only where it is finite.
    const first = f32x4.ne(f32x4.sub(a, a), zero);
    const second = f32x4.ne(f32x4.sub(b, b), zero);
    let bad = i16x8.narrow_i32x4_s(first, second);
    if (mask != 0) {
      const flagged = v128.and(v128.load(mask + (<usize>i << 1), 0, 2), bits);
      bad = v128.or(bad, i16x8.ne(flagged, i16x8.splat(0)));
    }
    if (!v128.any_true(bad)) continue;
    for (let lanes = i16x8.bitmask(bad); lanes != 0; lanes &= lanes - 1) {
      store<i32>(to, i + <i32>ctz(lanes));
      to += 4;
    }
  }
  for (; i < count; i++) {
    const value = load<f32>(from + (<usize>i << 2));
    const isFlagged = mask != 0 && (<i32>load<u16>(mask + (<usize>i << 1)) & excluded) != 0;
    if (value - value == 0 && !isFlagged) continue;
    store<i32>(to, i);
    to += 4;
  }
  return <i32>((to - start) >> 2);
}

/**
 * List `first` plus the index of words of which `a` or `b` has any of `bits`; both may be unaligned, `to` has room for
 * `count` words.
 */
export function listEither(a: usize, b: usize, bits: i32, count: i32, first: i32, to: usize): i32 {
  const wanted = i16x8.splat(<i16>bits);
  const none = i16x8.splat(0);
  const start = to;
  let i: i32 = 0;
  for (; i + 8 <= count; i += 8) {
    const at: usize = <usize>i << 1;
    const found = v128.and(v128.or(v128.load(a + at, 0, 2), v128.load(b + at, 0, 2)), wanted);
    if (!v128.any_true(found)) continue;
    for (let lanes = i16x8.bitmask(i16x8.ne(found, none)); lanes != 0; lanes &= lanes - 1) {
      store<i32>(to, first + i + <i32>ctz(lanes));
      to += 4;
    }
  }
  for (; i < count; i++) {
    const at: usize = <usize>i << 1;
    if (((<i32>load<u16>(a + at) | <i32>load<u16>(b + at)) & bits) == 0) continue;
    store<i32>(to, first + i);
    to += 4;
  }
  return <i32>((to - start) >> 2);
}

/** Write the bits that either of two masks has: rows of `width` words, in the masks `stride` bytes apart; all may be unaligned. */
export function joinRows(a: usize, b: usize, stride: usize, width: i32, rows: i32, to: usize): void {
  const whole: usize = <usize>(width & ~7) << 1;
  const bytes: usize = <usize>width << 1;
  for (; rows > 0; rows--, a += stride, b += stride, to += bytes) {
    let x: usize = 0;
    for (; x < whole; x += 16) v128.store(to + x, v128.or(v128.load(a + x, 0, 2), v128.load(b + x, 0, 2)), 0, 2);
    for (; x < bytes; x += 2) store<u16>(to + x, load<u16>(a + x) | load<u16>(b + x));
  }
}

/**
 * Write a byte for each pixel of a band: 1 where it is above `threshold` times its rms. Rows of bytes are `bytePitch`
 * apart and written in blocks of 16; `rms` holds contiguous rows, or one number when `isEven`.
 */
export function markAbove(
  from: usize, pitch: usize, rms: usize, isEven: i32, threshold: f32, width: i32, rows: i32, to: usize, bytePitch: usize,
): void {
  const factor = f32x4.splat(threshold);
  const one = i8x16.splat(1);
  const even = v128.load32_splat(rms);
  for (let y: i32 = 0; y < rows; y++, from += pitch, to += bytePitch) {
    for (let x: i32 = 0; x < width; x += 16) {
      const at: usize = <usize>x << 2;
      const a = isAbove(from + at, rms + at, isEven, even, factor);
      const b = isAbove(from + at + 16, rms + at + 16, isEven, even, factor);
      const c = isAbove(from + at + 32, rms + at + 32, isEven, even, factor);
      const d = isAbove(from + at + 48, rms + at + 48, isEven, even, factor);
      const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
      v128.store(to + <usize>x, v128.and(bytes, one), 0, 1);
    }
    rms += <usize>width << 2;
  }
}

// @ts-ignore: decorator
@inline
function isAbove(at: usize, rms: usize, isEven: i32, even: v128, factor: v128): v128 {
  const noise = isEven ? even : v128.load(rms, 0, 4);
  return f32x4.gt(v128.load(at, 0, 4), f32x4.mul(noise, factor));
}

/** Words that are counted together; they lie in the first-level cache. */
const PIECE: i32 = 4096;

/** Add to `counts` (i32), one for each of 16 bits, how many of `count` words have it; `from` may be unaligned. */
export function countBits(from: usize, count: i32, counts: usize): void {
  for (let first: i32 = 0; first < count; first += PIECE) {
    const end = from + (<usize>min(count, first + PIECE) << 1);
    const start = from + (<usize>first << 1);
    const whole = start + ((end - start) & ~15);
    let all = i16x8.splat(0);
    for (let p = start; p < whole; p += 16) all = v128.or(all, v128.load(p, 0, 2));
    let any: i32 = 0;
    for (let p = whole; p < end; p += 2) any |= <i32>load<u16>(p);
    all = v128.or(all, v128.shuffle<i64>(all, all, 1, 0));
    const halves = i64x2.extract_lane(all, 0);
    const quarters = <i32>halves | <i32>(halves >>> 32);
    any |= (quarters | (quarters >>> 16)) & 0xffff;
    for (; any != 0; any &= any - 1) {
      const k = <i32>ctz(any);
      const bit = i16x8.splat(<i16>(<i32>1 << k));
      let eight = i16x8.splat(0);
      for (let p = start; p < whole; p += 16) {
        eight = i16x8.sub(eight, i16x8.eq(v128.and(v128.load(p, 0, 2), bit), bit));
      }
      const pairs = i32x4.extadd_pairwise_i16x8_u(eight);
      let sum =
        i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1) + i32x4.extract_lane(pairs, 2) + i32x4.extract_lane(pairs, 3);
      for (let p = whole; p < end; p += 2) sum += (<i32>load<u16>(p) >> k) & 1;
      store<i32>(counts + (<usize>k << 2), load<i32>(counts + (<usize>k << 2)) + sum);
    }
  }
}

/**
 * List the indices of pixels that equal zero and of those that equal the lowest of all, which is kept in `lowest` (f32)
 * from stretch to stretch; `first` is added to indices. `NaN` is neither. Both lists have room for `count` words;
 * `found` gets how many are in each (i32 two), and whether a new lowest was met, so that earlier ones are void (i32).
 */
export function listFillings(
  from: usize, count: i32, first: i32, lowest: usize, zeros: usize, lows: usize, found: usize,
): void {
  const zero = f32x4.splat(0);
  const zerosStart = zeros;
  const lowsStart = lows;
  let low = load<f32>(lowest);
  let isNew: i32 = 0;
  for (let i: i32 = 0; i < count; i += 4) {
    const p = from + (<usize>i << 2);
    if (i + 4 <= count) {
      const v = v128.load(p, 0, 4);
      if (!v128.any_true(v128.or(f32x4.eq(v, zero), f32x4.le(v, f32x4.splat(low))))) continue;
    }
    for (let k = i; k < min(i + 4, count); k++) {
      const value = load<f32>(from + (<usize>k << 2));
      if (value == 0) {
        store<i32>(zeros, first + k);
        zeros += 4;
      }
      if (value < low) {
        low = value;
        lows = lowsStart;
        isNew = 1;
      }
      if (value == low) {
        store<i32>(lows, first + k);
        lows += 4;
      }
    }
  }
  store<f32>(lowest, low);
  store<i32>(found, <i32>((zeros - zerosStart) >> 2));
  store<i32>(found, <i32>((lows - lowsStart) >> 2), 4);
  store<i32>(found, isNew, 8);
}

/**
 * List the runs of bytes that are not zero along rows of `width` bytes that follow each other: row, first and last
 * column, three words each; `row` is the first row's number. A block of 16 bytes is read beyond the last row.
 *
 * @returns how many there are, at most half of the bytes, rounded up row by row.
 */
export function listRuns(from: usize, width: i32, rows: i32, row: i32, to: usize): i32 {
  const start = to;
  const zero = i8x16.splat(0);
  for (const end = row + rows; row < end; row++, from += <usize>width) {
    let first: i32 = -1;
    for (let x: i32 = 0; x < width; x += 16) {
      let marked = i8x16.bitmask(i8x16.ne(v128.load(from + <usize>x, 0, 1), zero));
      if (x + 16 > width) marked &= (1 << (width - x)) - 1;
      // From one end of a run to the next.
      for (let k: i32 = 0; ; ) {
        const ahead = (first < 0 ? marked : ~marked & 0xffff) >> k;
        if (ahead == 0) break;
        k += <i32>ctz(ahead);
        if (first < 0) {
          first = x + k;
        } else {
          store<i32>(to, row);
          store<i32>(to, first, 4);
          store<i32>(to, x + k - 1, 8);
          to += 12;
          first = -1;
        }
      }
    }
    if (first >= 0) {
      store<i32>(to, row);
      store<i32>(to, first, 4);
      store<i32>(to, width - 1, 8);
      to += 12;
    }
  }
  return <i32>((to - start) / 12);
}
