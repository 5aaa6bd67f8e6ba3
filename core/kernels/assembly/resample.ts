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

// @ts-ignore: decorator
@inline
function sumOf(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/**
 * Resample the output pixels [x0, x0 + width) x [y0, y0 + rows).
 *
 * `plane`, `variance` and `mask` hold the input's rectangle from (originX, originY), rows
 * `stride` pixels apart; outside the image they hold NaN and zero. `mesh` holds two planes of f64, x then y, of
 * meshColumns x meshRows nodes `step` pixels apart. The image has imageWidth x imageHeight pixels.
 * `scratch` is room for 64 bytes; output rows are `width` pixels.
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
  const inverseStep: f64 = 1.0 / <f64>step;
  const meshY = mesh + (<usize>(meshColumns * meshRows) << 3);
  const meshRowBytes: usize = <usize>meshColumns << 3;
  const six = i16x8(-1, -1, -1, -1, -1, -1, 0, 0);
  for (let y: i32 = 0; y < rows; y++) {
    const cellY = min((y0 + y) / step, meshRows - 2);
    const fy: f64 = <f64>(y0 + y - cellY * step) * inverseStep;
    for (let x: i32 = 0; x < width; x++, outPlane += 4, outVariance += 4, outMask += 2) {
      const cellX = min((x0 + x) / step, meshColumns - 2);
      const fx: f64 = <f64>(x0 + x - cellX * step) * inverseStep;
      const node: usize = <usize>cellY * meshRowBytes + (<usize>cellX << 3);
      const xa = load<f64>(mesh + node);
      const xb = load<f64>(mesh + node, 8);
      const xc = load<f64>(mesh + node + meshRowBytes);
      const xd = load<f64>(mesh + node + meshRowBytes, 8);
      const ya = load<f64>(meshY + node);
      const yb = load<f64>(meshY + node, 8);
      const yc = load<f64>(meshY + node + meshRowBytes);
      const yd = load<f64>(meshY + node + meshRowBytes, 8);
      const leftX = xa + (xc - xa) * fy;
      const rightX = xb + (xd - xb) * fy;
      const leftY = ya + (yc - ya) * fy;
      const rightY = yb + (yd - yb) * fy;
      const inX = leftX + (rightX - leftX) * fx;
      const inY = leftY + (rightY - leftY) * fx;
      const floorX = floor(inX);
      const floorY = floor(inY);
      // Also false for NaN: a mesh node that has no place on the input.
      const inside =
        floorX >= -3 && floorY >= -3 && floorX <= <f64>(imageWidth + 1) && floorY <= <f64>(imageHeight + 1);
      if (!inside) {
        store<f32>(outPlane, f32.NaN);
        store<f32>(outVariance, f32.NaN);
        store<u16>(outMask, <u16>(noData | edge));
        continue;
      }
      const downX = (xc - xa) + ((xd - xb) - (xc - xa)) * fx;
      const downY = (yc - ya) + ((yd - yb) - (yc - ya)) * fx;
      const jacobian = <f32>(
        abs(((rightX - leftX) * downY - (rightY - leftY) * downX) * inverseStep * inverseStep)
      );

      const phaseX: f64 = (inX - floorX) * <f64>phases;
      const phaseY: f64 = (inY - floorY) * <f64>phases;
      const kx = min(<i32>phaseX, phases - 1);
      const ky = min(<i32>phaseY, phases - 1);
      const tx = f32x4.splat(<f32>(phaseX - <f64>kx));
      const ty = f32x4.splat(<f32>(phaseY - <f64>ky));
      const wx = weights + (<usize>kx << 5);
      const wy = weights + (<usize>ky << 5);
      const ax = v128.load(wx);
      const bx = v128.load(wx, 16);
      const wa = f32x4.add(ax, f32x4.mul(tx, f32x4.sub(v128.load(wx, 32), ax)));
      const wb = f32x4.add(bx, f32x4.mul(tx, f32x4.sub(v128.load(wx, 48), bx)));
      const ay = v128.load(wy);
      const by = v128.load(wy, 16);
      v128.store(scratch, f32x4.add(ay, f32x4.mul(ty, f32x4.sub(v128.load(wy, 32), ay))));
      v128.store(scratch, f32x4.add(by, f32x4.mul(ty, f32x4.sub(v128.load(wy, 48), by))), 16);

      const firstX = <i32>floorX - 2;
      const firstY = <i32>floorY - 2;
      const at: usize = <usize>((firstY - originY) * stride + (firstX - originX));
      let p = plane + (at << 2);
      let v = variance + (at << 2);
      let m = mask + (at << 1);
      const wa2 = f32x4.mul(wa, wa);
      const wb2 = f32x4.mul(wb, wb);
      let sum = f32x4.splat(0);
      let sum2 = f32x4.splat(0);
      let bits = i32x4.splat(0);
      for (let j: i32 = 0; j < 6; j++, p += rowFloats, v += rowFloats, m += rowMasks) {
        const w = f32x4.splat(weightAt(scratch, j));
        const line = f32x4.add(f32x4.mul(wa, v128.load(p, 0, 4)), f32x4.mul(wb, v128.load(p, 8, 4)));
        sum = f32x4.add(sum, f32x4.mul(w, line));
        const line2 = f32x4.add(f32x4.mul(wa2, v128.load(v, 0, 4)), f32x4.mul(wb2, v128.load(v, 8, 4)));
        sum2 = f32x4.add(sum2, f32x4.mul(f32x4.mul(w, w), line2));
        bits = v128.or(bits, v128.load(m, 0, 2));
      }
      let flux = sumOf(sum);
      let noise = sumOf(sum2);
      let flags: i32 = 0;
      const finite = flux - flux == 0 && noise - noise == 0;
      if (!finite || v128.any_true(v128.and(bits, six))) {
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
