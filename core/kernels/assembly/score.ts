// From filtered images to scores, and what a score's noise is made of.

/**
 * Divide `height` rows of the score by its noise.
 *
 * `sn`, `sr`, `vs`, `d`, `vd` point at the first kept pixel of planes with rows `stride` bytes apart and at least one
 * pixel around; results are `width` floats a row. `constants` are six f32: least noise, half the squared astrometric
 * errors along x and y, the flux ratio's relative error, the inverse flux scale, the least variance. With `hasFluxes`,
 * fluxes (score times error) take the place of the shared light.
 */
export function divideByNoise(
  sn: usize,
  sr: usize,
  vs: usize,
  d: usize,
  vd: usize,
  stride: usize,
  width: i32,
  height: i32,
  constants: usize,
  hasFluxes: i32,
  score: usize,
  shared: usize,
  fluxErr: usize,
  difference: usize,
  variance: usize,
): void {
  const leastNoise = v128.load32_splat(constants);
  // Differences below span two pixels: a quarter of their squares.
  const quarter = f32x4.splat(0.25);
  const sx2 = f32x4.mul(quarter, v128.load32_splat(constants, 4));
  const sy2 = f32x4.mul(quarter, v128.load32_splat(constants, 8));
  const ratioError = v128.load32_splat(constants, 12);
  const perScale = v128.load32_splat(constants, 16);
  const leastVariance = v128.load32_splat(constants, 20);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let y: i32 = 0; y < height; y++) {
    const row = stride * <usize>y;
    for (let x: i32 = 0; x < width; x += 4) {
      // The last vector may take pixels that the one before it took: results are the same. Narrow planes read and
      // write beyond their row, into the next one, which is written after, or into the slack at the end.
      const start: usize = <usize>(x + 4 > width && width >= 4 ? width - 4 : x) << 2;
      const at = row + start;
      const n = v128.load(sn + at);
      const r = v128.load(sr + at);
      const nx = f32x4.sub(v128.load(sn + at + 4), v128.load(sn + at - 4));
      const rx = f32x4.sub(v128.load(sr + at + 4), v128.load(sr + at - 4));
      const ny = f32x4.sub(v128.load(sn + at + stride), v128.load(sn + at - stride));
      const ry = f32x4.sub(v128.load(sr + at + stride), v128.load(sr + at - stride));
      const light = f32x4.pmax(zero, f32x4.pmin(n, r));
      const ratioNoise = f32x4.mul(ratioError, light);
      let noise = f32x4.pmax(leastNoise, v128.load(vs + at));
      noise = f32x4.add(noise, f32x4.mul(sx2, f32x4.add(f32x4.mul(nx, nx), f32x4.mul(rx, rx))));
      noise = f32x4.add(noise, f32x4.mul(sy2, f32x4.add(f32x4.mul(ny, ny), f32x4.mul(ry, ry))));
      noise = f32x4.add(noise, f32x4.mul(ratioNoise, ratioNoise));
      const sigma = f32x4.sqrt(noise);
      const perSigma = f32x4.div(one, sigma);
      const s = f32x4.sub(n, r);
      const to: usize = (<usize>(width * y) << 2) + start;
      const significance = f32x4.mul(s, perSigma);
      const error = f32x4.mul(sigma, perScale);
      v128.store(score + to, significance);
      v128.store(shared + to, hasFluxes ? f32x4.mul(significance, error) : f32x4.mul(light, perSigma));
      v128.store(fluxErr + to, error);
      v128.store(difference + to, v128.load(d + at));
      v128.store(variance + to, f32x4.pmax(leastVariance, v128.load(vd + at)));
    }
  }
}

/**
 * Write each quiet pixel of a difference over its sigma, without the mean of its cell; NaN where it is not quiet.
 *
 * Quiet are pixels of which `mask` (u16) has none of the bits `spoiled`, with no more than `mostShared` in `shared`
 * and `mostScore` in |score|, and not beyond `mostPull` themselves. Cells are squares of `side` pixels, a multiple of four.
 */
export function quietPulls(
  difference: usize,
  variance: usize,
  score: usize,
  shared: usize,
  mask: usize,
  width: i32,
  height: i32,
  spoiled: i32,
  mostShared: f32,
  mostScore: f32,
  mostPull: f32,
  side: i32,
  pulls: usize,
): void {
  const bits = i32x4.splat(spoiled);
  const none = i32x4.splat(0);
  const brightest = f32x4.splat(mostShared);
  const strongest = f32x4.splat(mostScore);
  const farthest = f32x4.splat(mostPull);
  const nan = f32x4.splat(<f32>NaN);
  for (let y0: i32 = 0; y0 < height; y0 += side) {
    const y1 = min(height, y0 + side);
    for (let x0: i32 = 0; x0 < width; x0 += side) {
      const x1 = min(width, x0 + side);
      const whole = x0 + ((x1 - x0) & ~3);
      let sum: f64 = 0;
      let count: i32 = 0;
      for (let y = y0; y < y1; y++) {
        let sums = f32x4.splat(0);
        let found = none;
        for (let x = x0; x < whole; x += 4) {
          const at: usize = <usize>(y * width + x) << 2;
          const pull = f32x4.div(v128.load(difference + at), f32x4.sqrt(v128.load(variance + at)));
          const words = i32x4.extend_low_i16x8_u(v128.load64_zero(mask + (at >> 1)));
          let quiet = i32x4.eq(v128.and(words, bits), none);
          quiet = v128.and(quiet, f32x4.le(v128.load(shared + at), brightest));
          quiet = v128.and(quiet, f32x4.le(f32x4.abs(v128.load(score + at)), strongest));
          quiet = v128.and(quiet, f32x4.le(f32x4.abs(pull), farthest));
          v128.store(pulls + at, v128.bitselect(pull, nan, quiet));
          sums = f32x4.add(sums, v128.and(pull, quiet));
          found = i32x4.sub(found, quiet);
        }
        sum += <f64>(f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1))
          + <f64>(f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
        count += i32x4.extract_lane(found, 0) + i32x4.extract_lane(found, 1)
          + i32x4.extract_lane(found, 2) + i32x4.extract_lane(found, 3);
        for (let x = whole; x < x1; x++) {
          const at: usize = <usize>(y * width + x) << 2;
          const pull = load<f32>(difference + at) / sqrt<f32>(load<f32>(variance + at));
          const isQuiet = (<i32>load<u16>(mask + (at >> 1)) & spoiled) == 0
            && load<f32>(shared + at) <= mostShared
            && abs<f32>(load<f32>(score + at)) <= mostScore
            && abs<f32>(pull) <= mostPull;
          store<f32>(pulls + at, isQuiet ? pull : <f32>NaN);
          if (isQuiet) {
            sum += <f64>pull;
            count++;
          }
        }
      }
      if (count == 0) continue;
      const mean: f32 = <f32>(sum / <f64>count);
      const level = f32x4.splat(mean);
      for (let y = y0; y < y1; y++) {
        for (let x = x0; x < whole; x += 4) {
          const at = pulls + (<usize>(y * width + x) << 2);
          v128.store(at, f32x4.sub(v128.load(at), level));
        }
        for (let x = whole; x < x1; x++) {
          const at = pulls + (<usize>(y * width + x) << 2);
          store<f32>(at, load<f32>(at) - mean);
        }
      }
    }
  }
}
