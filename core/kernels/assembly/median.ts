// Medians of padded bands. `from` is the pixel at (-radius, -radius) of the first output pixel; output is written in
// blocks of 4 (3 x 3), 64 (network) or 4 (separable) pixels. NaN gives garbage here: `repairMedians` mends the
// windows that touch one.

// @ts-ignore: decorator
@inline
function lower(a: v128, b: v128): v128 {
  return f32x4.pmin(a, b);
}

// @ts-ignore: decorator
@inline
function upper(a: v128, b: v128): v128 {
  return f32x4.pmax(a, b);
}

// @ts-ignore: decorator
@inline
function middle(a: v128, b: v128, c: v128): v128 {
  return upper(lower(a, b), lower(upper(a, b), c));
}

/**
 * 3 x 3: sort the three of each column once, then median of (largest of the lows, median of the middles, smallest of
 * the highs). `scratch` holds three rows of sorted columns.
 */
export function medianBand3(
  from: usize,
  stride: usize,
  to: usize,
  pitch: usize,
  width: i32,
  rows: i32,
  scratch: usize,
): void {
  const bytes: usize = <usize>((width + 7) & ~3) << 2;
  const mids = scratch + bytes;
  const highs = mids + bytes;
  for (let y: i32 = 0; y < rows; y++) {
    for (let x: usize = 0; x < bytes; x += 16) {
      const a = v128.load(from + x, 0, 4);
      const b = v128.load(from + stride + x, 0, 4);
      const c = v128.load(from + (stride << 1) + x, 0, 4);
      const low = lower(a, b);
      const high = upper(a, b);
      const rest = lower(high, c);
      v128.store(scratch + x, lower(low, rest));
      v128.store(mids + x, upper(low, rest));
      v128.store(highs + x, upper(high, c));
    }
    for (let x: i32 = 0; x < width; x += 4) {
      const at: usize = <usize>x << 2;
      const l = scratch + at;
      const m = mids + at;
      const h = highs + at;
      const low = upper(upper(v128.load(l), v128.load(l, 4, 4)), v128.load(l, 8, 4));
      const mid = middle(v128.load(m), v128.load(m, 4, 4), v128.load(m, 8, 4));
      const high = lower(lower(v128.load(h), v128.load(h, 4, 4)), v128.load(h, 8, 4));
      v128.store(to + at, middle(low, mid, high));
    }
    from += stride;
    to += pitch;
  }
}

/**
 * Run a selection network over strips of 64 output pixels.
 *
 * A register is a row of `registerBytes` in `scratch`; registers 0 .. size - 1 are loaded with the window's rows. The
 * program is a list of (a, b, minTo, maxTo) byte offsets into scratch; an offset of -1 drops that output; `count`
 * vectors each. The last register written holds the medians.
 */
export function medianBandNetwork(
  from: usize,
  stride: usize,
  to: usize,
  pitch: usize,
  width: i32,
  rows: i32,
  size: i32,
  program: usize,
  steps: i32,
  scratch: usize,
  registerBytes: usize,
  result: usize,
): void {
  const end = program + (<usize>steps << 4);
  for (let y: i32 = 0; y < rows; y++) {
    for (let x: i32 = 0; x < width; x += 64) {
      let row = from + (<usize>x << 2);
      let register = scratch;
      for (let j: i32 = 0; j < size; j++, row += stride, register += registerBytes) {
        for (let v: usize = 0; v < registerBytes; v += 16) v128.store(register + v, v128.load(row + v, 0, 4));
      }
      for (let step = program; step < end; step += 16) {
        const a = scratch + <usize>load<i32>(step);
        const b = scratch + <usize>load<i32>(step, 4);
        const minTo = load<i32>(step, 8);
        const maxTo = load<i32>(step, 12);
        // Registers overhang the strip by what later shifted reads need; the last vectors are then never read.
        if (maxTo < 0) {
          const low = scratch + <usize>minTo;
          for (let v: usize = 0; v < registerBytes; v += 16) {
            v128.store(low + v, lower(v128.load(a + v, 0, 4), v128.load(b + v, 0, 4)));
          }
        } else if (minTo < 0) {
          const high = scratch + <usize>maxTo;
          for (let v: usize = 0; v < registerBytes; v += 16) {
            v128.store(high + v, upper(v128.load(a + v, 0, 4), v128.load(b + v, 0, 4)));
          }
        } else {
          const low = scratch + <usize>minTo;
          const high = scratch + <usize>maxTo;
          for (let v: usize = 0; v < registerBytes; v += 16) {
            const p = v128.load(a + v, 0, 4);
            const q = v128.load(b + v, 0, 4);
            v128.store(low + v, lower(p, q));
            v128.store(high + v, upper(p, q));
          }
        }
      }
      const medians = scratch + result;
      const out = to + (<usize>x << 2);
      for (let v: usize = 0; v < 256; v += 16) v128.store(out + v, v128.load(medians + v));
    }
    from += stride;
    to += pitch;
  }
}

