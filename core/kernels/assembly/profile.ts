// Fits of a shifted profile to the pixels around many positions.

/** Taps of the interpolation along one axis. */
const TAPS: i32 = 8;

/** Eight doubles a position: see `fitProfiles`. */
const RESULT_BYTES: usize = 64;


// @ts-ignore: decorator
@inline
function sumLanes(v: v128): f64 {
  return (
    <f64>f32x4.extract_lane(v, 0) +
    <f64>f32x4.extract_lane(v, 1) +
    <f64>f32x4.extract_lane(v, 2) +
    <f64>f32x4.extract_lane(v, 3)
  );
}

/**
 * Write one over the mean variance of the usable pixels of 3 x 3 around each, 0 where a pixel itself is not usable, at
 * `to`: `rows` rows of `pitch` bytes; room for twice `rows` + 2 rows of `pitch` + 32 and twice of `pitch` follows it.
 */
function smoothVariances(variances: usize, rows: i32, pitch: usize, to: usize): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const wide = pitch + 32;
  const padded = wide * <usize>(rows + 2);
  const sums = to + pitch * <usize>rows;
  const counts = sums + padded;
  const lineSums = counts + padded;
  const lineCounts = lineSums + pitch * <usize>(rows + 2);
  memory.fill(sums, 0, 2 * padded);
  for (let j: i32 = 0; j < rows; j++) {
    const from = variances + pitch * <usize>j;
    const at = wide * <usize>(j + 1) + 16;
    for (let b: usize = 0; b < pitch; b += 16) {
      const v = v128.load(from + b);
      const good = f32x4.gt(v, zero);
      v128.store(sums + at + b, v128.and(good, v));
      v128.store(counts + at + b, v128.and(good, one));
    }
  }
  for (let j: i32 = 0; j < rows + 2; j++) {
    const at = wide * <usize>j + 16;
    const line = pitch * <usize>j;
    for (let b: usize = 0; b < pitch; b += 16) {
      const p = sums + at + b;
      const q = counts + at + b;
      v128.store(
        lineSums + line + b,
        f32x4.add(v128.load(p), f32x4.add(v128.load(p - 4, 0, 4), v128.load(p, 4, 4))),
      );
      v128.store(
        lineCounts + line + b,
        f32x4.add(v128.load(q), f32x4.add(v128.load(q - 4, 0, 4), v128.load(q, 4, 4))),
      );
    }
  }
  const block = pitch * <usize>rows;
  for (let b: usize = 0; b < block; b += 16) {
    const p = lineSums + b;
    const q = lineCounts + b;
    const sum = f32x4.add(v128.load(p + pitch), f32x4.add(v128.load(p), v128.load(p + 2 * pitch)));
    const count = f32x4.add(v128.load(q + pitch), f32x4.add(v128.load(q), v128.load(q + 2 * pitch)));
    const good = f32x4.gt(v128.load(variances + b), zero);
    v128.store(to + b, v128.and(good, f32x4.div(count, sum)));
  }
}

/**
 * Make a profile at each of `count` places and fit its flux, and a constant with `hasPedestal`, to the pixels there.
 *
 * `tables` are `terms` tables of `rows` + 8 rows of `stride` bytes, `pitch` + 32. A place is eight taps along x, eight
 * along y, the first column and row of the profile that they meet (as integers), two words of nothing, and the factors
 * of the terms. Pixels come as blocks of `rows` rows of `pitch` bytes, a multiple of 16: `values`, and `variances` that
 * are 0 where a pixel does not count, whatever its value, and -1 where it would but must not be used. `profile` is room
 * for one table, `scratch` for 2 `rows` + 8 rows of `pitch`, `smooth` for 5 `rows` + 8 rows of `pitch` + 32.
 *
 * Weights are one over the mean variance of the usable pixels of 3 x 3: a variance that was measured goes up and down
 * with its pixel's own noise, and would weigh bright noise less than faint.
 *
 * Writes for each: flux, its variance, the constant, chi^2, pixels used, those of them below zero, the part of the
 * sum of the squared profile that falls on pixels that must not be used, and 0. Flux and variance are NaN without pixels.
 */
