// Repairing the pixels of a rectangle before they are interpolated.

/**
 * Replace pixels by their neighbours' level: those that are not finite or have any of `bits` in their mask word.
 *
 * Layer by layer from the edge of each region, `depth` of them: a pixel becomes the mean of those of its eight neighbours
 * that are known. What lies deeper stays as it is, or becomes zero where it is not finite.
 *
 * Rows of `plane` (f32) and `mask` (u16) are `stride` pixels apart; only columns [left, right) and rows [top, bottom) are
 * looked at. `states` has room for a byte, `lists` for sixteen bytes a pixel of all rows up to `bottom`.
 */
export function fillMasked(
  plane: usize, mask: usize, stride: i32, left: i32, right: i32, top: i32, bottom: i32,
  bits: i32, depth: i32, states: usize, lists: usize,
): void {
  const pixels: usize = <usize>(stride * bottom);
  const holes = lists;
  let front = lists + (pixels << 2);
  let next = lists + (pixels << 3);
  const levels = lists + pixels * 12;
  const count = listHoles(plane, mask, stride, left, right, top, bottom, bits, holes);
  if (count == 0) return;
  memory.fill(states, 0, pixels);
  for (let i: i32 = 0; i < count; i++) store<u8>(states + <usize>load<i32>(holes + (<usize>i << 2)), UNKNOWN);
  let size: i32 = 0;
  for (let i: i32 = 0; i < count; i++) {
    const k = load<i32>(holes + (<usize>i << 2));
    if (!hasKnown(states, k, stride, left, right, top, bottom)) continue;
    store<i32>(front + (<usize>size << 2), k);
    size++;
  }
  for (let layer: i32 = 0; layer < depth && size > 0; layer++) {
    for (let i: i32 = 0; i < size; i++) {
      const k = load<i32>(front + (<usize>i << 2));
      store<f32>(levels + (<usize>i << 2), meanOfKnown(plane, states, k, stride, left, right, top, bottom));
    }
    for (let i: i32 = 0; i < size; i++) {
      const k = load<i32>(front + (<usize>i << 2));
      store<f32>(plane + (<usize>k << 2), load<f32>(levels + (<usize>i << 2)));
      store<u8>(states + <usize>k, KNOWN);
    }
    let more: i32 = 0;
    for (let i: i32 = 0; i < size; i++) {
      const k = load<i32>(front + (<usize>i << 2));
      const y = k / stride;
      const x = k - y * stride;
      const endX = min(right - 1, x + 1);
      const endY = min(bottom - 1, y + 1);
      for (let v = max(top, y - 1); v <= endY; v++) {
        for (let u = max(left, x - 1); u <= endX; u++) {
          const at = v * stride + u;
          if (load<u8>(states + <usize>at) != UNKNOWN) continue;
          store<u8>(states + <usize>at, QUEUED);
          store<i32>(next + (<usize>more << 2), at);
          more++;
        }
      }
    }
    const other = front;
    front = next;
    next = other;
    size = more;
  }
  for (let i: i32 = 0; i < count; i++) {
    const at = plane + (<usize>load<i32>(holes + (<usize>i << 2)) << 2);
    const value = load<f32>(at);
    if (value - value != 0) store<f32>(at, 0);
  }
}

// @ts-ignore: decorator
@inline
const KNOWN: u8 = 0;
// @ts-ignore: decorator
@inline
const UNKNOWN: u8 = 1;
/** Unknown, and in the next layer. */
// @ts-ignore: decorator
@inline
const QUEUED: u8 = 2;

