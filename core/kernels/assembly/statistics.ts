// Order statistics of floats by their bits. NaN never counts.

/** Bits whose unsigned order is the order of the floats. */
// @ts-ignore: decorator
@inline
function orderedBits(v: f32): u32 {
  const bits = reinterpret<u32>(v);
  return bits ^ (<u32>(<i32>bits >> 31) | 0x80000000);
}

// @ts-ignore: decorator
@inline
function floatOfBits(key: u32): f32 {
  return reinterpret<f32>(key ^ (<u32>(~(<i32>key) >> 31) | 0x80000000));
}

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

/** Sort the numbers among `count` floats into `to`, least first; returns how many. `other` is as long as `to`. */
function sortNumbers(from: usize, count: i32, to: usize, other: usize, histograms: usize): i32 {
  memory.fill(histograms, 0, 3 * 8192);
  let numbers: i32 = 0;
  let key: u32 = 0;
  for (const end = from + (<usize>count << 2); from < end; from += 4) {
    const v = load<f32>(from);
    if (v != v) continue;
    key = orderedBits(v);
    store<u32>(other + (<usize>numbers << 2), key);
    numbers++;
    const low = histograms + (<usize>(key & 0x7ff) << 2);
    store<i32>(low, load<i32>(low) + 1);
    const mid = histograms + 8192 + (<usize>((key >> 11) & 0x7ff) << 2);
    store<i32>(mid, load<i32>(mid) + 1);
    const high = histograms + 16384 + (<usize>(key >> 22) << 2);
    store<i32>(high, load<i32>(high) + 1);
  }
  for (let pass: usize = 0; pass < 3; pass++) {
    const histogram = histograms + (pass << 13);
    let sum: i32 = 0;
    for (let p = histogram; p < histogram + 8192; p += 4) {
      const here = load<i32>(p);
      store<i32>(p, sum);
      sum += here;
    }
  }
  for (let i: i32 = 0; i < numbers; i++) {
    key = load<u32>(other + (<usize>i << 2));
    scatter(histograms + (<usize>(key & 0x7ff) << 2), to, key);
  }
  for (let i: i32 = 0; i < numbers; i++) {
    key = load<u32>(to + (<usize>i << 2));
    scatter(histograms + 8192 + (<usize>((key >> 11) & 0x7ff) << 2), other, key);
  }
  for (let i: i32 = 0; i < numbers; i++) {
    key = load<u32>(other + (<usize>i << 2));
    scatter(histograms + 16384 + (<usize>(key >> 22) << 2), to, reinterpret<u32>(floatOfBits(key)));
  }
  return numbers;
}

// @ts-ignore: decorator
@inline
function scatter(bin: usize, to: usize, bits: u32): void {
  const at = load<i32>(bin);
  store<i32>(bin, at + 1);
  store<u32>(to + (<usize>at << 2), bits);
}

/**
 * Clip at `sigma` standard deviations about the median, at most `iterations` times or until nothing is clipped.
 *
 * `sorted` and `other` hold `count` floats each, `histograms` 6144 counts. Writes mean, median, standard deviation
 * (about the mean, divisor n) and count of the survivors as f64 to `result`.
 */
export function clipSigma(
  from: usize,
  count: i32,
  sigma: f64,
  iterations: i32,
  sorted: usize,
  other: usize,
  histograms: usize,
  result: usize,
): void {
  let low: i32 = 0;
  let high = sortNumbers(from, count, sorted, other, histograms);
  for (let round: i32 = 0; ; round++) {
    const n = high - low;
    if (n == 0) {
      store<f64>(result, f64.NaN);
      store<f64>(result, f64.NaN, 8);
      store<f64>(result, f64.NaN, 16);
      store<f64>(result, 0, 24);
      return;
    }
    const middleAt = sorted + (<usize>(low + (n >> 1)) << 2);
    let median = <f64>load<f32>(middleAt);
    if (!(n & 1)) median = 0.5 * (median + <f64>load<f32>(middleAt - 4));
    // Sums about the median lose nothing to a large sky level.
    let p = sorted + (<usize>low << 2);
    const end = sorted + (<usize>high << 2);
    const pivot = f64x2.splat(median);
    let sums = f64x2.splat(0);
    let squares = f64x2.splat(0);
    for (; p + 8 <= end; p += 8) {
      const d = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(p)), pivot);
      sums = f64x2.add(sums, d);
      squares = f64x2.add(squares, f64x2.mul(d, d));
    }
    let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
    let square = f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1);
    if (p < end) {
      const d = <f64>load<f32>(p) - median;
      sum += d;
      square += d * d;
    }
    const offset = sum / <f64>n;
    const deviation = sqrt(max(0, square / <f64>n - offset * offset));
    const oldLow = low;
    const oldHigh = high;
    if (round < iterations) {
      const least = median - sigma * deviation;
      const greatest = median + sigma * deviation;
      while (low < high && <f64>load<f32>(sorted + (<usize>low << 2)) < least) low++;
      while (high > low && <f64>load<f32>(sorted + (<usize>(high - 1) << 2)) > greatest) high--;
    }
    if (low == oldLow && high == oldHigh) {
      store<f64>(result, median + offset);
      store<f64>(result, median, 8);
      store<f64>(result, deviation, 16);
      store<f64>(result, <f64>n, 24);
      return;
    }
  }
}

/**
 * Find the medians of groups of numbers, of which the first `counts[group]` (i32) of `stride` count, by a network that
 * brings the middle two of `size` numbers to their places, sixteen groups at once.
 *
 * A group is filled up from both sides with what is less and greater than all numbers, so that its median lies in the
 * middle. `program` lists `steps` pairs of byte offsets into `registers`, which has room for `size` rows of 64 bytes; `to`
 * gets a f64 for each group.
 */
export function medianGroups(
  from: usize, stride: i32, counts: usize, groups: i32, size: i32,
  program: usize, steps: i32, registers: usize, to: usize,
): void {
  const end = program + (<usize>steps << 3);
  const middle = registers + (<usize>((size >> 1) - 1) << 6);
  for (let first: i32 = 0; first < groups; first += 16) {
    for (let lane: i32 = 0; lane < 16; lane++) {
      const group = first + lane;
      const count = group < groups ? load<i32>(counts + (<usize>group << 2)) : 0;
      const below = (size - count) >> 1;
      let register = registers + (<usize>lane << 2);
      for (let i: i32 = 0; i < below; i++, register += 64) store<f32>(register, <f32>-Infinity);
      let value = from + (<usize>(group * stride) << 2);
      for (let i: i32 = 0; i < count; i++, register += 64, value += 4) store<f32>(register, load<f32>(value));
      for (let i = below + count; i < size; i++, register += 64) store<f32>(register, <f32>Infinity);
    }
    for (let step = program; step < end; step += 8) {
      const a = registers + <usize>load<i32>(step);
      const b = registers + <usize>load<i32>(step, 4);
      for (let v: usize = 0; v < 64; v += 16) {
        const p = v128.load(a + v);
        const q = v128.load(b + v);
        v128.store(a + v, f32x4.pmin(p, q));
        v128.store(b + v, f32x4.pmax(p, q));
      }
    }
    for (let lane: i32 = 0; lane < 16 && first + lane < groups; lane++) {
      const count = load<i32>(counts + (<usize>(first + lane) << 2));
      const at = middle + (<usize>lane << 2);
      const lower = <f64>load<f32>(at);
      const median = (count & 1) == 1 ? lower : (lower + <f64>load<f32>(at, 64)) / 2;
      store<f64>(to + (<usize>(first + lane) << 3), median);
    }
  }
}