export function fitProfiles(
  tables: usize,
  terms: i32,
  profile: usize,
  stride: usize,
  places: usize,
  values: usize,
  variances: usize,
  count: i32,
  rows: i32,
  pitch: usize,
  hasPedestal: i32,
  scratch: usize,
  smooth: usize,
  results: usize,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const block = pitch * <usize>rows;
  const shifted = scratch + pitch * <usize>(rows + TAPS);
  const table = stride * <usize>(rows + TAPS);
  const placeBytes: usize = 80 + (<usize>terms << 2);
  for (let n: i32 = 0; n < count; n++, places += placeBytes, results += RESULT_BYTES) {
    let drawn = tables;
    if (terms > 1) {
      drawn = profile;
      for (let b: usize = 0; b < table; b += 16) {
        let sum = f32x4.mul(v128.load32_splat(places, 80), v128.load(tables + b));
        let from = tables + table + b;
        for (let t: usize = 1; t < <usize>terms; t++, from += table) {
          sum = f32x4.add(
            sum,
            f32x4.mul(v128.load32_splat(places + 80 + (t << 2)), v128.load(from)),
          );
        }
        v128.store(profile + b, sum);
      }
    }
    const corner = drawn + stride * <usize>load<i32>(places, 68) + (<usize>load<i32>(places, 64) << 2);
    const x0 = v128.load32_splat(places, 0);
    const x1 = v128.load32_splat(places, 4);
    const x2 = v128.load32_splat(places, 8);
    const x3 = v128.load32_splat(places, 12);
    const x4 = v128.load32_splat(places, 16);
    const x5 = v128.load32_splat(places, 20);
    const x6 = v128.load32_splat(places, 24);
    const x7 = v128.load32_splat(places, 28);
    for (let j: i32 = 0; j < rows + TAPS - 1; j++) {
      const from = corner + stride * <usize>j;
      const to = scratch + pitch * <usize>j;
      for (let b: usize = 0; b < pitch; b += 16) {
        const p = from + b;
        const low = f32x4.add(
          f32x4.add(f32x4.mul(x0, v128.load(p, 0, 4)), f32x4.mul(x1, v128.load(p, 4, 4))),
          f32x4.add(f32x4.mul(x2, v128.load(p, 8, 4)), f32x4.mul(x3, v128.load(p, 12, 4))),
        );
        const high = f32x4.add(
          f32x4.add(f32x4.mul(x4, v128.load(p, 16, 4)), f32x4.mul(x5, v128.load(p, 20, 4))),
          f32x4.add(f32x4.mul(x6, v128.load(p, 24, 4)), f32x4.mul(x7, v128.load(p, 28, 4))),
        );
        v128.store(to + b, f32x4.add(low, high));
      }
    }
    const y0 = v128.load32_splat(places, 32);
    const y1 = v128.load32_splat(places, 36);
    const y2 = v128.load32_splat(places, 40);
    const y3 = v128.load32_splat(places, 44);
    const y4 = v128.load32_splat(places, 48);
    const y5 = v128.load32_splat(places, 52);
    const y6 = v128.load32_splat(places, 56);
    const y7 = v128.load32_splat(places, 60);
    smoothVariances(variances, rows, pitch, smooth);
    let wpp = zero;
    let wp = zero;
    let w1 = zero;
    let wpd = zero;
    let wd = zero;
    let used = zero;
    let below = zero;
    let all = zero;
    let lost = zero;
    for (let b: usize = 0; b < block; b += 16) {
      const q = scratch + b;
      const low = f32x4.add(
        f32x4.add(f32x4.mul(y0, v128.load(q)), f32x4.mul(y1, v128.load(q + pitch))),
        f32x4.add(f32x4.mul(y2, v128.load(q + 2 * pitch)), f32x4.mul(y3, v128.load(q + 3 * pitch))),
      );
      const high = f32x4.add(
        f32x4.add(f32x4.mul(y4, v128.load(q + 4 * pitch)), f32x4.mul(y5, v128.load(q + 5 * pitch))),
        f32x4.add(f32x4.mul(y6, v128.load(q + 6 * pitch)), f32x4.mul(y7, v128.load(q + 7 * pitch))),
      );
      const p = f32x4.add(low, high);
      v128.store(shifted + b, p);
      const v = v128.load(variances + b);
      const good = f32x4.gt(v, zero);
      const d = v128.and(good, v128.load(values + b));
      const w = v128.load(smooth + b);
      const weighted = f32x4.mul(w, p);
      const squared = f32x4.mul(p, p);
      wpp = f32x4.add(wpp, f32x4.mul(weighted, p));
      wp = f32x4.add(wp, weighted);
      w1 = f32x4.add(w1, w);
      wpd = f32x4.add(wpd, f32x4.mul(weighted, d));
      wd = f32x4.add(wd, f32x4.mul(w, d));
      used = f32x4.add(used, v128.and(good, one));
      below = f32x4.add(below, v128.and(v128.and(good, f32x4.lt(d, zero)), one));
      all = f32x4.add(all, v128.and(f32x4.ne(v, zero), squared));
      lost = f32x4.add(lost, v128.and(f32x4.lt(v, zero), squared));
    }
    const pp = sumLanes(wpp);
    const p1 = sumLanes(wp);
    const ones = sumLanes(w1);
    const pd = sumLanes(wpd);
    const d1 = sumLanes(wd);
    const determinant = hasPedestal ? pp * ones - p1 * p1 : pp;
    let flux: f64 = NaN;
    let variance: f64 = NaN;
    let pedestal: f64 = 0;
    if (determinant > 0) {
      flux = hasPedestal ? (ones * pd - p1 * d1) / determinant : pd / pp;
      variance = hasPedestal ? ones / determinant : 1 / pp;
      pedestal = hasPedestal ? (pp * d1 - p1 * pd) / determinant : 0;
    }
    // What is left, pixel by pixel: a difference of sums would lose it beside a bright star.
    const f = f32x4.splat(<f32>flux);
    const c = f32x4.splat(<f32>pedestal);
    let rest = zero;
    for (let b: usize = 0; b < block; b += 16) {
      const good = f32x4.gt(v128.load(variances + b), zero);
      const r = f32x4.sub(
        f32x4.sub(v128.load(values + b), c),
        f32x4.mul(f, v128.load(shifted + b)),
      );
      rest = f32x4.add(rest, v128.and(good, f32x4.mul(f32x4.mul(r, r), v128.load(smooth + b))));
    }
    const total = sumLanes(all);
    store<f64>(results, flux, 0);
    store<f64>(results, variance, 8);
    store<f64>(results, pedestal, 16);
    store<f64>(results, sumLanes(rest), 24);
    store<f64>(results, sumLanes(used), 32);
    store<f64>(results, sumLanes(below), 40);
    store<f64>(results, total > 0 ? sumLanes(lost) / total : 1, 48);
    store<f64>(results, 0, 56);
    values += block;
    variances += block;
  }
}
