// Pointwise arithmetic on interleaved complex numbers, two to a vector: `count` is rounded up to two.

import { madd, nmadd } from './madd';

// @ts-ignore: decorator
@inline
function product(a: v128, b: v128, signs: v128): v128 {
  const br = v128.shuffle<f32>(b, b, 0, 0, 2, 2);
  const bi = v128.shuffle<f32>(b, b, 1, 1, 3, 3);
  const turned = v128.shuffle<f32>(a, a, 1, 0, 3, 2);
  return madd(turned, v128.xor(bi, signs), f32x4.mul(a, br));
}

/** to = a b. */
export function multiplyComplex(a: usize, b: usize, to: usize, count: i32): void {
  const signs = i32x4(i32.MIN_VALUE, 0, i32.MIN_VALUE, 0);
  const end = to + (<usize>count << 3);
  for (; to < end; a += 16, b += 16, to += 16) {
    v128.store(to, product(v128.load(a), v128.load(b), signs));
  }
}

/** to = a conj(b). */
export function multiplyComplexConjugate(a: usize, b: usize, to: usize, count: i32): void {
  const signs = i32x4(0, i32.MIN_VALUE, 0, i32.MIN_VALUE);
  const end = to + (<usize>count << 3);
  for (; to < end; a += 16, b += 16, to += 16) {
    v128.store(to, product(v128.load(a), v128.load(b), signs));
  }
}

/** to = a x + factor b y. */
export function addProducts(
  a: usize, x: usize, b: usize, y: usize, factor: f32, to: usize, count: i32,
): void {
  const signs = i32x4(i32.MIN_VALUE, 0, i32.MIN_VALUE, 0);
  const scale = f32x4.splat(factor);
  const end = to + (<usize>count << 3);
  for (; to < end; a += 16, x += 16, b += 16, y += 16, to += 16) {
    const first = product(v128.load(a), v128.load(x), signs);
    const second = product(v128.load(b), v128.load(y), signs);
    v128.store(to, f32x4.add(first, f32x4.mul(scale, second)));
  }
}

/** to = alpha a + beta b. */
export function addScaled(a: usize, alpha: f32, b: usize, beta: f32, to: usize, count: i32): void {
  const first = f32x4.splat(alpha);
  const second = f32x4.splat(beta);
  const end = to + (<usize>count << 3);
  for (; to < end; a += 16, b += 16, to += 16) {
    v128.store(to, f32x4.add(f32x4.mul(first, v128.load(a)), f32x4.mul(second, v128.load(b))));
  }
}

/** to = a r, where r holds one real number for each complex one. */
export function multiplyReal(a: usize, r: usize, to: usize, count: i32): void {
  const end = to + (<usize>count << 3);
  for (; to < end; a += 16, r += 8, to += 16) {
    const pair = v128.load64_zero(r);
    v128.store(to, f32x4.mul(v128.load(a), v128.shuffle<f32>(pair, pair, 0, 0, 1, 1)));
  }
}

/** to = |a|^2, one real number for each complex one. */
export function squareModulus(a: usize, to: usize, count: i32): void {
  const end = to + (<usize>count << 2);
  for (; to < end; a += 16, to += 8) {
    const v = v128.load(a);
    const squares = f32x4.mul(v, v);
    const sums = f32x4.add(squares, v128.shuffle<f32>(squares, squares, 1, 0, 3, 2));
    v128.store64_lane(to, v128.shuffle<f32>(sums, sums, 0, 2, 0, 2), 0);
  }
}

// Below, four complex numbers are two vectors, of their real and of their imaginary parts, as the passes along columns have
// them; results have these swapped, as `putColumns` takes them. Numbers that do not count may be anything.

/** d = n x - r y, then n = n a and r = r b; `bytes` each. */
export function subtractSpectra(
  n: usize, r: usize, x: usize, y: usize, a: usize, b: usize, d: usize, bytes: i32,
): void {
  const end = n + <usize>bytes;
  for (; n < end; n += 32, r += 32, x += 32, y += 32, a += 32, b += 32, d += 32) {
    const nr = v128.load(n);
    const ni = v128.load(n, 16);
    const rr = v128.load(r);
    const ri = v128.load(r, 16);
    storeDifference(d, nr, ni, x, rr, ri, y);
    storeProduct(n, nr, ni, a);
    storeProduct(r, rr, ri, b);
  }
}

/** n = n a + r b and r = n c + r d at once; `bytes` each. */
export function mixSpectra(n: usize, r: usize, a: usize, b: usize, c: usize, d: usize, bytes: i32): void {
  const end = n + <usize>bytes;
  for (; n < end; n += 32, r += 32, a += 32, b += 32, c += 32, d += 32) {
    const nr = v128.load(n);
    const ni = v128.load(n, 16);
    const rr = v128.load(r);
    const ri = v128.load(r, 16);
    storeSum(n, nr, ni, a, rr, ri, b);
    storeSum(r, nr, ni, c, rr, ri, d);
  }
}

// @ts-ignore: decorator
@inline
function realProduct(xr: v128, xi: v128, y: usize): v128 {
  return nmadd(xi, v128.load(y, 16), f32x4.mul(xr, v128.load(y)));
}

// @ts-ignore: decorator
@inline
function imaginaryProduct(xr: v128, xi: v128, y: usize): v128 {
  return madd(xr, v128.load(y, 16), f32x4.mul(xi, v128.load(y)));
}

// @ts-ignore: decorator
@inline
function storeProduct(to: usize, xr: v128, xi: v128, y: usize): void {
  v128.store(to, imaginaryProduct(xr, xi, y));
  v128.store(to, realProduct(xr, xi, y), 16);
}

// @ts-ignore: decorator
@inline
function storeSum(to: usize, nr: v128, ni: v128, x: usize, rr: v128, ri: v128, y: usize): void {
  v128.store(to, f32x4.add(imaginaryProduct(nr, ni, x), imaginaryProduct(rr, ri, y)));
  v128.store(to, f32x4.add(realProduct(nr, ni, x), realProduct(rr, ri, y)), 16);
}

// @ts-ignore: decorator
@inline
function storeDifference(to: usize, nr: v128, ni: v128, x: usize, rr: v128, ri: v128, y: usize): void {
  v128.store(to, f32x4.sub(imaginaryProduct(nr, ni, x), imaginaryProduct(rr, ri, y)));
  v128.store(to, f32x4.sub(realProduct(nr, ni, x), realProduct(rr, ri, y)), 16);
}
