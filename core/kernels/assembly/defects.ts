// What stands apart from its neighbours: pieces of columns and rows, and single cold pixels.

/**
 * For each of `width` columns, count in `counts` (i16) over `rows` rows how often a pixel lies more than `margin` above
 * both pixels `apart` bytes away, minus how often below both. `from` is the first pixel of the first row; columns
 * where a neighbour would lie outside are the caller's to ignore.
 */
export function balanceColumns(
  from: usize, stride: usize, width: i32, rows: i32, apart: usize, margin: f32, counts: usize,
): void {
  const above = f32x4.splat(margin);
  const below = f32x4.splat(-margin);
  for (let x: i32 = 0; x < width; x += 8) {
    let p = from + (<usize>x << 2);
    let low = i32x4.splat(0);
    let high = i32x4.splat(0);
    for (let y: i32 = 0; y < rows; y++, p += stride) {
      low = i32x4.add(low, balance(p, p - apart, p + apart, above, below));
      high = i32x4.add(high, balance(p + 16, p + 16 - apart, p + 16 + apart, above, below));
    }
    v128.store(counts + (<usize>x << 1), i16x8.narrow_i32x4_s(low, high), 0, 2);
  }
}

/** The same along a row: one count (i16) for each whole piece of `piece` pixels, against the rows `apart` bytes away. */
export function balanceRow(from: usize, width: i32, piece: i32, apart: usize, margin: f32, counts: usize): void {
  const above = f32x4.splat(margin);
  const below = f32x4.splat(-margin);
  for (let x: i32 = 0; x + piece <= width; x += piece, counts += 2) {
    let p = from + (<usize>x << 2);
    const whole = p + (<usize>(piece & ~3) << 2);
    const end = p + (<usize>piece << 2);
    let sums = i32x4.splat(0);
    for (; p < whole; p += 16) sums = i32x4.add(sums, balance(p, p - apart, p + apart, above, below));
    let sum =
      i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
    for (; p < end; p += 4) sum += i32x4.extract_lane(balance(p, p - apart, p + apart, above, below), 0);
    store<i16>(counts, <i16>sum);
  }
}

/** 1 where a pixel is above both others by the margin, -1 where below both, else 0. */
// @ts-ignore: decorator
@inline
function balance(at: usize, one: usize, other: usize, above: v128, below: v128): v128 {
  const v = v128.load(at, 0, 4);
  const a = f32x4.sub(v, v128.load(one, 0, 4));
  const b = f32x4.sub(v, v128.load(other, 0, 4));
  const up = v128.and(f32x4.gt(a, above), f32x4.gt(b, above));
  const down = v128.and(f32x4.lt(a, below), f32x4.lt(b, below));
  return i32x4.sub(down, up);
}

/**
 * List pixels that lie at least `least` below the smoothed image: their index in the band (row * width + x) and the
 * smoothed value, two words each.
 *
 * @returns how many there are; no more than `room` are written.
 */
export function listCold(
  from: usize, stride: usize, smooth: usize, pitch: usize, width: i32, rows: i32, least: f32, to: usize, room: i32,
): i32 {
  const depth = f32x4.splat(least);
  let count: i32 = 0;
  for (let y: i32 = 0; y < rows; y++, from += stride, smooth += pitch) {
    for (let x: i32 = 0; x < width; x += 4) {
      const at: usize = <usize>x << 2;
      const found = f32x4.ge(f32x4.sub(v128.load(smooth + at, 0, 4), v128.load(from + at, 0, 4)), depth);
      if (!v128.any_true(found)) continue;
      const bits = i32x4.bitmask(found);
      for (let k: i32 = 0; k < 4; k++) {
        if (((bits >> k) & 1) == 0 || x + k >= width) continue;
        if (count < room) {
          store<i32>(to + (<usize>count << 3), y * width + x + k);
          store<f32>(to + (<usize>count << 3), load<f32>(smooth + at + (<usize>k << 2)), 4);
        }
        count++;
      }
    }
  }
  return count;
}
