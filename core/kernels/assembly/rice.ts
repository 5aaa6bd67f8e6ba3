// FITS's Rice coding: differences between neighbours in blocks that share how many low bits are kept whole.

/** Bits not yet used, from the top; how many they are; where the next byte is; where the tile's bytes end. */
let held: u64 = 0;
let heldBits: i32 = 0;
let next: usize = 0;
let limit: usize = 0;
/** Set when more was wanted than there is. */
let isShort: bool = false;

/** Fill `held` to 56 bits or more; beyond the end with zeros, which are told. */
// @ts-ignore: decorator
@inline
function refill(): void {
  // Once the next byte lies beyond the end, all real bits are in `held` and were too few.
  if (next > limit) {
    isShort = true;
    heldBits |= 56;
    return;
  }
  const raw = v128.load64_zero(next);
  const word = <u64>i64x2.extract_lane(i8x16.shuffle(raw, raw, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0);
  held |= word >> <u64>heldBits;
  next += <usize>((63 - heldBits) >> 3);
  heldBits |= 56;
}

/** Take up to 32 bits. */
// @ts-ignore: decorator
@inline
function take(bits: i32): u32 {
  if (bits == 0) return 0;
  if (heldBits < bits) refill();
  const value = <u32>(held >> <u64>(64 - bits));
  held <<= <u64>bits;
  heldBits -= bits;
  return value;
}

/**
 * Decode a tile of `count` pixels to int32 at `to`; differences wrap in `pixelBits` (8, 16 or 32) bits.
 *
 * `from` holds `bytes` bytes and eight more that may be read.
 *
 * @returns `count`; or where it went wrong: minus one and the first pixel of the block that the bytes do not reach, or
 *   minus (count + 2) and the split of a block that cannot be.
 */
export function decodeRice(from: usize, bytes: i32, to: usize, count: i32, blockSize: i32, pixelBits: i32): i32 {
  const splitBits: i32 = pixelBits == 8 ? 3 : pixelBits == 16 ? 4 : 5;
  const verbatim: i32 = pixelBits == 8 ? 6 : pixelBits == 16 ? 14 : 25;
  const unused: i32 = 32 - pixelBits;
  const end = from + <usize>bytes;
  held = 0;
  heldBits = 0;
  next = from;
  limit = end;
  isShort = false;
  let last = (<i32>take(pixelBits) << unused) >> unused;
  let i: i32 = 0;
  while (i < count) {
    const first = i;
    const blockEnd = min(i + blockSize, count);
    const split = <i32>take(splitBits) - 1;
    if (split < 0) {
      for (; i < blockEnd; i++, to += 4) store<i32>(to, last);
    } else if (split == verbatim) {
      for (; i < blockEnd; i++, to += 4) {
        const code = take(pixelBits);
        last = ((last + unfold(code)) << unused) >> unused;
        store<i32>(to, last);
      }
    } else if (split > verbatim) {
      return -count - 2 - split;
    } else {
      // The bit reader in locals: globals are memory.
      let bits = held;
      let left = heldBits;
      for (; i < blockEnd; i++, to += 4) {
        let zeros = <i32>clz<u64>(bits);
        if (zeros + 1 + split > left) {
          held = bits;
          heldBits = left;
          refill();
          zeros = <i32>clz<u64>(held);
          let before: i32 = 0;
          while (zeros >= heldBits) {
            before += heldBits;
            held = 0;
            heldBits = 0;
            refill();
            if (isShort) return -1 - first;
            zeros = <i32>clz<u64>(held);
          }
          held <<= <u64>zeros;
          heldBits -= zeros;
          held <<= 1;
          heldBits--;
          const code = (<u32>(before + zeros) << split) | take(split);
          last = ((last + unfold(code)) << unused) >> unused;
          bits = held;
          left = heldBits;
        } else {
          // Two shifts by less than 64 each, for zeros + 1 may be 64 only where bits ran out.
          const rest = (bits << <u64>zeros) << 1;
          const code = (<u32>zeros << split) | <u32>((rest >> 1) >> <u64>(63 - split));
          bits = rest << <u64>split;
          left -= zeros + 1 + split;
          last = ((last + unfold(code)) << unused) >> unused;
        }
        store<i32>(to, last);
      }
      held = bits;
      heldBits = left;
    }
    // What was taken must have been there.
    if (isShort || next - <usize>(heldBits >> 3) > end) return -1 - first;
  }
  return count;
}

/** Even codes are the differences 0, 1, 2 ..., odd ones -1, -2 ... */
// @ts-ignore: decorator
@inline
function unfold(code: u32): i32 {
  return <i32>(code >> 1) ^ -<i32>(code & 1);
}

/** Int32 to float32 with scaling in double precision; `blank` becomes NaN when `hasBlank`. `count` is rounded up to four. */
export function scaleInt32(from: usize, to: usize, count: i32, scale: f64, zero: f64, hasBlank: i32, blank: i32): void {
  const end = from + (<usize>count << 2);
  if (scale == 1 && zero == 0 && !hasBlank) {
    for (; from < end; from += 16, to += 16) v128.store(to, f32x4.convert_i32x4_s(v128.load(from)));
    return;
  }
  const factor = f64x2.splat(scale);
  const offset = f64x2.splat(zero);
  const absent = i32x4.splat(blank);
  const never = hasBlank ? i32x4.splat(-1) : i32x4.splat(0);
  for (; from < end; from += 16, to += 16) {
    const v = v128.load(from);
    const low = f64x2.convert_low_i32x4_s(v);
    const high = f64x2.convert_low_i32x4_s(v128.shuffle<i64>(v, v, 1, 1));
    const a = f32x4.demote_f64x2_zero(f64x2.add(offset, f64x2.mul(factor, low)));
    const b = f32x4.demote_f64x2_zero(f64x2.add(offset, f64x2.mul(factor, high)));
    v128.store(to, v128.or(v128.shuffle<i64>(a, b, 0, 2), v128.and(never, i32x4.eq(v, absent))));
  }
}
