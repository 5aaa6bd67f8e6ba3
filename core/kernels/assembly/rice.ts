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
  held |= loadBigEndian(next) >> <u64>heldBits;
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

/** Take a code of which fewer bits may be held than it has. */
function takeCode(split: i32): u32 {
  refill();
  let zeros = <i32>clz<u64>(held);
  let before: i32 = 0;
  while (zeros >= heldBits) {
    before += heldBits;
    held = 0;
    heldBits = 0;
    refill();
    if (isShort) return 0;
    zeros = <i32>clz<u64>(held);
  }
  held <<= <u64>zeros;
  heldBits -= zeros;
  held <<= 1;
  heldBits--;
  return (<u32>(before + zeros) << split) | take(split);
}

/** Decode a block of `n` pixels, which are coded by differences from `last`; returns the last of them. `isShort` tells of its end. */
function decodeBlock(to: usize, n: i32, last: i32, split: i32, verbatim: i32, pixelBits: i32): i32 {
  const unused: i32 = 32 - pixelBits;
  const end = to + (<usize>n << 2);
  if (split < 0) {
    for (; to < end; to += 4) store<i32>(to, last);
  } else if (split == verbatim) {
    for (; to < end; to += 4) {
      const code = take(pixelBits);
      last = ((last + unfold(code)) << unused) >> unused;
      store<i32>(to, last);
    }
  } else {
    // The bit reader in locals: globals are memory.
    let bits = held;
    let left = heldBits;
    const unit = 1 << split;
    for (; to < end; to += 4) {
      const zeros = <i32>clz<u64>(bits);
      const used = zeros + 1 + split;
      let code: u32;
      if (used > left) {
        held = bits;
        heldBits = left;
        code = takeCode(split);
        if (isShort) return last;
        bits = held;
        left = heldBits;
      } else {
        code = codeOf(bits, zeros, split, unit);
        bits <<= <u64>used;
        left -= used;
      }
      last = ((last + unfold(code)) << unused) >> unused;
      store<i32>(to, last);
    }
    held = bits;
    heldBits = left;
  }
  return last;
}

/** The code at the top of `bits`, which begins with so many zeros and is all there; `unit` is 1 << split. */
// @ts-ignore: decorator
@inline
function codeOf(bits: u64, zeros: i32, split: i32, unit: i32): u32 {
  // The one that ends the zeros counts as another unit. Engines are slow at shifts by numbers that they do not know.
  return <u32>((bits << <u64>zeros) >> <u64>(63 - split)) + <u32>((zeros - 1) * unit);
}

// @ts-ignore: decorator
@inline
function splitBitsOf(pixelBits: i32): i32 {
  return pixelBits == 8 ? 3 : pixelBits == 16 ? 4 : 5;
}

/** The split that says that differences are stored as they are. */
// @ts-ignore: decorator
@inline
function verbatimOf(pixelBits: i32): i32 {
  return pixelBits == 8 ? 6 : pixelBits == 16 ? 14 : 25;
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
  const splitBits = splitBitsOf(pixelBits);
  const verbatim = verbatimOf(pixelBits);
  const unused: i32 = 32 - pixelBits;
  const end = from + <usize>bytes;
  held = 0;
  heldBits = 0;
  next = from;
  limit = end;
  isShort = false;
  let last = (<i32>take(pixelBits) << unused) >> unused;
  for (let i: i32 = 0; i < count; i += blockSize) {
    const split = <i32>take(splitBits) - 1;
    if (split > verbatim) return -count - 2 - split;
    last = decodeBlock(to + (<usize>i << 2), min(blockSize, count - i), last, split, verbatim, pixelBits);
    // What was taken must have been there.
    if (isShort || next - <usize>(heldBits >> 3) > end) return -1 - i;
  }
  return count;
}

