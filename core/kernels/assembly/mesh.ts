// Mode and noise of the sky in one mesh, as SExtractor and SEP estimate them.

/** Half-width of the histogram, in clipped sigmas. */
const HISTOGRAM_SIGMAS: f64 = 5;
/** A bin should hold at least this many pixels near the mode. */
const MIN_PIXELS_AT_MODE: f64 = 4;
const MAX_LEVELS: i32 = 4096;

/**
 * Estimate mode and sigma of the usable pixels of a box.
 *
 * `from` is the box's first pixel, rows `stride` bytes apart; `mask` its first mask word, rows `maskStride` apart, 0 for
 * none; pixels with any bit of `excluded`, and those that are not finite, are left out. `values` has room for the box
 * and four floats, `histogram` for 2 * 4104 words. Two float64 go to `result`; NaN with fewer than `least` pixels. Where
 * all pixels are `origin` and a whole number of `step` (0 if they are not), bins hold as many of these values each.
 *
 * @returns how many pixels were usable.
 */
export function meshStatistics(
  from: usize, stride: usize, mask: usize, maskStride: usize, excluded: i32, width: i32, rows: i32,
  least: f64, step: f64, origin: f64, values: usize, histogram: usize, result: usize,
): i32 {
  const count = gather(from, stride, mask, maskStride, excluded, width, rows, values);
  if (count == 0 || <f64>count < least) {
    store<f64>(result, NaN);
    store<f64>(result, NaN, 8);
  } else {
    estimate(values, count, step, origin, histogram, result);
  }
  return count;
}

function gather(
  from: usize, stride: usize, mask: usize, maskStride: usize, excluded: i32, width: i32, rows: i32, to: usize,
): i32 {
  const start = to;
  const bits = i16x8.splat(<i16>excluded);
  const zero = i16x8.splat(0);
  for (let y: i32 = 0; y < rows; y++, from += stride, mask += maskStride) {
    let x: i32 = 0;
    for (; x + 8 <= width; x += 8) {
      const p = from + (<usize>x << 2);
      const a = v128.load(p, 0, 4);
      const b = v128.load(p, 16, 4);
      // The difference of a number with itself is zero only where it is finite.
      let bad = v128.or(f32x4.ne(f32x4.sub(a, a), f32x4.splat(0)), f32x4.ne(f32x4.sub(b, b), f32x4.splat(0)));
      if (maskStride != 0) bad = v128.or(bad, i16x8.ne(v128.and(v128.load(mask + (<usize>x << 1), 0, 2), bits), zero));
      if (v128.any_true(bad)) {
        for (let k: i32 = x; k < x + 8; k++) to = keep(from, mask, maskStride, excluded, k, to);
      } else {
        v128.store(to, a, 0, 4);
        v128.store(to, b, 16, 4);
        to += 32;
      }
    }
    for (; x < width; x++) to = keep(from, mask, maskStride, excluded, x, to);
  }
  return <i32>((to - start) >> 2);
}

// @ts-ignore: decorator
@inline
function keep(from: usize, mask: usize, maskStride: usize, excluded: i32, x: i32, to: usize): usize {
  const value = load<f32>(from + (<usize>x << 2));
  store<f32>(to, value);
  if (value - value != 0) return to;
  if (maskStride != 0 && (<i32>load<u16>(mask + (<usize>x << 1)) & excluded) != 0) return to;
  return to + 4;
}

/** Sum, sum of squares and number of the values within [low, high], in float64. */
let sum: f64 = 0;
let squares: f64 = 0;
let kept: i32 = 0;

