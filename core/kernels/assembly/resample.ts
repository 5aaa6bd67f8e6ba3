// Lanczos-3 resampling of one tile of output.
//
// Weights: for each of `phases` + 1 fractional positions, eight floats w0 w1 w2 w3 0 0 w4 w5: the six taps as two
// vectors whose loads (at taps 0 and 2) read nothing outside the window.

/** Byte offsets of tap j's weight. */
// @ts-ignore: decorator
@inline
function weightAt(weights: usize, j: i32): f32 {
  return load<f32>(weights + (<usize>(j < 4 ? j : j + 2) << 2));
}

/** One row of the window, as two overlapping vectors. */
// @ts-ignore: decorator
@inline
function rowSum(p: usize, wa: v128, wb: v128): v128 {
  return f32x4.add(f32x4.mul(wa, v128.load(p, 0, 4)), f32x4.mul(wb, v128.load(p, 8, 4)));
}

// @ts-ignore: decorator
@inline
function sumOf(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/**
 * Locate the output pixels [x0, x0 + width) of row y on the input, a place of 32 bytes each: the window's first column
 * and row (i32), the phases (i32), the fractions between phases (f32), the Jacobian (f32). A pixel that no window with
 * an input pixel serves has the column i32.MIN_VALUE.
 *
 * The two coordinates are the lanes of one vector. Apart from the sums because it is one long chain of operations a
 * pixel, and the short loop lets the processor work on several at once.
 */
function locateRow(
  mesh: usize, meshColumns: i32, meshRows: i32, step: i32,
  x0: i32, y: i32, width: i32, phases: i32, imageWidth: i32, imageHeight: i32, places: usize,
): void {
  const inverseStep: f64 = 1.0 / <f64>step;
  const rowBytes: usize = <usize>meshColumns << 4;
  const cellY = min(y / step, meshRows - 2);
  const fy = f64x2.splat(<f64>(y - cellY * step) * inverseStep);
  const steps = f64x2.splat(<f64>phases);
  const last = i32x4.splat(phases - 1);
  const least = f64x2.splat(-3);
  const greatest = f64x2(<f64>(imageWidth + 1), <f64>(imageHeight + 1));
  const back = i32x4.splat(2);
  let x = x0;
  const end = x0 + width;
  while (x < end) {
    const cellX = min(x / step, meshColumns - 2);
    const cellEnd = cellX == meshColumns - 2 ? end : min(end, (cellX + 1) * step);
    const node = mesh + <usize>cellY * rowBytes + (<usize>cellX << 4);
    const a = v128.load(node);
    const b = v128.load(node, 16);
    const downA = f64x2.sub(v128.load(node + rowBytes), a);
    const downB = f64x2.sub(v128.load(node + rowBytes, 16), b);
    const left = f64x2.add(a, f64x2.mul(downA, fy));
    const across = f64x2.sub(f64x2.add(b, f64x2.mul(downB, fy)), left);
    // The cross product of the two derivatives is linear along the row of a cell.
    const turn = f64x2.sub(downB, downA);
    const acrossX = f64x2.extract_lane(across, 0) * inverseStep * inverseStep;
    const acrossY = f64x2.extract_lane(across, 1) * inverseStep * inverseStep;
    const start = acrossX * f64x2.extract_lane(downA, 1) - acrossY * f64x2.extract_lane(downA, 0);
    const slope = acrossX * f64x2.extract_lane(turn, 1) - acrossY * f64x2.extract_lane(turn, 0);
    for (; x < cellEnd; x++, places += 32) {
      const fx: f64 = <f64>(x - cellX * step) * inverseStep;
      const position = f64x2.add(left, f64x2.mul(across, f64x2.splat(fx)));
      const whole = f64x2.floor(position);
      const phase = f64x2.mul(f64x2.sub(position, whole), steps);
      const k = i32x4.min_s(i32x4.trunc_sat_f64x2_s_zero(phase), last);
      const t = f32x4.demote_f64x2_zero(f64x2.sub(phase, f64x2.convert_low_i32x4_s(k)));
      v128.store64_lane(places, i32x4.sub(i32x4.trunc_sat_f64x2_s_zero(whole), back), 0);
      v128.store64_lane(places, k, 0, 8);
      v128.store64_lane(places, t, 0, 16);
      store<f32>(places, <f32>abs(start + slope * fx), 24);
      // False for NaN too: a mesh node that has no place on the input.
      const inside = v128.and(f64x2.ge(whole, least), f64x2.le(whole, greatest));
      if (!i64x2.all_true(inside)) store<i32>(places, i32.MIN_VALUE);
    }
  }
}

/**
 * Resample the output pixels [x0, x0 + width) x [y0, y0 + rows).
 *
 * `plane`, `variance` and `mask` hold the input's rectangle from (originX, originY), rows `stride` pixels apart;
 * outside the image they hold NaN and zero. `mesh` holds meshColumns x meshRows nodes `step` pixels apart, each an x
 * and a y as f64. The image has imageWidth x imageHeight pixels. `scratch` is room for 64 bytes and 32 for each pixel
 * of a row; output rows are `width` pixels.
 */
export function resampleTile(
  plane: usize, variance: usize, mask: usize, stride: i32,
  originX: i32, originY: i32, imageWidth: i32, imageHeight: i32,
  mesh: usize, meshColumns: i32, meshRows: i32, step: i32,
  x0: i32, y0: i32, width: i32, rows: i32,
  weights: usize, phases: i32, threshold: f32, noData: i32, edge: i32,
  outPlane: usize, outVariance: usize, outMask: usize, scratch: usize,
): void {
  const rowFloats: usize = <usize>stride << 2;
  const rowMasks: usize = <usize>stride << 1;
  const six = i16x8(-1, -1, -1, -1, -1, -1, 0, 0);
  const places = scratch + 64;
  for (let y: i32 = 0; y < rows; y++) {
    locateRow(
      mesh, meshColumns, meshRows, step, x0, y0 + y, width, phases, imageWidth, imageHeight, places,
    );
    let place = places;
    for (let x: i32 = 0; x < width; x++, outPlane += 4, outVariance += 4, outMask += 2, place += 32) {
      const firstX = load<i32>(place);
      if (firstX == i32.MIN_VALUE) {
        store<f32>(outPlane, f32.NaN);
        store<f32>(outVariance, f32.NaN);
        store<u16>(outMask, <u16>(noData | edge));
        continue;
      }
      const firstY = load<i32>(place, 4);
      const wx = weights + (<usize>load<i32>(place, 8) << 5);
      const wy = weights + (<usize>load<i32>(place, 12) << 5);
      const tx = v128.load32_splat(place, 16);
      const ty = v128.load32_splat(place, 20);
      const jacobian = load<f32>(place, 24);
      const ax = v128.load(wx);
      const bx = v128.load(wx, 16);
      const wa = f32x4.add(ax, f32x4.mul(tx, f32x4.sub(v128.load(wx, 32), ax)));
      const wb = f32x4.add(bx, f32x4.mul(tx, f32x4.sub(v128.load(wx, 48), bx)));
      const ay = v128.load(wy);
      const by = v128.load(wy, 16);
      const va = f32x4.add(ay, f32x4.mul(ty, f32x4.sub(v128.load(wy, 32), ay)));
      const vb = f32x4.add(by, f32x4.mul(ty, f32x4.sub(v128.load(wy, 48), by)));
      const at: usize = <usize>((firstY - originY) * stride + (firstX - originX));
      const p = plane + (at << 2);
      const v = variance + (at << 2);
      const m = mask + (at << 1);
      const sum = f32x4.add(
        f32x4.add(
          f32x4.add(
            f32x4.mul(v128.shuffle<f32>(va, va, 0, 0, 0, 0), rowSum(p, wa, wb)),
            f32x4.mul(v128.shuffle<f32>(va, va, 1, 1, 1, 1), rowSum(p + rowFloats, wa, wb)),
          ),
          f32x4.add(
            f32x4.mul(v128.shuffle<f32>(va, va, 2, 2, 2, 2), rowSum(p + rowFloats * 2, wa, wb)),
            f32x4.mul(v128.shuffle<f32>(va, va, 3, 3, 3, 3), rowSum(p + rowFloats * 3, wa, wb)),
          ),
        ),
        f32x4.add(
          f32x4.mul(v128.shuffle<f32>(vb, vb, 2, 2, 2, 2), rowSum(p + rowFloats * 4, wa, wb)),
          f32x4.mul(v128.shuffle<f32>(vb, vb, 3, 3, 3, 3), rowSum(p + rowFloats * 5, wa, wb)),
        ),
      );
      const wa2 = f32x4.mul(wa, wa);
      const wb2 = f32x4.mul(wb, wb);
      const va2 = f32x4.mul(va, va);
      const vb2 = f32x4.mul(vb, vb);
      const sum2 = f32x4.add(
        f32x4.add(
          f32x4.add(
            f32x4.mul(v128.shuffle<f32>(va2, va2, 0, 0, 0, 0), rowSum(v, wa2, wb2)),
            f32x4.mul(v128.shuffle<f32>(va2, va2, 1, 1, 1, 1), rowSum(v + rowFloats, wa2, wb2)),
          ),
          f32x4.add(
            f32x4.mul(v128.shuffle<f32>(va2, va2, 2, 2, 2, 2), rowSum(v + rowFloats * 2, wa2, wb2)),
            f32x4.mul(v128.shuffle<f32>(va2, va2, 3, 3, 3, 3), rowSum(v + rowFloats * 3, wa2, wb2)),
          ),
        ),
        f32x4.add(
          f32x4.mul(v128.shuffle<f32>(vb2, vb2, 2, 2, 2, 2), rowSum(v + rowFloats * 4, wa2, wb2)),
          f32x4.mul(v128.shuffle<f32>(vb2, vb2, 3, 3, 3, 3), rowSum(v + rowFloats * 5, wa2, wb2)),
        ),
      );
      const bits = v128.or(
        v128.or(
          v128.or(v128.load(m, 0, 2), v128.load(m + rowMasks, 0, 2)),
          v128.or(v128.load(m + rowMasks * 2, 0, 2), v128.load(m + rowMasks * 3, 0, 2)),
        ),
        v128.or(v128.load(m + rowMasks * 4, 0, 2), v128.load(m + rowMasks * 5, 0, 2)),
      );
      let flux = sumOf(sum);
      let noise = sumOf(sum2);
      let flags: i32 = 0;
      const finite = flux - flux == 0 && noise - noise == 0;
      if (!finite || v128.any_true(v128.and(bits, six))) {
        v128.store(scratch, va);
        v128.store(scratch, vb, 16);
        v128.store(scratch, wa, 32);
        v128.store(scratch, wb, 48);
        let good: f32 = 0;
        let fluxSum: f32 = 0;
        let noiseSum: f32 = 0;
        for (let j: i32 = 0; j < 6; j++) {
          const wj = weightAt(scratch, j);
          for (let i: i32 = 0; i < 6; i++) {
            const w = wj * weightAt(scratch + 32, i);
            const pixel: usize = at + <usize>(j * stride + i);
            const f = load<f32>(plane + (pixel << 2));
            const n = load<f32>(variance + (pixel << 2));
            const heavy = abs(w) > threshold;
            if (f - f == 0 && n - n == 0) {
              good += w;
              fluxSum += w * f;
              noiseSum += w * w * n;
              if (heavy) flags |= <i32>load<u16>(mask + (pixel << 1));
            } else if (heavy) flags |= noData | <i32>load<u16>(mask + (pixel << 1));
          }
        }
        if (!finite) {
          if (good >= 0.5) {
            flux = fluxSum / good;
            noise = noiseSum / (good * good);
          } else {
            flux = f32.NaN;
            noise = f32.NaN;
            flags |= noData;
          }
        }
      }
      if (firstX < 0 || firstY < 0 || firstX + 5 >= imageWidth || firstY + 5 >= imageHeight) flags |= edge;
      store<f32>(outPlane, flux * jacobian);
      store<f32>(outVariance, noise * (jacobian * jacobian));
      store<u16>(outMask, <u16>flags);
    }
  }
}
