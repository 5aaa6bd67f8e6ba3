// Order statistics of floats by their bits. NaN never counts.

import { floatOfBits, orderedBits } from './ordered-bits';

// Values are distances from `centre` when `distances` is set; then `centre` is taken off and the sign bit with it.
// Otherwise the caller gives a centre of 0, which takes off nothing.

// @ts-ignore: decorator
@inline
function valueAt(p: usize, centre: f32, distances: i32): f32 {
  const v = load<f32>(p) - centre;
  return distances ? abs(v) : v;
}

// @ts-ignore: decorator
@inline
function signMask(distances: i32): v128 {
  return i32x4.splat(distances ? i32.MAX_VALUE : -1);
}

// @ts-ignore: decorator
@inline
function sumLanes(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

/** Count the numbers among `count` floats. */
export function countNumbers(from: usize, count: i32): i32 {
  let found = i32x4.splat(0);
  const end = from + (<usize>count << 2);
  for (; from + 16 <= end; from += 16) {
    const v = v128.load(from, 0, 4);
    found = i32x4.sub(found, f32x4.eq(v, v));
  }
  let total = sumLanes(found);
  for (; from < end; from += 4) {
    const v = load<f32>(from);
    total += i32(v == v);
  }
  return total;
}

/** Of so many values a sample brackets the answer. */
const MANY: i32 = 512;
/** From so many on the sample is larger. */
const VERY_MANY: i32 = 65536;
/** Fewer values are parted, more are sorted into histograms. */
const FEW: i32 = 512;
/** Rounds of parting after which values are sorted into histograms: a third more than are needed by chance, ever. */
const MOST_ROUNDS: i32 = 48;

/**
 * Select the number of rank `rank` (0 = least) exactly.
 *
 * Of many values, a sample brackets the answer within three standard deviations of its rank; one pass counts what lies
 * below and collects what lies between, a tenth or a fifth, and only that is searched. Where the bracket misses or holds
 * too much, all values are searched. `histogram` is room for 2048 counts, `between` for `room` floats, 1024 or more.
 */
export function selectRank(
  from: usize,
  count: i32,
  rank: i32,
  centre: f32,
  distances: i32,
  histogram: usize,
  between: usize,
  room: i32,
): f32 {
  if (count <= MANY) {
    const numbers = copyNumbers(from, count, 1, centre, distances, between);
    return searchFew(between, numbers, rank, histogram);
  }
  const samples: i32 = count < VERY_MANY ? 256 : 1024;
  // Three standard deviations of the rank of a median.
  const reach: i32 = count < VERY_MANY ? 24 : 48;
  const sampled = copyNumbers(from, samples, count / samples, centre, distances, between);
  if (sampled < samples >> 2) return searchRank(from, count, rank, centre, distances, histogram);
  const near = <i32>((<f64>rank / <f64>countNumbers(from, count)) * <f64>sampled);
  const low = searchFew(between, sampled, max(near - reach, 0), histogram);
  const high = searchFew(between, sampled, min(near + reach, sampled - 1), histogram);
  // Beyond the sample's ends there may be more.
  const least = near < reach ? f32.NEGATIVE_INFINITY : low;
  const greatest = near + reach >= sampled ? f32.POSITIVE_INFINITY : high;
  return selectBetween(from, count, rank, centre, distances, least, greatest, histogram, between, room);
}

/** Select as `selectRank` does, where the number is thought to lie between `least` and `greatest`; it need not. */
export function selectBetween(
  from: usize,
  count: i32,
  rank: i32,
  centre: f32,
  distances: i32,
  least: f32,
  greatest: f32,
  histogram: usize,
  between: usize,
  room: i32,
): f32 {
  const centres = f32x4.splat(centre);
  const signs = signMask(distances);
  const lows = f32x4.splat(least);
  const highs = f32x4.splat(greatest);
  const end = from + (<usize>count << 2);
  let below = i32x4.splat(0);
  let to = between;
  const full = between + (<usize>(room - 4) << 2);
  let p = from;
  for (; p + 16 <= end && to < full; p += 16) {
    const v = v128.and(f32x4.sub(v128.load(p, 0, 4), centres), signs);
    below = i32x4.sub(below, f32x4.lt(v, lows));
    const inside = i32x4.bitmask(v128.and(f32x4.ge(v, lows), f32x4.le(v, highs)));
    if (inside) {
      store<f32>(to, f32x4.extract_lane(v, 0));
      to += <usize>(inside & 1) << 2;
      store<f32>(to, f32x4.extract_lane(v, 1));
      to += <usize>(inside & 2) << 1;
      store<f32>(to, f32x4.extract_lane(v, 2));
      to += <usize>(inside & 4);
      store<f32>(to, f32x4.extract_lane(v, 3));
      to += <usize>(inside & 8) >> 1;
    }
  }
  let under = sumLanes(below);
  for (; p < end && to < full; p += 4) {
    const v = valueAt(p, centre, distances);
    under += i32(v < least);
    if (v >= least && v <= greatest) {
      store<f32>(to, v);
      to += 4;
    }
  }
  const held = <i32>((to - between) >> 2);
  if (p < end || rank < under || rank >= under + held) {
    return searchRank(from, count, rank, centre, distances, histogram);
  }
  return searchFew(between, held, rank - under, histogram);
}

/** Copy the numbers among `count` values, each `step`-th of what lies at `from`; returns how many. */
function copyNumbers(from: usize, count: i32, step: i32, centre: f32, distances: i32, to: usize): i32 {
  let p = to;
  for (let i: i32 = 0; i < count; i++, from += <usize>step << 2) {
    const v = valueAt(from, centre, distances);
    store<f32>(p, v);
    p += v == v ? 4 : 0;
  }
  return <i32>((p - to) >> 2);
}

/**
 * Select from numbers that may be put in another order, none of which is NaN.
 *
 * Few are parted about the median of three of them, and the side that holds the rank is parted again (Hoare 1961, FIND);
 * without branches that nobody can foresee, which cost more than the moves.
 */
function searchFew(from: usize, count: i32, rank: i32, histogram: usize): f32 {
  if (rank >= count) return f32.NaN;
  if (count > FEW) return searchRank(from, count, rank, 0, 0, histogram);
  const place = from + (<usize>rank << 2);
  let low = from;
  let end = from + (<usize>count << 2);
  for (let round: i32 = 0; end - low > 4; round++) {
    if (round == MOST_ROUNDS) return searchRank(from, count, rank, 0, 0, histogram);
    const a = load<f32>(low);
    const b = load<f32>(low + (((end - low) >> 3) << 2));
    const c = load<f32>(end - 4);
    const pivot = max(min(a, b), min(max(a, b), c));
    let lower = part(low, end, pivot, 0);
    if (lower == low) {
      // None is less: those that are equal are done with.
      lower = part(low, end, pivot, 1);
      if (place < lower) return pivot;
    }
    if (place < lower) end = lower;
    else low = lower;
  }
  return load<f32>(place);
}

/** Put the numbers less than `pivot`, or also those equal to it, before all others; returns where these begin. */
// @ts-ignore: decorator
@inline
function part(low: usize, end: usize, pivot: f32, equal: i32): usize {
  let to = low;
  for (let p = low; p < end; p += 4) {
    const v = load<f32>(p);
    store<f32>(p, load<f32>(to));
    store<f32>(to, v);
    to += <usize>i32(equal ? v <= pivot : v < pivot) << 2;
  }
  return to;
}

/** Average the numbers no farther than `farthest` from `centre`, summed in order; `centre` where there are none. */
export function meanWithin(from: usize, count: i32, centre: f64, farthest: f64): f64 {
  let sum: f64 = 0;
  let kept: i32 = 0;
  for (const end = from + (<usize>count << 2); from < end; from += 4) {
    const v = <f64>load<f32>(from);
    const isNear = abs(v - centre) <= farthest;
    sum += isNear ? v : 0;
    kept += i32(isNear);
  }
  return kept > 0 ? sum / <f64>kept : centre;
}

/** Select by three histograms of 11, 11 and 10 bits. */
function searchRank(
  from: usize,
  count: i32,
  rank: i32,
  centre: f32,
  distances: i32,
  histogram: usize,
): f32 {
  const end = from + (<usize>count << 2);
  let prefix: u32 = 0;
  let known: u32 = 0;
  for (let pass: i32 = 0; pass < 3; pass++) {
    const shift: u32 = pass == 0 ? 21 : pass == 1 ? 10 : 0;
    const digit: u32 = pass == 2 ? 0x3ff : 0x7ff;
    memory.fill(histogram, 0, 8192);
    for (let p = from; p < end; p += 4) {
      const v = valueAt(p, centre, distances);
      const key = orderedBits(v);
      if (v == v && (key & known) == prefix) {
        const at = histogram + (<usize>((key >> shift) & digit) << 2);
        store<i32>(at, load<i32>(at) + 1);
      }
    }
    let bin: u32 = 0;
    for (; bin < digit; bin++) {
      const inBin = load<i32>(histogram + (<usize>bin << 2));
      if (rank < inBin) break;
      rank -= inBin;
    }
    prefix |= bin << shift;
    known |= digit << shift;
  }
  return floatOfBits(prefix);
}

/** The number of rank + 1, given that `value` has rank `rank`. */
export function nextRank(
  from: usize,
  count: i32,
  rank: i32,
  value: f32,
  centre: f32,
  distances: i32,
): f32 {
  const centres = f32x4.splat(centre);
  const signs = signMask(distances);
  const values = f32x4.splat(value);
  const infinite = f32x4.splat(f32.POSITIVE_INFINITY);
  let within = i32x4.splat(0);
  let nearest = infinite;
  const end = from + (<usize>count << 2);
  for (; from + 16 <= end; from += 16) {
    const v = v128.and(f32x4.sub(v128.load(from, 0, 4), centres), signs);
    within = i32x4.sub(within, f32x4.le(v, values));
    nearest = f32x4.pmin(nearest, v128.bitselect(v, infinite, f32x4.gt(v, values)));
  }
  let notAbove = sumLanes(within);
  let least = min(
    min(f32x4.extract_lane(nearest, 0), f32x4.extract_lane(nearest, 1)),
    min(f32x4.extract_lane(nearest, 2), f32x4.extract_lane(nearest, 3)),
  );
  for (; from < end; from += 4) {
    const v = valueAt(from, centre, distances);
    notAbove += i32(v <= value);
    if (v > value && v < least) least = v;
  }
  return notAbove > rank + 1 ? value : least;
}