function moments(from: usize, count: i32, low: f32, high: f32): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  let s = f64x2.splat(0);
  let t = f64x2.splat(0);
  let q = f64x2.splat(0);
  let r = f64x2.splat(0);
  let n = i32x4.splat(0);
  const whole = from + (<usize>(count & ~3) << 2);
  const end = from + (<usize>count << 2);
  for (; from < whole; from += 16) {
    const v = v128.load(from, 0, 4);
    const inside = v128.and(f32x4.ge(v, lows), f32x4.le(v, highs));
    n = i32x4.sub(n, inside);
    const w = v128.and(v, inside);
    const a = f64x2.promote_low_f32x4(w);
    const b = f64x2.promote_low_f32x4(v128.shuffle<i64>(w, w, 1, 1));
    s = f64x2.add(s, a);
    t = f64x2.add(t, b);
    q = f64x2.add(q, f64x2.mul(a, a));
    r = f64x2.add(r, f64x2.mul(b, b));
  }
  s = f64x2.add(s, t);
  q = f64x2.add(q, r);
  sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
  squares = f64x2.extract_lane(q, 0) + f64x2.extract_lane(q, 1);
  kept =
    i32x4.extract_lane(n, 0) + i32x4.extract_lane(n, 1) + i32x4.extract_lane(n, 2) + i32x4.extract_lane(n, 3);
  for (; from < end; from += 4) {
    const v = load<f32>(from);
    if (!(v >= low && v <= high)) continue;
    sum += <f64>v;
    squares += <f64>v * <f64>v;
    kept++;
  }
}

/**
 * Clip once at two sigma, histogram the values, clip the histogram at three sigma about its median to convergence. The
 * mode is 2.5 median - 1.5 mean, or the median where the two differ by over 0.3 sigma.
 *
 * Intermediate results are rounded to single precision, because which bin a pixel falls in depends on it.
 */
function estimate(values: usize, count: i32, step: f64, origin: f64, histogram: usize, result: usize): void {
  moments(values, count, -Infinity, Infinity);
  let mean = sum / <f64>count;
  let sigma = Math.sqrt(max<f64>(0, squares / <f64>count - mean * mean));
  const low = <f32>(mean - 2 * sigma);
  const high = <f32>(mean + 2 * sigma);
  store<f64>(result, mean);
  store<f64>(result, sigma, 8);
  moments(values, count, low, high);
  if (kept == 0) return;
  mean = sum / <f64>kept;
  sigma = Math.sqrt(max<f64>(0, squares / <f64>kept - mean * mean));
  if (!(sigma > 0)) {
    store<f64>(result, mean);
    store<f64>(result, 0, 8);
    return;
  }
  const perLevel = (Math.sqrt(2 / Math.PI) * HISTOGRAM_SIGMAS) / MIN_PIXELS_AT_MODE;
  let levels = <i32>min<f64>(<f64>MAX_LEVELS, Math.floor(perLevel * <f64>kept + 1));
  let scale = <f32>((2 * HISTOGRAM_SIGMAS * sigma) / <f64>levels);
  let zero = <f32>(mean - HISTOGRAM_SIGMAS * sigma);
  isStepped = step > 0;
  if (isStepped) {
    // Values lie in the middle of bins, or evenly in them: else some bins would hold one of them more than others.
    const steps = max<f64>(1, Math.ceil(<f64>scale / step));
    const lowest = Math.floor((mean - HISTOGRAM_SIGMAS * sigma - origin) / step);
    scale = <f32>(steps * step);
    zero = <f32>(origin + (lowest + (steps - 1) / 2) * step);
    levels = <i32>min<f64>(<f64>MAX_LEVELS, Math.floor((2 * HISTOGRAM_SIGMAS * sigma) / (steps * step))) + 2;
  }
  const offset = <f32>(0.499999 - <f64>(zero / scale));
  fillHistogram(values, count, scale, offset, levels, histogram);
  clip(histogram, levels, mean);
  let mode = <f64>zero + binMean * <f64>scale;
  if (binSigma > 0) {
    mode =
      Math.abs((binMean - binMedian) / binSigma) < 0.3
        ? <f64>zero + (2.5 * binMedian - 1.5 * binMean) * <f64>scale
        : <f64>zero + binMedian * <f64>scale;
  }
  store<f64>(result, mode);
  store<f64>(result, binSigma * <f64>scale, 8);
}

