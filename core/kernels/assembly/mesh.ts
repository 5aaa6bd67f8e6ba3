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
 * and four floats, `histogram` for 2 * 4100 words. Two float64 go to `result`; NaN with fewer than `least` pixels.
 *
 * @returns how many pixels were usable.
 */
export function meshStatistics(
  from: usize, stride: usize, mask: usize, maskStride: usize, excluded: i32, width: i32, rows: i32,
  least: f64, values: usize, histogram: usize, result: usize,
): i32 {
  const count = gather(from, stride, mask, maskStride, excluded, width, rows, values);
  if (count == 0 || <f64>count < least) {
    store<f64>(result, NaN);
    store<f64>(result, NaN, 8);
  } else {
    estimate(values, count, histogram, result);
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
function estimate(values: usize, count: i32, histogram: usize, result: usize): void {
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
  const levels = <i32>min<f64>(<f64>MAX_LEVELS, Math.floor(perLevel * <f64>kept + 1));
  const scale = <f32>((2 * HISTOGRAM_SIGMAS * sigma) / <f64>levels);
  const zero = <f32>(mean - HISTOGRAM_SIGMAS * sigma);
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
  for (let i: i32 = 0; i < levels; i++) {
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
      const step = max(atLow, load<i32>(histogram + (<usize>highFinger << 2)));
      median = <f64>highFinger + 0.5 + (step > 0 ? <f64>(total - 2 * lowSum) / (2 * <f64>step) : 0);
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
  const moment = sign * <f64>load<i32>(histogram + (<usize>bin << 2)) * <f64>bin;
  firstSum += moment;
  secondSum += moment * <f64>bin;
}

/**
 * Evaluate rows of piecewise cubics: in interval k, from pixel `starts[k]` to before `starts[k + 1]`, the value is
 * a + d (b + d (c + d e)) with d = offsets[k] + (x - starts[k]) * step. `cubics` holds a, b, c, e of each interval, row
 * after row; rows are written `pitch` bytes apart, and up to three floats beyond their ends.
 */
export function fillCubics(
  cubics: usize, starts: usize, offsets: usize, intervals: i32, step: f32, to: usize, pitch: usize, rows: i32,
): void {
  const ramp = f32x4.mul(f32x4.splat(step), f32x4(0, 1, 2, 3));
  const stride = f32x4.splat(4 * step);
  for (let y: i32 = 0; y < rows; y++, to += pitch) {
    for (let k: i32 = 0; k < intervals; k++, cubics += 16) {
      const a = v128.load32_splat(cubics);
      const b = v128.load32_splat(cubics, 4);
      const c = v128.load32_splat(cubics, 8);
      const e = v128.load32_splat(cubics, 12);
      let d = f32x4.add(f32x4.splat(load<f32>(offsets + (<usize>k << 2))), ramp);
      const end = to + (<usize>load<i32>(starts + (<usize>k << 2), 4) << 2);
      // The next interval writes over what is written beyond this one.
      for (let p = to + (<usize>load<i32>(starts + (<usize>k << 2)) << 2); p < end; p += 16) {
        const inner = f32x4.add(c, f32x4.mul(d, e));
        v128.store(p, f32x4.add(a, f32x4.mul(d, f32x4.add(b, f32x4.mul(d, inner)))), 0, 4);
        d = f32x4.add(d, stride);
      }
    }
  }
}

/**
 * Lay cubics along `count` rows from image row `firstRow` through values on a mesh, as `fillCubics` takes them.
 *
 * `values` (f32) and `bends` (f64, a sixth of the second derivatives along y) hold `rows` x `columns` nodes. `work` has room
 * for three f64 a column. Row y lies at y / meshPx - 0.5 of the mesh, and second derivatives are coupled more weakly
 * than in a natural spline, both as in SExtractor and SEP.
 */
export function layCubics(
  values: usize, bends: usize, columns: i32, rows: i32, meshPx: i32, firstRow: i32, count: i32, work: usize, to: usize,
): void {
  const node = work;
  const curvature = node + (<usize>columns << 3);
  const pivots = curvature + (<usize>columns << 3);
  store<f64>(pivots, 0);
  for (let k: i32 = 1; k < columns; k++) {
    store<f64>(pivots + (<usize>k << 3), 1 / (4 - load<f64>(pivots + (<usize>(k - 1) << 3))));
  }
  for (let y: i32 = 0; y < count; y++) {
    const v: f64 = rows == 1 ? 0 : <f64>(firstRow + y) / <f64>meshPx - 0.5;
    const row = min(max(0, rows - 2), max(0, <i32>Math.floor(v)));
    const b: f64 = rows == 1 ? 0 : v - <f64>row;
    const a: f64 = 1 - b;
    const a3 = a * a * a - a;
    const b3 = b * b * b - b;
    const lower = row * columns;
    const upper = rows > 1 ? lower + columns : lower;
    for (let c: i32 = 0; c < columns; c++) {
      store<f64>(
        node + (<usize>c << 3),
        a * <f64>load<f32>(values + (<usize>(lower + c) << 2)) +
          b * <f64>load<f32>(values + (<usize>(upper + c) << 2)) +
          a3 * load<f64>(bends + (<usize>(lower + c) << 3)) +
          b3 * load<f64>(bends + (<usize>(upper + c) << 3)),
      );
    }
    bend(node, columns, pivots, curvature);
    if (columns == 1) {
      v128.store(to, f32x4(<f32>load<f64>(node), 0, 0, 0));
      to += 16;
      continue;
    }
    for (let k: i32 = 0; k < columns - 1; k++, to += 16) {
      const n = node + (<usize>k << 3);
      const c = curvature + (<usize>k << 3);
      // (1 - d) low + d high + ((1 - d)^3 - (1 - d)) lowBend + (d^3 - d) highBend
      store<f32>(to, <f32>load<f64>(n));
      store<f32>(to, <f32>(load<f64>(n, 8) - load<f64>(n) - 2 * load<f64>(c) - load<f64>(c, 8)), 4);
      store<f32>(to, <f32>(3 * load<f64>(c)), 8);
      store<f32>(to, <f32>(load<f64>(c, 8) - load<f64>(c)), 12);
    }
  }
}

/** Solve the tridiagonal system (1, 4, 1) of a cubic spline with unit spacing and no bend at its ends. */
function bend(values: usize, count: i32, pivots: usize, out: usize): void {
  store<f64>(out, 0);
  store<f64>(out + (<usize>(count - 1) << 3), 0);
  let carried: f64 = 0;
  for (let i: i32 = 1; i < count - 1; i++) {
    const p = values + (<usize>i << 3);
    const second = load<f64>(p - 8) - 2 * load<f64>(p) + load<f64>(p, 8);
    carried = (second - carried) * load<f64>(pivots + (<usize>i << 3));
    store<f64>(out + (<usize>i << 3), carried);
  }
  for (let i = count - 2; i >= 1; i--) {
    const p = out + (<usize>i << 3);
    // A natural spline would not divide by six here; SExtractor does.
    store<f64>(p, load<f64>(p) - (load<f64>(pivots + (<usize>i << 3)) * load<f64>(p, 8)) / 6);
  }
}
