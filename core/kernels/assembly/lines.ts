// Sums along straight lines, and the largest of them.

/**
 * Lay out a plane of `width` x `height` floats as columns that run along the lines: pixel (x, y) of the turned plane
 * at `to` + (x * rows + y) floats, where `rows` is the height, or the width of a transposed plane.
 */
export function layColumns(
  from: usize, width: i32, height: i32, isTransposed: i32, isMirrored: i32, to: usize,
): void {
  const columns = isTransposed ? height : width;
  const rows = isTransposed ? width : height;
  // Rows of the plane a cache line at a time.
  for (let first: i32 = 0; first < rows; first += 16) {
    const end = min(first + 16, rows);
    for (let x: i32 = 0; x < columns; x++) {
      const column = to + (<usize>(x * rows) << 2);
      for (let y = first; y < end; y++) {
        const row = isMirrored ? rows - 1 - y : y;
        const at = isTransposed ? x * width + row : row * width + x;
        store<f32>(column + (<usize>y << 2), load<f32>(from + (<usize>at << 2)));
      }
    }
  }
}

/**
 * Sums over pieces of `length` columns from those of half as many: the piece from column x, row y that rises by `rise`
 * rows is at (x + rise) * rows + y. Rows are added in fours: what follows `half` is read, what follows `to` is written,
 * three floats of each.
 */
export function addHalves(half: usize, to: usize, span: i32, rows: i32, length: i32): void {
  const middle = length >> 1;
  for (let x: i32 = 0; x < span; x += length) {
    for (let rise: i32 = 0; rise < length; rise++) {
      const left = half + (<usize>((x + (rise >> 1)) * rows) << 2);
      const right = half + (<usize>((x + middle + (rise >> 1)) * rows + ((rise + 1) >> 1)) << 2);
      const out = to + (<usize>((x + rise) * rows) << 2);
      // Beyond the last row there is nothing: such pieces are never looked at.
      const end: usize = <usize>max(0, rows - rise) << 2;
      for (let y: usize = 0; y < end; y += 16) {
        v128.store(out + y, f32x4.add(v128.load(left + y, 0, 4), v128.load(right + y, 0, 4)), 0, 4);
      }
    }
  }
}

/**
 * Find the largest sum in each strip of `length` columns and each block of as many rows, of pieces that lie on the plane
 * end to end: its place (i32) and value (f32), strip after strip, block after block. The first of equals counts.
 * Every `step`-th sum that was looked at goes to `samples` (f64) over the root of how many pixels it is of.
 *
 * @returns the number of samples.
 */
export function findPeaks(
  sums: usize, columns: i32, rows: i32, length: i32, step: i32, places: usize, peaks: usize, samples: usize,
): i32 {
  const start = samples;
  let countdown = step;
  for (let x: i32 = 0; x + x + length <= columns + columns; x += length) {
    const scale: f64 = 1 / sqrt<f64>(<f64>min(length, columns - x));
    for (let top: i32 = 0; top < rows; top += length) {
      let peak: f32 = -Infinity;
      let peakAt: i32 = 0;
      for (let rise: i32 = 0; rise < length; rise++) {
        const row = (x + rise) * rows;
        const first = row + top;
        const count = min(rows - rise, top + length) - top;
        if (count <= 0) break;
        const from = sums + (<usize>first << 2);
        if (isAnyAbove(from, count, peak)) {
          const largest = largestOf(from, count);
          // Not where it is NaN, which is found nowhere.
          if (largest > peak) {
            peak = largest;
            let k: i32 = 0;
            while (load<f32>(from + (<usize>k << 2)) != peak) k++;
            peakAt = first + k;
          }
        }
        for (; countdown <= count; countdown += step) {
          store<f64>(samples, <f64>load<f32>(from + (<usize>(countdown - 1) << 2)) * scale);
          samples += 8;
        }
        countdown -= count;
      }
      store<i32>(places, peakAt);
      store<f32>(peaks, peak);
      places += 4;
      peaks += 4;
    }
  }
  return <i32>((samples - start) >> 3);
}

/** Tell whether any of some floats is larger than another, without looking for the largest. */
// @ts-ignore: decorator
@inline
function isAnyAbove(from: usize, count: i32, least: f32): bool {
  const leasts = f32x4.splat(least);
  let above = f32x4.splat(0);
  let k: i32 = 0;
  for (; k + 4 <= count; k += 4)
    above = v128.or(above, f32x4.gt(v128.load(from + (<usize>k << 2), 0, 4), leasts));
  if (v128.any_true(above)) return true;
  for (; k < count; k++) if (load<f32>(from + (<usize>k << 2)) > least) return true;
  return false;
}

function largestOf(from: usize, count: i32): f32 {
  let k: i32 = 0;
  let largest = load<f32>(from);
  if (count >= 4) {
    let four = v128.load(from, 0, 4);
    for (k = 4; k + 4 <= count; k += 4) four = f32x4.pmax(four, v128.load(from + (<usize>k << 2), 0, 4));
    largest = max(
      max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)),
      max(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)),
    );
  }
  for (; k < count; k++) largest = max(largest, load<f32>(from + (<usize>k << 2)));
  return largest;
}