/** Count values in bins of `scale`; those outside go to a bin beyond the last. */
function fillHistogram(from: usize, count: i32, scale: f32, offset: f32, levels: i32, histogram: usize): void {
  memory.fill(histogram, 0, (<usize>levels + 1) << 2);
  const scales = f32x4.splat(scale);
  const offsets = f32x4.splat(offset);
  const least = f32x4.splat(-1);
  const most = f32x4.splat(<f32>levels);
  const beyond = i32x4.splat(levels);
  const whole = from + (<usize>(count & ~3) << 2);
  const end = from + (<usize>count << 2);
  for (; from < whole; from += 16) {
    const bin = f32x4.add(f32x4.div(v128.load(from, 0, 4), scales), offsets);
    const isInside = v128.and(f32x4.gt(bin, least), f32x4.lt(bin, most));
    const at = i32x4.shl(v128.bitselect(i32x4.trunc_sat_f32x4_s(bin), beyond, isInside), 2);
    addOne(histogram + <usize>i32x4.extract_lane(at, 0));
    addOne(histogram + <usize>i32x4.extract_lane(at, 1));
    addOne(histogram + <usize>i32x4.extract_lane(at, 2));
    addOne(histogram + <usize>i32x4.extract_lane(at, 3));
  }
  for (; from < end; from += 4) {
    const bin: f32 = load<f32>(from) / scale + offset;
    if (bin > -1 && bin < <f32>levels) addOne(histogram + (<usize>(<i32>bin) << 2));
  }
}

// @ts-ignore: decorator
@inline
function addOne(at: usize): void {
  store<i32>(at, load<i32>(at) + 1);
}

/** Bins are steps of the values, so few that where the median lies within its own matters. */
let isStepped: bool = false;
let binMean: f64 = 0;
let binMedian: f64 = 0;
let binSigma: f64 = 0;

