// Cubic splines through values on a mesh, as SExtractor and SEP interpolate the sky.

/**
 * Evaluate rows of piecewise cubics: in interval k, from pixel `starts[k]` to before `starts[k + 1]`, the value is
 * a + d (b + d (c + d e)) with d = offsets[k] + (x - starts[k]) * step. `cubics` holds a, b, c, e of each interval, row
 * after row; rows are written `pitch` bytes apart, and up to three floats beyond their ends.
 */
export function fillCubics(
  cubics: usize, starts: usize, offsets: usize, intervals: i32, step: f32, to: usize, pitch: usize, rows: i32,
): void {
  const ramp = f32x4.mul(f32x4.splat(step), f32x4(0, 1, 2, 3));
  const stride = f32x4.splat(4 * step);
  for (let y: i32 = 0; y < rows; y++, to += pitch) {
    for (let k: i32 = 0; k < intervals; k++, cubics += 16) {
      const a = v128.load32_splat(cubics);
      const b = v128.load32_splat(cubics, 4);
      const c = v128.load32_splat(cubics, 8);
      const e = v128.load32_splat(cubics, 12);
      let d = f32x4.add(f32x4.splat(load<f32>(offsets + (<usize>k << 2))), ramp);
      const end = to + (<usize>load<i32>(starts + (<usize>k << 2), 4) << 2);
      // The next interval writes over what is written beyond this one.
      for (let p = to + (<usize>load<i32>(starts + (<usize>k << 2)) << 2); p < end; p += 16) {
        const inner = f32x4.add(c, f32x4.mul(d, e));
        v128.store(p, f32x4.add(a, f32x4.mul(d, f32x4.add(b, f32x4.mul(d, inner)))), 0, 4);
        d = f32x4.add(d, stride);
      }
    }
  }
}

/**
 * Lay cubics along `count` rows from image row `firstRow` through values on a mesh, as `fillCubics` takes them.
 *
 * `values` (f32) and `bends` (f64, a sixth of the second derivatives along y) hold `rows` x `columns` nodes. `work` has room
 * for five f64 a column. Row y lies at y / meshPx - 0.5 of the mesh, and second derivatives are coupled more weakly
 * than in a natural spline, both as in SExtractor and SEP.
 */
export function layCubics(
  values: usize, bends: usize, columns: i32, rows: i32, meshPx: i32, firstRow: i32, count: i32, work: usize, to: usize,
): void {
  const node = work;
  const curvature = node + (<usize>columns << 4);
  const pivots = curvature + (<usize>columns << 4);
  store<f64>(pivots, 0);
  for (let k: i32 = 1; k < columns; k++) {
    store<f64>(pivots + (<usize>k << 3), 1 / (4 - load<f64>(pivots + (<usize>(k - 1) << 3))));
  }
  const pitch = <usize>max(1, columns - 1) << 4;
  // Two rows at a time, of which each number waits for the one before it; the last one may be alone.
  for (let y: i32 = 0; y < count; y += 2) {
    const next = min(y + 1, count - 1);
    const one = placeOf(firstRow + y, rows, meshPx);
    const other = placeOf(firstRow + next, rows, meshPx);
    const lowerOne = lowerRow(one, rows);
    const lowerOther = lowerRow(other, rows);
    const b = f64x2(rows == 1 ? 0 : one - <f64>lowerOne, rows == 1 ? 0 : other - <f64>lowerOther);
    const a = f64x2.sub(f64x2.splat(1), b);
    const a3 = f64x2.sub(f64x2.mul(f64x2.mul(a, a), a), a);
    const b3 = f64x2.sub(f64x2.mul(f64x2.mul(b, b), b), b);
    const step = rows > 1 ? columns : 0;
    for (let c: i32 = 0; c < columns; c++) {
      const p = <usize>(lowerOne * columns + c);
      const q = <usize>(lowerOther * columns + c);
      const up = <usize>step;
      const low = f64x2(<f64>load<f32>(values + (p << 2)), <f64>load<f32>(values + (q << 2)));
      const high = f64x2(<f64>load<f32>(values + ((p + up) << 2)), <f64>load<f32>(values + ((q + up) << 2)));
      const lowBend = f64x2(load<f64>(bends + (p << 3)), load<f64>(bends + (q << 3)));
      const highBend = f64x2(load<f64>(bends + ((p + up) << 3)), load<f64>(bends + ((q + up) << 3)));
      const sum = f64x2.add(f64x2.add(f64x2.mul(a, low), f64x2.mul(b, high)), f64x2.mul(a3, lowBend));
      v128.store(node + (<usize>c << 4), f64x2.add(sum, f64x2.mul(b3, highBend)));
    }
    bend(node, columns, pivots, curvature);
    writeCubics(node, curvature, columns, to + <usize>y * pitch);
    writeCubics(node + 8, curvature + 8, columns, to + <usize>next * pitch);
  }
}

/** Where a row lies on the mesh. */
// @ts-ignore: decorator
@inline
function placeOf(row: i32, rows: i32, meshPx: i32): f64 {
  return rows == 1 ? 0 : <f64>row / <f64>meshPx - 0.5;
}

// @ts-ignore: decorator
@inline
function lowerRow(place: f64, rows: i32): i32 {
  return min(max(0, rows - 2), max(0, <i32>Math.floor(place)));
}

/** Write the cubics of one of two rows whose nodes and second derivatives alternate. */
function writeCubics(node: usize, curvature: usize, columns: i32, to: usize): void {
  if (columns == 1) {
    v128.store(to, f32x4(<f32>load<f64>(node), 0, 0, 0));
    return;
  }
  for (let k: i32 = 0; k < columns - 1; k++, to += 16, node += 16, curvature += 16) {
    const low = load<f64>(node);
    const lowBend = load<f64>(curvature);
    const highBend = load<f64>(curvature, 16);
    // (1 - d) low + d high + ((1 - d)^3 - (1 - d)) lowBend + (d^3 - d) highBend
    store<f32>(to, <f32>low);
    store<f32>(to, <f32>(load<f64>(node, 16) - low - 2 * lowBend - highBend), 4);
    store<f32>(to, <f32>(3 * lowBend), 8);
    store<f32>(to, <f32>(highBend - lowBend), 12);
  }
}

/** Solve the tridiagonal systems (1, 4, 1) of two cubic splines with unit spacing and no bend at their ends. */
function bend(values: usize, count: i32, pivots: usize, out: usize): void {
  const zero = f64x2.splat(0);
  const two = f64x2.splat(2);
  const six = f64x2.splat(6);
  v128.store(out, zero);
  v128.store(out + (<usize>(count - 1) << 4), zero);
  let carried = zero;
  for (let i: i32 = 1; i < count - 1; i++) {
    const p = values + (<usize>i << 4);
    const second = f64x2.add(f64x2.sub(v128.load(p - 16), f64x2.mul(two, v128.load(p))), v128.load(p, 16));
    carried = f64x2.mul(f64x2.sub(second, carried), v128.load64_splat(pivots + (<usize>i << 3)));
    v128.store(out + (<usize>i << 4), carried);
  }
  for (let i = count - 2; i >= 1; i--) {
    const p = out + (<usize>i << 4);
    // A natural spline would not divide by six here; SExtractor does.
    const next = f64x2.mul(v128.load64_splat(pivots + (<usize>i << 3)), v128.load(p, 16));
    v128.store(p, f64x2.sub(v128.load(p), f64x2.div(next, six)));
  }
}