/** List pixels (y * stride + x, rising) that are not finite or have any of `bits`. */
function listHoles(
  plane: usize, mask: usize, stride: i32, left: i32, right: i32, top: i32, bottom: i32, bits: i32, to: usize,
): i32 {
  const wanted = i16x8.splat(<i16>bits);
  const none = i16x8.splat(0);
  const zero = f32x4.splat(0);
  const start = to;
  for (let y = top; y < bottom; y++) {
    let x = left;
    const row = y * stride;
    for (; x + 8 <= right; x += 8) {
      const p = plane + (<usize>(row + x) << 2);
      const a = v128.load(p, 0, 4);
      const b = v128.load(p, 16, 4);
      // The difference of a number with itself is zero only where it is finite.
      const odd = i16x8.narrow_i32x4_s(f32x4.ne(f32x4.sub(a, a), zero), f32x4.ne(f32x4.sub(b, b), zero));
      const flagged = v128.and(v128.load(mask + (<usize>(row + x) << 1), 0, 2), wanted);
      const bad = v128.or(odd, i16x8.ne(flagged, none));
      if (!v128.any_true(bad)) continue;
      for (let lanes = i16x8.bitmask(bad); lanes != 0; lanes &= lanes - 1, to += 4) {
        store<i32>(to, row + x + <i32>ctz(lanes));
      }
    }
    for (; x < right; x++) {
      const value = load<f32>(plane + (<usize>(row + x) << 2));
      if (value - value == 0 && (<i32>load<u16>(mask + (<usize>(row + x) << 1)) & bits) == 0) continue;
      store<i32>(to, row + x);
      to += 4;
    }
  }
  return <i32>((to - start) >> 2);
}

function hasKnown(
  states: usize, k: i32, stride: i32, left: i32, right: i32, top: i32, bottom: i32,
): bool {
  const y = k / stride;
  const x = k - y * stride;
  const endX = min(right - 1, x + 1);
  const endY = min(bottom - 1, y + 1);
  for (let v = max(top, y - 1); v <= endY; v++) {
    for (let u = max(left, x - 1); u <= endX; u++) {
      if (load<u8>(states + <usize>(v * stride + u)) == KNOWN) return true;
    }
  }
  return false;
}

function meanOfKnown(
  plane: usize, states: usize, k: i32, stride: i32, left: i32, right: i32, top: i32, bottom: i32,
): f32 {
  const y = k / stride;
  const x = k - y * stride;
  const endX = min(right - 1, x + 1);
  const endY = min(bottom - 1, y + 1);
  let sum: f64 = 0;
  let count: f64 = 0;
  for (let v = max(top, y - 1); v <= endY; v++) {
    for (let u = max(left, x - 1); u <= endX; u++) {
      const at: usize = <usize>(v * stride + u);
      if (load<u8>(states + at) != KNOWN) continue;
      sum += <f64>load<f32>(plane + (at << 2));
      count += 1;
    }
  }
  return <f32>(sum / count);
}

/**
 * Set a mask bit also on the pixels within a radius of those that have it: a disc of `reach` rows to either side, of which
 * each reaches as far along as `halves` (i32, from -reach to reach) says.
 *
 * Rows of `mask` (u16) are `stride` pixels apart; only columns [left, right) and rows [top, bottom) are looked at. `runs`
 * has room for twelve bytes a pixel.
 */
export function growBits(
  mask: usize, stride: i32, left: i32, right: i32, top: i32, bottom: i32,
  bit: i32, reach: i32, halves: usize, runs: usize,
): void {
  const wanted = i16x8.splat(<i16>bit);
  // Runs of marked pixels along rows: found before anything grows.
  let end = runs;
  for (let y = top; y < bottom; y++) {
    const row = mask + (<usize>(y * stride) << 1);
    let x = left;
    while (x < right) {
      if (x + 8 <= right && !v128.any_true(v128.and(v128.load(row + (<usize>x << 1), 0, 2), wanted))) {
        x += 8;
        continue;
      }
      if ((<i32>load<u16>(row + (<usize>x << 1)) & bit) == 0) {
        x++;
        continue;
      }
      const first = x;
      while (x < right && (<i32>load<u16>(row + (<usize>x << 1)) & bit) != 0) x++;
      store<i32>(end, y);
      store<i32>(end, first, 4);
      store<i32>(end, x - 1, 8);
      end += 12;
    }
  }
  for (; runs < end; runs += 12) {
    const y = load<i32>(runs);
    const first = load<i32>(runs, 4);
    const last = load<i32>(runs, 8);
    const endY = min(bottom - 1, y + reach);
    for (let v = max(top, y - reach); v <= endY; v++) {
      const half = load<i32>(halves + (<usize>(v - y + reach) << 2));
      const row = mask + (<usize>(v * stride) << 1);
      const endX = min(right - 1, last + half);
      for (let u = max(left, first - half); u <= endX; u++) {
        const at = row + (<usize>u << 1);
        store<u16>(at, load<u16>(at) | <u16>bit);
      }
    }
  }
}