/** Median of five. */
// @ts-ignore: decorator
@inline
export function middle5(a: v128, b: v128, c: v128, d: v128, e: v128): v128 {
  // Drop the least and the greatest of the pairs' extremes: neither can be the median.
  const p = upper(lower(a, b), lower(c, d));
  const q = lower(upper(a, b), upper(c, d));
  return middle(p, q, e);
}
/** Median of seven, forgetting the least and the greatest of those seen so far. */
// @ts-ignore: decorator
@inline
export function middle7(a: v128, b: v128, c: v128, d: v128, e: v128, f: v128, g: v128): v128 {
  const low1 = lower(a, b);
  const high1 = upper(a, b);
  const low2 = lower(c, d);
  const high2 = upper(c, d);
  const p = upper(low1, low2);
  const q = lower(high1, high2);
  const r = lower(upper(lower(low1, low2), e), upper(high1, high2));
  const low3 = lower(p, q);
  const high3 = upper(p, q);
  const low4 = lower(r, f);
  const high4 = upper(r, f);
  return middle(upper(low3, low4), lower(high3, high4), g);
}

/** Median of nine: of the greatest low, the middle middle and the least high of three triples. */
// @ts-ignore: decorator
@inline
export function middle9(
  a: v128, b: v128, c: v128, d: v128, e: v128, f: v128, g: v128, h: v128, i: v128,
): v128 {
  const low1 = lower(a, b);
  const high1 = upper(a, b);
  const rest1 = lower(high1, c);
  const low2 = lower(d, e);
  const high2 = upper(d, e);
  const rest2 = lower(high2, f);
  const low3 = lower(g, h);
  const high3 = upper(g, h);
  const rest3 = lower(high3, i);
  const lows = upper(upper(lower(low1, rest1), lower(low2, rest2)), lower(low3, rest3));
  const mids = middle(upper(low1, rest1), upper(low2, rest2), upper(low3, rest3));
  const highs = lower(lower(upper(high1, c), upper(high2, f)), upper(high3, i));
  return middle(lows, mids, highs);
}

/**
 * Median of `size` (5, 7 or 9) pixels `step` bytes apart: step 4 runs along rows, step = stride along columns.
 * `from` is the first of the window of the first output pixel.
 */
export function medianLineBand(
  from: usize,
  stride: usize,
  to: usize,
  pitch: usize,
  width: i32,
  rows: i32,
  size: i32,
  step: usize,
): void {
  for (let y: i32 = 0; y < rows; y++) {
    let p = from;
    let out = to;
    const end = from + (<usize>width << 2);
    if (size == 5) {
      for (; p < end; p += 16, out += 16) {
        v128.store(
          out,
          middle5(
            v128.load(p, 0, 4),
            v128.load(p + step, 0, 4),
            v128.load(p + step * 2, 0, 4),
            v128.load(p + step * 3, 0, 4),
            v128.load(p + step * 4, 0, 4),
          ),
          0,
          4,
        );
      }
    } else if (size == 7) {
      for (; p < end; p += 16, out += 16) {
        v128.store(
          out,
          middle7(
            v128.load(p, 0, 4),
            v128.load(p + step, 0, 4),
            v128.load(p + step * 2, 0, 4),
            v128.load(p + step * 3, 0, 4),
            v128.load(p + step * 4, 0, 4),
            v128.load(p + step * 5, 0, 4),
            v128.load(p + step * 6, 0, 4),
          ),
          0,
          4,
        );
      }
    } else {
      for (; p < end; p += 16, out += 16) {
        v128.store(
          out,
          middle9(
            v128.load(p, 0, 4),
            v128.load(p + step, 0, 4),
            v128.load(p + step * 2, 0, 4),
            v128.load(p + step * 3, 0, 4),
            v128.load(p + step * 4, 0, 4),
            v128.load(p + step * 5, 0, 4),
            v128.load(p + step * 6, 0, 4),
            v128.load(p + step * 7, 0, 4),
            v128.load(p + step * 8, 0, 4),
          ),
          0,
          4,
        );
      }
    }
    from += stride;
    to += pitch;
  }
}

