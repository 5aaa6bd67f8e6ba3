// Sums over square boxes.

/**
 * Add up a band of rows along columns: pixels times `scale`, rounded to float32 and clipped to +-`limit`, of which the
 * byte in `usable` is not zero, to `sums` (f64), and how many there are to `counts` (i32). Rows are `width` floats and
 * bytes and follow each other; both are read, and both sums written, in fours: three more of each.
 */
export function addColumns(
  from: usize, usable: usize, width: i32, rows: i32, scale: f64, limit: f32, sums: usize, counts: usize,
): void {
  const factor = f64x2.splat(scale);
  const most = f32x4.splat(limit);
  const least = f32x4.splat(-limit);
  const none = i32x4.splat(0);
  for (let x: i32 = 0; x < width; x += 4) {
    const total = sums + (<usize>x << 3);
    const count = counts + (<usize>x << 2);
    let low = v128.load(total);
    let high = v128.load(total, 16);
    let many = v128.load(count);
    let at = from + (<usize>x << 2);
    let byte = usable + <usize>x;
    for (let y: i32 = 0; y < rows; y++, at += <usize>width << 2, byte += <usize>width) {
      const value = v128.load(at, 0, 4);
      const isUsed = i32x4.ne(
        i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(byte, 0, 1))), none,
      );
      const a = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.promote_low_f32x4(value), factor));
      const b = f32x4.demote_f64x2_zero(
        f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(value, value, 2, 3, 2, 3)), factor),
      );
      const scaled = v128.shuffle<i32>(a, b, 0, 1, 4, 5);
      const clipped = v128.and(f32x4.pmax(least, f32x4.pmin(most, scaled)), isUsed);
      low = f64x2.add(low, f64x2.promote_low_f32x4(clipped));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i32>(clipped, clipped, 2, 3, 2, 3)));
      many = i32x4.sub(many, isUsed);
    }
    v128.store(total, low);
    v128.store(total, high, 16);
    v128.store(count, many);
  }
}

/** Add up `side` columns at a time, the last few of `width` by themselves. */
export function addBoxes(sums: usize, counts: usize, width: i32, side: i32, toSums: usize, toCounts: usize): void {
  for (let x: i32 = 0; x < width; x += side, toSums += 8, toCounts += 4) {
    const end = min(x + side, width);
    let sum: f64 = 0;
    let count: i32 = 0;
    for (let k = x; k < end; k++) {
      sum += load<f64>(sums + (<usize>k << 3));
      count += load<i32>(counts + (<usize>k << 2));
    }
    store<f64>(toSums, sum);
    store<i32>(toCounts, count);
  }
}
