import { floatOfBits, orderedBits } from './ordered-bits';

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
