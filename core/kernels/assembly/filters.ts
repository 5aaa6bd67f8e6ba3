// The filters of proper image subtraction, frequency by frequency; four complex numbers at a time.

import { madd } from './madd';

// @ts-ignore: decorator
@inline
function evens(p: usize): v128 {
  return v128.shuffle<f32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function odds(p: usize): v128 {
  return v128.shuffle<f32>(v128.load(p), v128.load(p, 16), 1, 3, 5, 7);
}

// @ts-ignore: decorator
@inline
function storeMixed(p: usize, re: v128, im: v128): void {
  v128.store(p, v128.shuffle<f32>(re, im, 0, 4, 1, 5));
  v128.store(p, v128.shuffle<f32>(re, im, 2, 6, 3, 7), 16);
}

/** exp(-x) for x in 0..80, relative error below 1e-6: 2^n by the exponent, the rest by its Taylor series. */
// @ts-ignore: decorator
@inline
function expOfMinus(x: v128): v128 {
  const t = f32x4.mul(x, f32x4.splat(-1.4426950408889634));
  const whole = f32x4.nearest(t);
  // |f ln 2| < 0.35
  const f = f32x4.mul(f32x4.sub(t, whole), f32x4.splat(0.6931471805599453));
  let sum = f32x4.splat(1.0 / 720.0);
  sum = madd(sum, f, f32x4.splat(1.0 / 120.0));
  sum = madd(sum, f, f32x4.splat(1.0 / 24.0));
  sum = madd(sum, f, f32x4.splat(1.0 / 6.0));
  sum = madd(sum, f, f32x4.splat(0.5));
  sum = madd(sum, f, f32x4.splat(1));
  sum = madd(sum, f, f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127)), 23);
  return f32x4.mul(sum, power);
}

/** Make the filters of four frequencies: to `a`, `b`, `c`, `d` go k_n, k_r, d_n, d_r. */
// @ts-ignore: decorator
@inline
function filterFour(
  pn: usize,
  pr: usize,
  noise: usize,
  least: v128,
  varianceN: v128,
  varianceR: v128,
  height: v128,
  limit: v128,
  steepness: v128,
  whitest: v128,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
): void {
  let nRe = evens(pn);
  const nIm = odds(pn);
  let rRe = evens(pr);
  const rIm = odds(pr);
  const nIm2 = f32x4.mul(nIm, nIm);
  const rIm2 = f32x4.mul(rIm, rIm);
  const power = f32x4.add(madd(nRe, nRe, nIm2), madd(rRe, rRe, rIm2));
  const isLow = f32x4.lt(power, limit);
  if (v128.any_true(isLow)) {
    const exponent = f32x4.pmin(f32x4.mul(power, steepness), f32x4.splat(80));
    const lift = v128.and(isLow, f32x4.mul(height, expOfMinus(exponent)));
    nRe = f32x4.add(nRe, lift);
    rRe = f32x4.add(rRe, lift);
    storeMixed(pn, nRe, nIm);
    storeMixed(pr, rRe, rIm);
  }
  const n2 = madd(nRe, nRe, nIm2);
  const r2 = madd(rRe, rRe, rIm2);
  let den = madd(varianceN, r2, f32x4.mul(varianceR, n2));
  if (noise) den = f32x4.mul(den, f32x4.pmax(least, evens(noise)));
  const over = f32x4.div(f32x4.splat(1), den);
  const byTemplate = f32x4.mul(r2, over);
  const knRe = f32x4.mul(nRe, byTemplate);
  const knIm = f32x4.neg(f32x4.mul(nIm, byTemplate));
  const byScience = f32x4.mul(n2, over);
  const krRe = f32x4.mul(rRe, byScience);
  const krIm = f32x4.neg(f32x4.mul(rIm, byScience));
  const whitening = f32x4.sqrt(f32x4.mul(whitest, over));
  const dnRe = f32x4.mul(rRe, whitening);
  const dnIm = f32x4.mul(rIm, whitening);
  const drRe = f32x4.mul(nRe, whitening);
  const drIm = f32x4.mul(nIm, whitening);
  storeMixed(a, knRe, knIm);
  storeMixed(b, krRe, krIm);
  storeMixed(c, dnRe, dnIm);
  storeMixed(d, drRe, drIm);
}

/** Up to this power of both profiles together they are led to the floor. */
// @ts-ignore: decorator
@inline
function limitOf(floor: f32): v128 {
  return f32x4.splat(50 * floor * floor);
}

// @ts-ignore: decorator
@inline
function steepnessOf(floor: f32): v128 {
  return f32x4.splat(<f32>(0.5 / (<f64>floor * <f64>floor)));
}

/**
 * Make the filters of `count` frequencies (rounded up to four).
 *
 * `pn`, `pr` are the transforms of both point-spread functions, overwritten by the same with both led to
 * `floor` where they vanish; `noise` is the transform of the noise's correlation, or 0 for white noise.
 * k_n = conj(pn) |pr|^2 / (den w), k_r alike; d_n = pr sqrt(scale / (den w)), d_r alike;
 * den = vn |pr|^2 + vr |pn|^2.
 */
export function makeFilters(
  pn: usize,
  pr: usize,
  noise: usize,
  leastPower: f32,
  vn: f32,
  vr: f32,
  floor: f32,
  scale: f32,
  kn: usize,
  kr: usize,
  dn: usize,
  dr: usize,
  count: i32,
): void {
  const least = f32x4.splat(leastPower);
  const varianceN = f32x4.splat(vn);
  const varianceR = f32x4.splat(vr);
  const height = f32x4.splat(floor);
  const limit = limitOf(floor);
  const steepness = steepnessOf(floor);
  const whitest = f32x4.splat(scale);
  for (const end = pn + (<usize>count << 3); pn < end; pn += 32, pr += 32) {
    filterFour(
      pn, pr, noise, least, varianceN, varianceR, height, limit, steepness, whitest, kn, kr, dn, dr,
    );
    if (noise) noise += 32;
    kn += 32;
    kr += 32;
    dn += 32;
    dr += 32;
  }
}
