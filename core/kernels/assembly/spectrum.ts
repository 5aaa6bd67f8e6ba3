// Pointwise arithmetic on interleaved complex numbers, two to a vector: `count` is rounded up to two.

import { madd } from './madd';

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
