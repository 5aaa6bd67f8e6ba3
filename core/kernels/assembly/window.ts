// Centroids with Gaussian windows, on stamps: boxes of an image in which pixels that are not the source's own are NaN.

const MAX_ROUNDS: i32 = 16;
const TOLERANCE_PX: f64 = 1e-4;
/** What `centreWindow` returns. */
const LOST: i32 = 0;
const SETTLED: i32 = 1;
const BEYOND: i32 = 2;

/** The stamp at hand. */
let pixels: usize = 0;
let left: i32 = 0;
let bottom: i32 = 0;
let columns: i32 = 0;
let rows: i32 = 0;
/** The size of the image. */
let width: i32 = 0;
let height: i32 = 0;

/**
 * Refine a position with a Gaussian window that ends at `radius`, with weights exp(exponent r^2).
 *
 * `stamp` holds `stampColumns` x `stampRows` pixels from (x0, y0) of an image of `imageWidth` x `imageHeight`, and three
 * floats more that are not NaN. A pixel that is NaN counts as the one opposite of the centre, as zero where that is NaN
 * too or beyond the image. `work` has room for `windowWorkBytes`. `state` holds x, y, FWHM and the rounds done, as f64,
 * and is written to.
 *
 * @returns 1: settled; 0: it did not, walked further than `maxShift` from (startX, startY), or has no light; 2: the
 *   window and `margin` pixels around it reach beyond the stamp: call again with one about the position in `state`.
 */
export function centreWindow(
  stamp: usize, x0: i32, y0: i32, stampColumns: i32, stampRows: i32, imageWidth: i32, imageHeight: i32, margin: i32,
  radius: f64, exponent: f64, startX: f64, startY: f64, maxShift: f64, work: usize, state: usize,
): i32 {
  pixels = stamp;
  left = x0;
  bottom = y0;
  columns = stampColumns;
  rows = stampRows;
  width = imageWidth;
  height = imageHeight;
  const most = reachOf(radius);
  const rowWeights = work + (<usize>(2 * most + 5) << 2);
  const powers = rowWeights + (<usize>(2 * most + 1) << 2);
  fillGaussian(powers, most, exponent);
  const reach = f32x4.splat(<f32>(radius + 0.5));
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  let cx = load<f64>(state);
  let cy = load<f64>(state, 8);
  let fwhm = load<f64>(state, 16);
  let result = LOST;
  let round = <i32>load<f64>(state, 24);
  for (; round < MAX_ROUNDS; round++) {
    const xFirst = max(0, <i32>Math.floor(cx - radius));
    const xLast = min(width - 1, <i32>Math.ceil(cx + radius));
    const yFirst = max(0, <i32>Math.floor(cy - radius));
    const yLast = min(height - 1, <i32>Math.ceil(cy + radius));
    if (!covers(xFirst - margin, xLast + margin, yFirst - margin, yLast + margin)) {
      result = BEYOND;
      break;
    }
    // A Gaussian is separable: one weight each column and row.
    const xMiddle = Math.floor(cx + 0.5);
    const yMiddle = Math.floor(cy + 0.5);
    weigh(powers, most, 2 * exponent * (xMiddle - cx), work);
    weigh(powers, most, 2 * exponent * (yMiddle - cy), rowWeights);
    const columnWeights = work + (<usize>(xFirst - <i32>xMiddle + most) << 2);
    // Moments are taken about the middle pixel: whole numbers of pixels are exact.
    const offset = f32x4.splat(<f32>(xMiddle - cx));
    const ramp = f32x4.add(f32x4.splat(<f32>(xFirst - <i32>xMiddle)), f32x4(0, 1, 2, 3));
    // What lies beyond the last column weighs nothing.
    const overhang = i32x4.le_s(i32x4(0, 1, 2, 3), i32x4.splat((xLast - xFirst) & 3));
    let total = f64x2.splat(0);
    let sumX = f64x2.splat(0);
    let sumY = f64x2.splat(0);
    let sumRadius = f64x2.splat(0);
    for (let y = yFirst; y <= yLast; y++) {
      const dy = <f64>y - cy;
      const squares = f32x4.splat(<f32>(dy * dy));
      let p = at(xFirst, y);
      let weights = columnWeights;
      let place = ramp;
      let light = zero;
      let moment = zero;
      let spread = zero;
      for (let x = xFirst; x <= xLast; x += 4, p += 16, weights += 16) {
        let value = v128.load(p, 0, 4);
        if (v128.any_true(f32x4.ne(value, value))) value = lookOpposite(value, cx, cy, x, y);
        const dx = f32x4.add(place, offset);
        const distance = f32x4.add(f32x4.mul(dx, dx), squares);
        // The rim's weight is exp(-8): a linear estimate of the overlap is enough there.
        const overlap = f32x4.pmax(zero, f32x4.pmin(one, f32x4.sub(reach, f32x4.sqrt(distance))));
        let weight = f32x4.mul(overlap, v128.load(weights, 0, 4));
        if (x + 3 >= xLast) weight = v128.and(weight, overhang);
        const own = f32x4.mul(value, weight);
        light = f32x4.add(light, own);
        moment = f32x4.add(moment, f32x4.mul(own, place));
        spread = f32x4.add(spread, f32x4.mul(own, distance));
        place = f32x4.add(place, f32x4.splat(4));
      }
      const rowWeight = f64x2.splat(<f64>load<f32>(rowWeights + (<usize>(y - <i32>yMiddle + most) << 2)));
      const rowLight = f64x2.mul(rowWeight, halves(light));
      total = f64x2.add(total, rowLight);
      sumX = f64x2.add(sumX, f64x2.mul(rowWeight, halves(moment)));
      sumY = f64x2.add(sumY, f64x2.mul(rowLight, f64x2.splat(dy)));
      sumRadius = f64x2.add(sumRadius, f64x2.mul(rowWeight, halves(spread)));
    }
    const all = bothOf(total);
    if (!(all > 0)) {
      fwhm = 0;
      break;
    }
    const stepX = 2 * (bothOf(sumX) / all + (xMiddle - cx));
    const stepY = (2 * bothOf(sumY)) / all;
    cx += stepX;
    cy += stepY;
    // The product of two Gaussians: 1/measured = 1/true + 1/window.
    const inverse = 1 / (bothOf(sumRadius) / all / 2) + 2 * exponent;
    fwhm = inverse > 0 ? (2 * Math.sqrt(2 * Math.LN2)) / Math.sqrt(inverse) : 0;
    const shiftX = cx - startX;
    const shiftY = cy - startY;
    // Sums that overflowed lead nowhere, and NaN is no place.
    if (!(Math.sqrt(shiftX * shiftX + shiftY * shiftY) <= maxShift)) break;
    if (stepX * stepX + stepY * stepY < TOLERANCE_PX * TOLERANCE_PX) {
      result = SETTLED;
      break;
    }
  }
  store<f64>(state, cx);
  store<f64>(state, cy, 8);
  store<f64>(state, fwhm, 16);
  store<f64>(state, <f64>round, 24);
  return result;
}

