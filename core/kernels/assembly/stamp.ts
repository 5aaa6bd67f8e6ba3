// Square stamps of doubles: moved by fractions of a pixel, and profiles drawn into them.

/** Taps of the interpolation along one axis. */
const TAPS: i32 = 8;

// @ts-ignore: decorator
@inline
function weigh(
  w0: v128, w1: v128, w2: v128, w3: v128, w4: v128, w5: v128, w6: v128, w7: v128,
  from: usize, step: usize,
): v128 {
  let low = f64x2.add(f64x2.mul(w0, v128.load(from)), f64x2.mul(w1, v128.load(from + step)));
  low = f64x2.add(low, f64x2.mul(w2, v128.load(from + 2 * step)));
  low = f64x2.add(low, f64x2.mul(w3, v128.load(from + 3 * step)));
  let high = f64x2.add(
    f64x2.mul(w4, v128.load(from + 4 * step)),
    f64x2.mul(w5, v128.load(from + 5 * step)),
  );
  high = f64x2.add(high, f64x2.mul(w6, v128.load(from + 6 * step)));
  high = f64x2.add(high, f64x2.mul(w7, v128.load(from + 7 * step)));
  return f64x2.add(low, high);
}

/**
 * Interpolate a stamp of `size` x `size` doubles, `size` odd, between its pixels, along rows and then along columns; what is
 * outside is zero.
 *
 * `weights` are eight doubles along x and eight along y; the first of them meets the pixel `firstX` - 8 on from the one that
 * is made, 0 to 9, and `firstY` likewise. `room` holds (`size` + 17) (`size` + 1) + 18 doubles. `to`, which may be `from`, has
 * a double to spare after its last.
 */
export function moveStamp(
  from: usize, size: i32, weights: usize, firstX: i32, firstY: i32, room: usize, to: usize,
): void {
  const rowBytes = <usize>size << 3;
  const pitch = rowBytes + 8;
  const line = room + pitch * <usize>(size + 2 * TAPS);
  memory.fill(room, 0, pitch * <usize>TAPS);
  memory.fill(room + pitch * <usize>(size + TAPS), 0, pitch * <usize>TAPS);
  memory.fill(line, 0, rowBytes + <usize>(2 * TAPS + 2) * 8);
  const x0 = v128.load64_splat(weights, 0);
  const x1 = v128.load64_splat(weights, 8);
  const x2 = v128.load64_splat(weights, 16);
  const x3 = v128.load64_splat(weights, 24);
  const x4 = v128.load64_splat(weights, 32);
  const x5 = v128.load64_splat(weights, 40);
  const x6 = v128.load64_splat(weights, 48);
  const x7 = v128.load64_splat(weights, 56);
  const start = line + (<usize>firstX << 3);
  for (let y: i32 = 0; y < size; y++) {
    memory.copy(line + (<usize>TAPS << 3), from + rowBytes * <usize>y, rowBytes);
    const row = room + pitch * <usize>(y + TAPS);
    for (let b: usize = 0; b < rowBytes; b += 16) {
      v128.store(row + b, weigh(x0, x1, x2, x3, x4, x5, x6, x7, start + b, 8));
    }
  }
  const y0 = v128.load64_splat(weights, 64);
  const y1 = v128.load64_splat(weights, 72);
  const y2 = v128.load64_splat(weights, 80);
  const y3 = v128.load64_splat(weights, 88);
  const y4 = v128.load64_splat(weights, 96);
  const y5 = v128.load64_splat(weights, 104);
  const y6 = v128.load64_splat(weights, 112);
  const y7 = v128.load64_splat(weights, 120);
  for (let y: i32 = 0; y < size; y++) {
    const rows = room + pitch * <usize>(y + firstY);
    const target = to + rowBytes * <usize>y;
    // The last of a row is twice as wide as it should be; the next row covers it.
    for (let b: usize = 0; b < rowBytes; b += 16) {
      v128.store(target + b, weigh(y0, y1, y2, y3, y4, y5, y6, y7, rows + b, pitch));
    }
  }
}

