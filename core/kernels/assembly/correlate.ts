// Sums over pairs of pixels some distance apart.

/**
 * Add up the products of all pairs of pixels (dx, dy) apart, NaN left out: writes the sum and the number of pairs, two f64, at `to`.
 *
 * Sums of a row are f32 in four lanes, sums over rows f64. `values` holds `height` rows of `width` floats; dy >= 0.
 */
export function sumLag(values: usize, width: i32, height: i32, dx: i32, dy: i32, to: usize): void {
  const first = max(0, -dx);
  const count = width - abs(dx);
  const offset: usize = <usize>((dy * width + dx) << 2);
  let sum: f64 = 0;
  let pairs: f64 = 0;
  for (let y: i32 = 0; y < height - dy; y++) {
    let p = values + (<usize>(y * width + first) << 2);
    let sums = f32x4.splat(0);
    let found = i32x4.splat(0);
    let x: i32 = 0;
    for (; x + 4 <= count; x += 4, p += 16) {
      const product = f32x4.mul(v128.load(p), v128.load(p + offset));
      const isNumber = f32x4.eq(product, product);
      sums = f32x4.add(sums, v128.and(product, isNumber));
      found = i32x4.sub(found, isNumber);
    }
    let rest: f32 = 0;
    let more: i32 = 0;
    for (; x < count; x++, p += 4) {
      const product = load<f32>(p) * load<f32>(p + offset);
      if (product == product) {
        rest += product;
        more++;
      }
    }
    sum += <f64>(f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1))
      + <f64>(f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3)) + <f64>rest;
    pairs += <f64>(i32x4.extract_lane(found, 0) + i32x4.extract_lane(found, 1)
      + i32x4.extract_lane(found, 2) + i32x4.extract_lane(found, 3) + more);
  }
  store<f64>(to, sum);
  store<f64>(to, pairs, 8);
}