/** Bytes of memory that `centreWindow` works in. */
export function windowWorkBytes(radius: f64): usize {
  return <usize>(6 * reachOf(radius) + 24) << 2;
}

/** No pixel of a window is further from its middle pixel, along an axis. */
function reachOf(radius: f64): i32 {
  return <i32>Math.ceil(radius + 0.5) + 1;
}

// @ts-ignore: decorator
@inline
function at(x: i32, y: i32): usize {
  return pixels + (<usize>((y - bottom) * columns + x - left) << 2);
}

/** Sums of the lower and upper two lanes, in float64. */
// @ts-ignore: decorator
@inline
function halves(lanes: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(lanes), f64x2.promote_low_f32x4(v128.shuffle<i64>(lanes, lanes, 1, 1)));
}

// @ts-ignore: decorator
@inline
function bothOf(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** Tell whether a part of the image, as far as the image reaches, is on the stamp. */
function covers(xFirst: i32, xLast: i32, yFirst: i32, yLast: i32): bool {
  return (
    left <= max(0, xFirst) &&
    bottom <= max(0, yFirst) &&
    left + columns > min(width - 1, xLast) &&
    bottom + rows > min(height - 1, yLast)
  );
}

/** Put the pixels opposite of the centre in the place of those of four neighbours, from (x, y) on, that are NaN. */
function lookOpposite(value: v128, cx: f64, cy: f64, x: i32, y: i32): v128 {
  const isKnown = f32x4.eq(value, value);
  const others = f32x4(
    opposite(cx, cy, x, y), opposite(cx, cy, x + 1, y), opposite(cx, cy, x + 2, y), opposite(cx, cy, x + 3, y),
  );
  return v128.bitselect(value, others, isKnown);
}

function opposite(cx: f64, cy: f64, x: i32, y: i32): f32 {
  const mx = <i32>Math.floor(2 * cx + 0.5) - x;
  const my = <i32>Math.floor(2 * cy + 0.5) - y;
  // Beyond the stamp is beyond the image, or the opposite of what is beyond the window.
  if (mx < left || my < bottom || mx >= left + columns || my >= bottom + rows) return 0;
  const value = load<f32>(at(mx, my));
  return value == value ? value : 0;
}

/**
 * Fill exp(exponent k^2) for k = 0 ... `most`.
 *
 * Each is the one before times a ratio that itself falls by a constant factor.
 */
function fillGaussian(out: usize, most: i32, exponent: f64): void {
  let value: f64 = 1;
  let ratio = Math.exp(exponent);
  const fall = ratio * ratio;
  for (let k: i32 = 0; k <= most; k++, out += 4) {
    store<f32>(out, <f32>value);
    value *= ratio;
    ratio *= fall;
  }
}

/**
 * Weigh the pixels from -`most` to `most` about the middle one: exp(exponent (k + offset)^2), but for the factor
 * exp(exponent offset^2), which all have in common. `slope` is 2 exponent offset; `powers` holds exp(exponent k^2).
 */
function weigh(powers: usize, most: i32, slope: f64, out: usize): void {
  const step = Math.exp(slope);
  const steps = f64x2(step, 1 / step);
  let factors = f64x2.splat(1);
  const middle = out + (<usize>most << 2);
  for (let k: usize = 0; k <= <usize>most << 2; k += 4) {
    const power = <f64>load<f32>(powers + k);
    store<f32>(middle + k, <f32>(power * f64x2.extract_lane(factors, 0)));
    store<f32>(middle - k, <f32>(power * f64x2.extract_lane(factors, 1)));
    factors = f64x2.mul(factors, steps);
  }
}
