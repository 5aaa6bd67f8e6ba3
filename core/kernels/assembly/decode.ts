// FITS's big-endian samples to floats; `count` is rounded up to the samples of a vector.

/** Float32, bytes swapped only. */
export function swapFloat32(from: usize, to: usize, count: i32): void {
  for (const end = to + (<usize>count << 2); to < end; from += 16, to += 16) {
    const v = v128.load(from);
    v128.store(to, i8x16.shuffle(v, v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
  }
}

/** Float32 with scaling. */
export function decodeFloat32(from: usize, to: usize, count: i32, scale: f64, zero: f64): void {
  const factor = f64x2.splat(scale);
  const offset = f64x2.splat(zero);
  for (const end = to + (<usize>count << 2); to < end; from += 8, to += 8) {
    const raw = v128.load64_zero(from);
    const v = i8x16.shuffle(raw, raw, 3, 2, 1, 0, 7, 6, 5, 4, 8, 8, 8, 8, 8, 8, 8, 8);
    scaleTwo(f64x2.promote_low_f32x4(v), factor, offset, to);
  }
}

/** Float64 with scaling. */
export function decodeFloat64(from: usize, to: usize, count: i32, scale: f64, zero: f64): void {
  const factor = f64x2.splat(scale);
  const offset = f64x2.splat(zero);
  for (const end = to + (<usize>count << 2); to < end; from += 16, to += 8) {
    const v = v128.load(from);
    scaleTwo(
      i8x16.shuffle(v, v, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8),
      factor,
      offset,
      to,
    );
  }
}

/** Int32 with scaling; samples equal to `blank` become NaN when `hasBlank`. */
export function decodeInt32(
  from: usize, to: usize, count: i32, scale: f64, zero: f64, hasBlank: i32, blank: i32,
): void {
  const factor = f64x2.splat(scale);
  const offset = f64x2.splat(zero);
  const absent = i32x4.splat(blank);
  const never = hasBlank ? i32x4.splat(-1) : i32x4.splat(0);
  for (const end = to + (<usize>count << 2); to < end; from += 16, to += 16) {
    const raw = v128.load(from);
    const v = i8x16.shuffle(raw, raw, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    scaleFour(v, factor, offset, v128.and(never, i32x4.eq(v, absent)), to);
  }
}

/** Int16 with scaling; samples equal to `blank` become NaN when `hasBlank`. */
export function decodeInt16(
  from: usize, to: usize, count: i32, scale: f64, zero: f64, hasBlank: i32, blank: i32,
): void {
  const factor = f64x2.splat(scale);
  const offset = f64x2.splat(zero);
  const absent = i32x4.splat(blank);
  const never = hasBlank ? i32x4.splat(-1) : i32x4.splat(0);
  for (const end = to + (<usize>count << 2); to < end; from += 16, to += 32) {
    const raw = v128.load(from);
    const v = i8x16.shuffle(raw, raw, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    const low = i32x4.extend_low_i16x8_s(v);
    const high = i32x4.extend_high_i16x8_s(v);
    scaleFour(low, factor, offset, v128.and(never, i32x4.eq(low, absent)), to);
    scaleFour(high, factor, offset, v128.and(never, i32x4.eq(high, absent)), to + 16);
  }
}

/** Unsigned bytes with scaling; samples equal to `blank` become NaN when `hasBlank`. */
export function decodeUint8(
  from: usize, to: usize, count: i32, scale: f64, zero: f64, hasBlank: i32, blank: i32,
): void {
  const factor = f64x2.splat(scale);
  const offset = f64x2.splat(zero);
  const absent = i32x4.splat(blank);
  const never = hasBlank ? i32x4.splat(-1) : i32x4.splat(0);
  for (const end = to + (<usize>count << 2); to < end; from += 4, to += 16) {
    const v = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from)));
    scaleFour(v, factor, offset, v128.and(never, i32x4.eq(v, absent)), to);
  }
}

// @ts-ignore: decorator
@inline
function scaleTwo(v: v128, factor: v128, offset: v128, to: usize): void {
  v128.store64_lane(to, f32x4.demote_f64x2_zero(f64x2.add(offset, f64x2.mul(factor, v))), 0);
}

// @ts-ignore: decorator
@inline
function scaleFour(v: v128, factor: v128, offset: v128, absent: v128, to: usize): void {
  const low = f64x2.convert_low_i32x4_s(v);
  const high = f64x2.convert_low_i32x4_s(v128.shuffle<i64>(v, v, 1, 1));
  const a = f32x4.demote_f64x2_zero(f64x2.add(offset, f64x2.mul(factor, low)));
  const b = f32x4.demote_f64x2_zero(f64x2.add(offset, f64x2.mul(factor, high)));
  // All bits set is a NaN.
  v128.store(to, v128.or(v128.shuffle<i64>(a, b, 0, 2), absent));
}