/** Eight bytes, the first one on top. */
// @ts-ignore: decorator
@inline
function loadBigEndian(at: usize): u64 {
  const raw = v128.load64_zero(at);
  return <u64>i64x2.extract_lane(i8x16.shuffle(raw, raw, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0);
}

/**
 * Decode two tiles of `count` pixels to int32 one after the other at `to`, at the same time: the next code of a tile is found
 * where the one before ends, and while the processor waits for that, it works on the other tile.
 *
 * Behind the bytes of either there are `8 blockSize + 8` more that may be read.
 *
 * @returns 1; or 0 where anything is wrong with either, which `decodeRice` tells.
 */
export function decodeRicePair(
  fromA: usize,
  bytesA: i32,
  fromB: usize,
  bytesB: i32,
  to: usize,
  count: i32,
  blockSize: i32,
  pixelBits: i32,
): i32 {
  const splitBits = splitBitsOf(pixelBits);
  const verbatim = verbatimOf(pixelBits);
  const unused: i32 = 32 - pixelBits;
  const endA = fromA + <usize>bytesA;
  const endB = fromB + <usize>bytesB;
  const apart: usize = <usize>count << 2;
  const start = to;
  let bitsA = loadBigEndian(fromA);
  let bitsB = loadBigEndian(fromB);
  let nextA = fromA + 7;
  let nextB = fromB + 7;
  let lastA = <i32>(bitsA >> <u64>(64 - pixelBits)) << unused >> unused;
  let lastB = <i32>(bitsB >> <u64>(64 - pixelBits)) << unused >> unused;
  bitsA <<= <u64>pixelBits;
  bitsB <<= <u64>pixelBits;
  let leftA: i32 = 56 - pixelBits;
  let leftB: i32 = 56 - pixelBits;
  for (let i: i32 = 0; i < count; i += blockSize) {
    const n = min(blockSize, count - i);
    if (leftA < splitBits) {
      bitsA |= loadBigEndian(nextA) >> <u64>leftA;
      nextA += <usize>((63 - leftA) >> 3);
      leftA |= 56;
    }
    if (leftB < splitBits) {
      bitsB |= loadBigEndian(nextB) >> <u64>leftB;
      nextB += <usize>((63 - leftB) >> 3);
      leftB |= 56;
    }
    const splitA = <i32>(bitsA >> <u64>(64 - splitBits)) - 1;
    const splitB = <i32>(bitsB >> <u64>(64 - splitBits)) - 1;
    bitsA <<= <u64>splitBits;
    bitsB <<= <u64>splitBits;
    leftA -= splitBits;
    leftB -= splitBits;
    if (splitA >= 0 && splitB >= 0 && splitA < verbatim && splitB < verbatim) {
      const unitA = 1 << splitA;
      const unitB = 1 << splitB;
      // Two codes rarely have more than 56 bits: words are read after each two, which is as regular as a processor likes it.
      for (const end = to + (<usize>n << 2); to < end; ) {
        bitsA |= loadBigEndian(nextA) >> <u64>leftA;
        nextA += <usize>((63 - leftA) >> 3);
        leftA |= 56;
        bitsB |= loadBigEndian(nextB) >> <u64>leftB;
        nextB += <usize>((63 - leftB) >> 3);
        leftB |= 56;
        let zerosA: i32;
        let zerosB: i32;
        let usedA: i32;
        let usedB: i32;
        let codeA: u32;
        let codeB: u32;
        zerosA = <i32>clz<u64>(bitsA);
        usedA = zerosA + 1 + splitA;
        if (usedA <= leftA) {
          codeA = codeOf(bitsA, zerosA, splitA, unitA);
          bitsA <<= <u64>usedA;
          leftA -= usedA;
        } else {
          hold(bitsA, leftA, nextA, endA);
          codeA = takeCode(splitA);
          if (isShort) return 0;
          bitsA = held;
          leftA = heldBits;
          nextA = next;
        }
        lastA += unfold(codeA);
        zerosB = <i32>clz<u64>(bitsB);
        usedB = zerosB + 1 + splitB;
        if (usedB <= leftB) {
          codeB = codeOf(bitsB, zerosB, splitB, unitB);
          bitsB <<= <u64>usedB;
          leftB -= usedB;
        } else {
          hold(bitsB, leftB, nextB, endB);
          codeB = takeCode(splitB);
          if (isShort) return 0;
          bitsB = held;
          leftB = heldBits;
          nextB = next;
        }
        lastB += unfold(codeB);
        store<i32>(to, lastA);
        store<i32>(to + apart, lastB);
        to += 4;
        if (to == end) break;
        zerosA = <i32>clz<u64>(bitsA);
        usedA = zerosA + 1 + splitA;
        if (usedA <= leftA) {
          codeA = codeOf(bitsA, zerosA, splitA, unitA);
          bitsA <<= <u64>usedA;
          leftA -= usedA;
        } else {
          hold(bitsA, leftA, nextA, endA);
          codeA = takeCode(splitA);
          if (isShort) return 0;
          bitsA = held;
          leftA = heldBits;
          nextA = next;
        }
        lastA += unfold(codeA);
        zerosB = <i32>clz<u64>(bitsB);
        usedB = zerosB + 1 + splitB;
        if (usedB <= leftB) {
          codeB = codeOf(bitsB, zerosB, splitB, unitB);
          bitsB <<= <u64>usedB;
          leftB -= usedB;
        } else {
          hold(bitsB, leftB, nextB, endB);
          codeB = takeCode(splitB);
          if (isShort) return 0;
          bitsB = held;
          leftB = heldBits;
          nextB = next;
        }
        lastB += unfold(codeB);
        store<i32>(to, lastA);
        store<i32>(to + apart, lastB);
        to += 4;
      }
    } else {
      if (splitA > verbatim || splitB > verbatim) return 0;
      hold(bitsA, leftA, nextA, endA);
      lastA = decodeBlock(to, n, lastA, splitA, verbatim, pixelBits);
      if (isShort) return 0;
      bitsA = held;
      leftA = heldBits;
      nextA = next;
      hold(bitsB, leftB, nextB, endB);
      lastB = decodeBlock(to + apart, n, lastB, splitB, verbatim, pixelBits);
      if (isShort) return 0;
      bitsB = held;
      leftB = heldBits;
      nextB = next;
      to += <usize>n << 2;
    }
    if (nextA - <usize>(leftA >> 3) > endA || nextB - <usize>(leftB >> 3) > endB) return 0;
  }
  // Sums wrap in the end: it does not matter when.
  if (unused > 0) {
    let at = start;
    for (const end = start + (apart << 1); at + 16 <= end; at += 16) {
      v128.store(at, i32x4.shr_s(i32x4.shl(v128.load(at), unused), unused));
    }
    for (const end = start + (apart << 1); at < end; at += 4) store<i32>(at, (load<i32>(at) << unused) >> unused);
  }
  return 1;
}

/** Let the globals read on from here. */
// @ts-ignore: decorator
@inline
function hold(bits: u64, left: i32, at: usize, end: usize): void {
  held = bits;
  heldBits = left;
  next = at;
  limit = end;
  isShort = false;
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
