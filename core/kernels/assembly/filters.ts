// The filters of proper image subtraction, frequency by frequency; four complex numbers at a time.

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
  sum = f32x4.add(f32x4.mul(sum, f), f32x4.splat(1.0 / 120.0));
  sum = f32x4.add(f32x4.mul(sum, f), f32x4.splat(1.0 / 24.0));
  sum = f32x4.add(f32x4.mul(sum, f), f32x4.splat(1.0 / 6.0));
  sum = f32x4.add(f32x4.mul(sum, f), f32x4.splat(0.5));
  sum = f32x4.add(f32x4.mul(sum, f), f32x4.splat(1));
  sum = f32x4.add(f32x4.mul(sum, f), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127)), 23);
  return f32x4.mul(sum, power);
}

// What the filters of four frequencies are for: to be written out, or to be multiplied with the images at once.
const WRITE: i32 = 0;
const APPLY: i32 = 1;

/**
 * Make the filters of four frequencies.
 *
 * WRITE: to `a`, `b`, `c`, `d` go k_n, k_r, d_n, d_r. APPLY: `a` and `b` hold the images' spectra and get k_n a and k_r b,
 * `c` gets d_n a - d_r b.
 */
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
  purpose: i32,
): void {
  let nRe = evens(pn);
  const nIm = odds(pn);
  let rRe = evens(pr);
  const rIm = odds(pr);
  const nIm2 = f32x4.mul(nIm, nIm);
  const rIm2 = f32x4.mul(rIm, rIm);
  const power = f32x4.add(f32x4.add(f32x4.mul(nRe, nRe), nIm2), f32x4.add(f32x4.mul(rRe, rRe), rIm2));
  const isLow = f32x4.lt(power, limit);
  if (v128.any_true(isLow)) {
    const exponent = f32x4.pmin(f32x4.mul(power, steepness), f32x4.splat(80));
    const lift = v128.and(isLow, f32x4.mul(height, expOfMinus(exponent)));
    nRe = f32x4.add(nRe, lift);
    rRe = f32x4.add(rRe, lift);
    if (purpose == WRITE) {
      storeMixed(pn, nRe, nIm);
      storeMixed(pr, rRe, rIm);
    }
  }
  const n2 = f32x4.add(f32x4.mul(nRe, nRe), nIm2);
  const r2 = f32x4.add(f32x4.mul(rRe, rRe), rIm2);
  let den = f32x4.add(f32x4.mul(varianceN, r2), f32x4.mul(varianceR, n2));
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
  if (purpose == WRITE) {
    storeMixed(a, knRe, knIm);
    storeMixed(b, krRe, krIm);
    storeMixed(c, dnRe, dnIm);
    storeMixed(d, drRe, drIm);
  } else {
    const scienceRe = evens(a);
    const scienceIm = odds(a);
    const templateRe = evens(b);
    const templateIm = odds(b);
    storeMixed(a, productRe(scienceRe, scienceIm, knRe, knIm), productIm(scienceRe, scienceIm, knRe, knIm));
    storeMixed(b, productRe(templateRe, templateIm, krRe, krIm), productIm(templateRe, templateIm, krRe, krIm));
    storeMixed(
      c,
      f32x4.sub(productRe(scienceRe, scienceIm, dnRe, dnIm), productRe(templateRe, templateIm, drRe, drIm)),
      f32x4.sub(productIm(scienceRe, scienceIm, dnRe, dnIm), productIm(templateRe, templateIm, drRe, drIm)),
    );
  }
}

// @ts-ignore: decorator
@inline
function productRe(aRe: v128, aIm: v128, bRe: v128, bIm: v128): v128 {
  return f32x4.sub(f32x4.mul(aRe, bRe), f32x4.mul(aIm, bIm));
}

// @ts-ignore: decorator
@inline
function productIm(aRe: v128, aIm: v128, bRe: v128, bIm: v128): v128 {
  return f32x4.add(f32x4.mul(aIm, bRe), f32x4.mul(aRe, bIm));
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
      pn, pr, noise, least, varianceN, varianceR, height, limit, steepness, whitest, kn, kr, dn, dr, WRITE,
    );
    if (noise) noise += 32;
    kn += 32;
    kr += 32;
    dn += 32;
    dr += 32;
  }
}

/**
 * Make the filters of one block of a spectrum and multiply them with the images' blocks `n` and `r`, which become k_n n
 * and k_r r; `d` gets d_n n - d_r r. Of each row of sixteen frequencies the first `columns` (rounded up to four) count.
 */
export function subtractBlock(
  pn: usize,
  pr: usize,
  noise: usize,
  leastPower: f32,
  vn: f32,
  vr: f32,
  floor: f32,
  scale: f32,
  n: usize,
  r: usize,
  d: usize,
  rows: i32,
  columns: i32,
): void {
  const least = f32x4.splat(leastPower);
  const varianceN = f32x4.splat(vn);
  const varianceR = f32x4.splat(vr);
  const height = f32x4.splat(floor);
  const limit = limitOf(floor);
  const steepness = steepnessOf(floor);
  const whitest = f32x4.splat(scale);
  const used: usize = <usize>((columns + 3) & ~3) << 3;
  for (let y: i32 = 0; y < rows; y++) {
    for (let x: usize = 0; x < used; x += 32) {
      const at: usize = (<usize>y << 7) + x;
      const power = noise ? noise + at : 0;
      filterFour(
        pn + at, pr + at, power, least, varianceN, varianceR, height, limit, steepness, whitest, n + at, r + at, d + at, 0, APPLY,
      );
    }
  }
}

/**
 * Turn the phases of one block of a spectrum: number (column, row) is multiplied with columnTurns[column] rowTurns[row],
 * both lists of complex numbers; columns as in `subtractBlock`.
 */
export function turnBlock(block: usize, rows: i32, columns: i32, columnTurns: usize, rowTurns: usize): void {
  const used: usize = <usize>((columns + 3) & ~3) << 3;
  for (let y: i32 = 0; y < rows; y++, block += 128, rowTurns += 8) {
    const rowRe = v128.load32_splat(rowTurns);
    const rowIm = v128.load32_splat(rowTurns, 4);
    for (let x: usize = 0; x < used; x += 32) {
      const columnRe = evens(columnTurns + x);
      const columnIm = odds(columnTurns + x);
      const cos = productRe(columnRe, columnIm, rowRe, rowIm);
      const sin = f32x4.add(f32x4.mul(columnRe, rowIm), f32x4.mul(columnIm, rowRe));
      const re = evens(block + x);
      const im = odds(block + x);
      storeMixed(
        block + x,
        productRe(re, im, cos, sin),
        f32x4.add(f32x4.mul(re, sin), f32x4.mul(im, cos)),
      );
    }
  }
}
