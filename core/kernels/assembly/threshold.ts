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
 * List the indices of words of which `a` or `b` has any of `bits`; both may be unaligned, `to` has room for `count` words.
 */
export function listEither(a: usize, b: usize, bits: i32, count: i32, to: usize): i32 {
  const wanted = i16x8.splat(<i16>bits);
  const none = i16x8.splat(0);
  const start = to;
  let i: i32 = 0;
  for (; i + 8 <= count; i += 8) {
    const at: usize = <usize>i << 1;
    const found = v128.and(v128.or(v128.load(a + at, 0, 2), v128.load(b + at, 0, 2)), wanted);
    if (!v128.any_true(found)) continue;
    for (let lanes = i16x8.bitmask(i16x8.ne(found, none)); lanes != 0; lanes &= lanes - 1) {
      store<i32>(to, i + <i32>ctz(lanes));
      to += 4;
    }
  }
  for (; i < count; i++) {
    const at: usize = <usize>i << 1;
    if (((<i32>load<u16>(a + at) | <i32>load<u16>(b + at)) & bits) == 0) continue;
    store<i32>(to, i);
    to += 4;
  }
  return <i32>((to - start) >> 2);
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