/** Clip the histogram at three sigma about its median until sigma settles; results are in bins. */
function clip(histogram: usize, levels: i32, start: f64): void {
  // Counts below each bin, behind the histogram; sums of the bins now kept follow their ends.
  const below = histogram + ((<usize>levels + 4) << 2);
  let total: i32 = 0;
  let first: f64 = 0;
  let second: f64 = 0;
  // Sums of whole numbers, and exact in any order.
  let firsts = f64x2.splat(0);
  let seconds = f64x2.splat(0);
  let i: i32 = 0;
  for (; i + 4 <= levels; i += 4) {
    const n = v128.load(histogram + (<usize>i << 2), 0, 4);
    const to = below + (<usize>i << 2);
    if (!v128.any_true(n)) {
      v128.store(to, i32x4.splat(total), 0, 4);
      continue;
    }
    const zero = i32x4.splat(0);
    const pairs = i32x4.add(n, v128.shuffle<i32>(n, zero, 4, 0, 1, 2));
    const all = i32x4.add(pairs, v128.shuffle<i32>(pairs, zero, 4, 5, 0, 1));
    v128.store(to, i32x4.add(i32x4.splat(total), i32x4.sub(all, n)), 0, 4);
    total += i32x4.extract_lane(all, 3);
    const place = f64x2.add(f64x2.splat(<f64>i), f64x2(0, 1));
    const next = f64x2.add(place, f64x2.splat(2));
    const low = f64x2.mul(f64x2.convert_low_i32x4_s(n), place);
    const high = f64x2.mul(f64x2.convert_low_i32x4_s(v128.shuffle<i64>(n, n, 1, 1)), next);
    firsts = f64x2.add(firsts, f64x2.add(low, high));
    seconds = f64x2.add(seconds, f64x2.add(f64x2.mul(low, place), f64x2.mul(high, next)));
  }
  first = f64x2.extract_lane(firsts, 0) + f64x2.extract_lane(firsts, 1);
  second = f64x2.extract_lane(seconds, 0) + f64x2.extract_lane(seconds, 1);
  for (; i < levels; i++) {
    const n = load<i32>(histogram + (<usize>i << 2));
    store<i32>(below + (<usize>i << 2), total);
    total += n;
    const moment = <f64>n * <f64>i;
    first += moment;
    second += moment * <f64>i;
  }
  store<i32>(below + (<usize>levels << 2), total);

  const last = levels - 1;
  let low: i32 = 0;
  let high: i32 = last;
  let sigma: f64 = 10 * <f64>last;
  let previous: f64 = 1;
  let mean = start;
  let median = start;
  let sumFrom: i32 = 0;
  let sumTo: i32 = last;
  for (let round: i32 = 0; round < 100 && sigma >= 0.1 && Math.abs(sigma / previous - 1) > 1e-4; round++) {
    previous = sigma;
    const firstBin = low;
    const lastBin = max(high, low - 1);
    for (; sumFrom < firstBin; sumFrom++) dropBin(histogram, sumFrom, -1);
    for (; sumFrom > firstBin; ) dropBin(histogram, --sumFrom, 1);
    for (; sumTo > lastBin; sumTo--) dropBin(histogram, sumTo, -1);
    for (; sumTo < lastBin; ) dropBin(histogram, ++sumTo, 1);
    if (round == 0) {
      firstSum = first;
      secondSum = second;
    }
    const belowLow = load<i32>(below + (<usize>firstBin << 2));
    total = load<i32>(below + (<usize>(lastBin + 1) << 2)) - belowLow;
    // Two fingers walk towards each other, always the lighter side, until they meet: the low one takes its k-th bin
    // while the k - 1 before it weigh less than the bins that the high one has by then.
    let least: i32 = 0;
    let most: i32 = lastBin - firstBin + 1;
    while (least < most) {
      const k = (least + most + 1) >> 1;
      const lowSum = load<i32>(below + (<usize>(firstBin + k - 1) << 2)) - belowLow;
      const highSum = total - (load<i32>(below + (<usize>(firstBin + k) << 2)) - belowLow);
      if (lowSum < highSum) least = k;
      else most = k - 1;
    }
    const lowFinger = firstBin + least;
    const highFinger = lowFinger - 1;
    const lowSum = load<i32>(below + (<usize>lowFinger << 2)) - belowLow;
    if (highFinger >= 0) {
      const atLow = lowFinger < levels ? load<i32>(histogram + (<usize>lowFinger << 2)) : 0;
      const atHigh = load<i32>(histogram + (<usize>highFinger << 2));
      const excess = total - 2 * lowSum;
      const step = isStepped ? (excess > 0 ? atLow : atHigh) : max(atLow, atHigh);
      median = <f64>highFinger + 0.5 + (step > 0 ? <f64>excess / (2 * <f64>step) : 0);
    } else {
      median = 0;
    }
    mean = total > 0 ? firstSum / <f64>total : firstSum;
    sigma = total > 0 ? Math.sqrt(max<f64>(0, secondSum / <f64>total - mean * mean)) : 0;
    const lower = median - 3 * sigma;
    const upper = median + 3 * sigma;
    low = lower > 0 ? <i32>Math.floor(lower + 0.5) : 0;
    high = upper < <f64>last ? <i32>(upper > 0 ? upper + 0.5 : upper - 0.5) : last;
  }
  binMean = mean;
  binMedian = median;
  binSigma = sigma;
}

let firstSum: f64 = 0;
let secondSum: f64 = 0;

// @ts-ignore: decorator
@inline
function dropBin(histogram: usize, bin: i32, sign: f64): void {
  const n = load<i32>(histogram + (<usize>bin << 2));
  // Far from the mode most are empty.
  if (n == 0) return;
  const moment = sign * <f64>n * <f64>bin;
  firstSum += moment;
  secondSum += moment * <f64>bin;
}