/**
 * Draw an elliptical profile, and tables of corrections to it, into a stamp of `size` x `size` doubles, `size` odd.
 *
 * The profile at (u, v) from its centre, which lies (dx, dy) from the middle, is `radial` at
 * sqrt(cxx u^2 + cxy u v + cyy v^2) `scale`, of which there are `points` + 2, linear between them and zero beyond. With
 * `terms`, as many tables of `side` x `side`, `side` odd and no smaller, times `factors` are added up, moved as `moveStamp`
 * does, and added; `mixed` is room for a stamp and one double. Without points there is no profile but the tables.
 */
export function drawProfile(
  radial: usize, points: i32, scale: f64, cxx: f64, cyy: f64, cxy: f64, dx: f64, dy: f64, size: i32,
  tables: usize, terms: i32, side: i32, factors: usize,
  weights: usize, firstX: i32, firstY: i32, room: usize, mixed: usize, to: usize,
): void {
  const rowBytes = <usize>size << 3;
  if (terms > 0) {
    const sideBytes = <usize>side << 3;
    const table = sideBytes * <usize>side;
    const margin = <usize>((side - size) >> 1);
    for (let j: i32 = 0; j < size; j++) {
      const from = tables + sideBytes * (<usize>j + margin) + (margin << 3);
      const target = mixed + rowBytes * <usize>j;
      for (let b: usize = 0; b < rowBytes; b += 16) {
        let sum = f64x2.mul(v128.load64_splat(factors), v128.load(from + b));
        let at = from + table + b;
        for (let t: usize = 1; t < <usize>terms; t++, at += table) {
          sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(factors + (t << 3)), v128.load(at)));
        }
        v128.store(target + b, sum);
      }
    }
    moveStamp(mixed, size, weights, firstX, firstY, room, points > 0 ? mixed : to);
  }
  if (points <= 0) return;
  const half = <f64>((size - 1) >> 1);
  const end = f64x2.splat(<f64>(points + 1));
  const last = f64x2.splat(<f64>points + 0.5);
  const scales = f64x2.splat(scale);
  const cxxs = f64x2.splat(cxx);
  const middle = f64x2.splat(half);
  const offset = f64x2.splat(dx);
  for (let j: i32 = 0; j < size; j++) {
    const v = <f64>j - half - dy;
    const row = f64x2.splat(cyy * v * v);
    const across = f64x2.splat(cxy * v);
    const target = to + rowBytes * <usize>j;
    let columns = f64x2(0, 1);
    for (let b: usize = 0; b < rowBytes; b += 16) {
      const u = f64x2.sub(f64x2.sub(columns, middle), offset);
      columns = f64x2.add(columns, f64x2.splat(2));
      const square = f64x2.add(row, f64x2.mul(u, f64x2.add(f64x2.mul(cxxs, u), across)));
      const t = f64x2.mul(f64x2.sqrt(square), scales);
      const index = i32x4.trunc_sat_f64x2_s_zero(f64x2.pmin(t, last));
      const p = v128.load(radial + (<usize>i32x4.extract_lane(index, 0) << 3));
      const q = v128.load(radial + (<usize>i32x4.extract_lane(index, 1) << 3));
      const low = v128.shuffle<f64>(p, q, 0, 2);
      const high = v128.shuffle<f64>(p, q, 1, 3);
      const part = f64x2.sub(t, f64x2.floor(t));
      const value = v128.and(
        f64x2.lt(t, end),
        f64x2.add(low, f64x2.mul(part, f64x2.sub(high, low))),
      );
      v128.store(
        target + b,
        terms > 0 ? f64x2.add(value, v128.load(mixed + rowBytes * <usize>j + b)) : value,
      );
    }
  }
}