/** Tell whether any of `rows` rows of `columns` floats has a NaN. */
export function hasNaN(from: usize, stride: usize, columns: i32, rows: i32): i32 {
  const whole: usize = <usize>(columns & ~3) << 2;
  for (let y: i32 = 0; y < rows; y++, from += stride) {
    let found = i32x4.splat(0);
    for (let x: usize = 0; x < whole; x += 16) {
      const v = v128.load(from + x, 0, 4);
      found = v128.or(found, f32x4.ne(v, v));
    }
    if (v128.any_true(found)) return 1;
    for (let x: usize = whole; x < <usize>columns << 2; x += 4) {
      const v = load<f32>(from + x);
      if (v != v) return 1;
    }
  }
  return 0;
}

/**
 * Compute anew every window that touches a NaN: the median of its other pixels (mean of the middle two when their
 * number is even), NaN if there are none. `scratch` holds width + sizeX bytes and sizeX * sizeY floats after them.
 */
export function repairMedians(
  from: usize,
  stride: usize,
  to: usize,
  pitch: usize,
  width: i32,
  rows: i32,
  sizeX: i32,
  sizeY: i32,
  scratch: usize,
): void {
  const columns = width + sizeX - 1;
  const values = (scratch + <usize>(columns + 16)) & ~15;
  for (let y: i32 = 0; y < rows; y++, from += stride, to += pitch) {
    for (let x: i32 = 0; x < columns; x++) {
      let p = from + (<usize>x << 2);
      let bad: i32 = 0;
      for (let j: i32 = 0; j < sizeY; j++, p += stride) {
        const v = load<f32>(p);
        bad |= i32(v != v);
      }
      store<u8>(scratch + <usize>x, <u8>bad);
    }
    let touching: i32 = 0;
    for (let i: i32 = 0; i < sizeX - 1; i++) touching += load<u8>(scratch + <usize>i);
    for (let x: i32 = 0; x < width; x++) {
      touching += load<u8>(scratch + <usize>(x + sizeX - 1));
      if (touching > 0) {
        store<f32>(
          to + (<usize>x << 2),
          medianOfNumbers(from + (<usize>x << 2), stride, sizeX, sizeY, values),
        );
      }
      touching -= load<u8>(scratch + <usize>x);
    }
  }
}

function medianOfNumbers(from: usize, stride: usize, sizeX: i32, sizeY: i32, values: usize): f32 {
  let count: i32 = 0;
  for (let j: i32 = 0; j < sizeY; j++, from += stride) {
    for (let i: i32 = 0; i < sizeX; i++) {
      const v = load<f32>(from + (<usize>i << 2));
      if (v != v) continue;
      let at = values + (<usize>count << 2);
      while (at > values && load<f32>(at - 4) > v) {
        store<f32>(at, load<f32>(at - 4));
        at -= 4;
      }
      store<f32>(at, v);
      count++;
    }
  }
  if (count == 0) return f32.NaN;
  const middleAt = values + (<usize>(count >> 1) << 2);
  const high = load<f32>(middleAt);
  if (count & 1) return high;
  // Halved first: right for two infinities, and without overflow.
  return 0.5 * load<f32>(middleAt - 4) + 0.5 * high;
}
