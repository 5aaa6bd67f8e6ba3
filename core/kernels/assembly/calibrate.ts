/**
 * Turn counts into electrons, (value - pedestal) * gain in float64, and write a mask word for each pixel: `absent` and
 * the value 0 where these are not finite, whether the count was or a float32 holds no such number; `saturated` where the
 * count is `limit` or more.
 *
 * `result` gets the number of counts with finite electrons (i32), the least and the greatest of them (f32) and whether
 * any word is set (i32). `count` is rounded up to four, of which the mask's words beyond `count` are garbage.
 */
export function scaleCounts(
  from: usize, count: i32, pedestal: f64, gain: f64, limit: f32, absent: i32, saturated: i32, to: usize, mask: usize, result: usize,
): void {
  const zero = f32x4.splat(0);
  const level = f64x2.splat(pedestal);
  const factor = f64x2.splat(gain);
  const top = f32x4.splat(limit);
  const absents = i32x4.splat(absent);
  const saturateds = i32x4.splat(saturated);
  let low = f32x4.splat(Infinity);
  let high = f32x4.splat(-Infinity);
  let finite = i32x4.splat(0);
  let any = i32x4.splat(0);
  const inside = i32x4(0, 1, 2, 3);
  for (let x: i32 = 0; x < count; x += 4) {
    const v = v128.load(from + (<usize>x << 2), 0, 4);
    const a = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v), level), factor);
    const b = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1)), level), factor);
    const scaled = v128.shuffle<i64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2);
    let isFinite = f32x4.eq(f32x4.sub(scaled, scaled), zero);
    if (x + 4 > count) isFinite = v128.and(isFinite, i32x4.lt_s(inside, i32x4.splat(count - x)));
    finite = i32x4.sub(finite, isFinite);
    low = f32x4.pmin(low, v128.bitselect(v, low, isFinite));
    high = f32x4.pmax(high, v128.bitselect(v, high, isFinite));
    v128.store(to + (<usize>x << 2), v128.and(scaled, isFinite), 0, 4);
    const words = v128.bitselect(v128.and(saturateds, f32x4.ge(v, top)), absents, isFinite);
    any = v128.or(any, words);
    v128.store64_lane(mask + (<usize>x << 1), i16x8.narrow_i32x4_s(words, words), 0, 0, 2);
  }
  store<i32>(
    result,
    i32x4.extract_lane(finite, 0) + i32x4.extract_lane(finite, 1) + i32x4.extract_lane(finite, 2) + i32x4.extract_lane(finite, 3),
  );
  store<f32>(
    result,
    min(min(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)), min(f32x4.extract_lane(low, 2), f32x4.extract_lane(low, 3))),
    4,
  );
  store<f32>(
    result,
    max(max(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)), max(f32x4.extract_lane(high, 2), f32x4.extract_lane(high, 3))),
    8,
  );
  store<i32>(result, v128.any_true(any) ? 1 : 0, 12);
}

/**
 * Multiply `width` pixels (even) of a row with a polynomial of degree 2 whose coefficients `along` holds (three f64), and
 * their variances with its square times `whitening`; in float64, rounded once. `u` holds one f64 a pixel.
 */
export function scaleRow(plane: usize, variance: usize, width: i32, u: usize, along: usize, whitening: f64): void {
  const one = v128.load64_splat(along);
  const slope = v128.load64_splat(along, 8);
  const bend = v128.load64_splat(along, 16);
  const factor = f64x2.splat(whitening);
  for (const end = plane + (<usize>width << 2); plane < end; plane += 8, variance += 8, u += 16) {
    const x = v128.load(u);
    const ratio = f64x2.add(f64x2.mul(f64x2.add(f64x2.mul(bend, x), slope), x), one);
    const light = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(plane)), ratio);
    v128.store64_lane(plane, f32x4.demote_f64x2_zero(light), 0);
    const square = f64x2.mul(f64x2.mul(ratio, ratio), factor);
    const noise = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(variance)), square);
    v128.store64_lane(variance, f32x4.demote_f64x2_zero(noise), 0);
  }
}

/** Write `count` differences of floats, rounded up to four. */
export function subtractEach(a: usize, b: usize, count: i32, to: usize): void {
  for (let x: usize = 0; x < <usize>count << 2; x += 16) {
    v128.store(to + x, f32x4.sub(v128.load(a + x, 0, 4), v128.load(b + x, 0, 4)), 0, 4);
  }
}

/**
 * Write squares of `noise` plus `light` where that is positive, `count` floats rounded up to four; in float64, rounded
 * once.
 */
export function addSignal(light: usize, noise: usize, count: i32, to: usize): void {
  const zero = f32x4.splat(0);
  for (let x: usize = 0; x < <usize>count << 2; x += 16) {
    const sigma = v128.load(noise + x, 0, 4);
    const value = v128.load(light + x, 0, 4);
    const signal = v128.and(value, f32x4.gt(value, zero));
    const low = f64x2.promote_low_f32x4(sigma);
    const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(sigma, sigma, 1, 1));
    const first = f64x2.add(f64x2.mul(low, low), f64x2.promote_low_f32x4(signal));
    const second = f64x2.add(
      f64x2.mul(high, high), f64x2.promote_low_f32x4(v128.shuffle<i64>(signal, signal, 1, 1)),
    );
    v128.store(
      to + x, v128.shuffle<i64>(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(second), 0, 2), 0, 4,
    );
  }
}
