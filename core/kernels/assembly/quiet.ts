// Pixels of a difference in which nothing is to be seen.

/**
 * Append to the list of each cell the values of those of its pixels in one row that have none of `bits` in their mask, less
 * than `mostShared` shared light and a score of less than `mostScore` either way.
 *
 * Rows may be unaligned. `lefts` are `columns` + 1 words: where each cell begins. The list of a cell begins `rows` floats
 * for each pixel left of it after `lists`, with room for 3 more than it can hold; `found` counts what is in each.
 */
export function appendQuiet(
  values: usize, shared: usize, scores: usize, mask: usize, lefts: usize, columns: i32,
  bits: i32, mostShared: f32, mostScore: f32, rows: i32, lists: usize, found: usize,
): void {
  const unwanted = i16x8.splat(<i16>bits);
  const none = i16x8.splat(0);
  const brightest = f32x4.splat(mostShared);
  const loudest = f32x4.splat(mostScore);
  for (let column: i32 = 0; column < columns; column++) {
    const left = load<i32>(lefts + (<usize>column << 2));
    const right = load<i32>(lefts + (<usize>column << 2), 4);
    const counter = found + (<usize>column << 2);
    const list = lists + ((<usize>left * <usize>rows + <usize>(4 * column)) << 2);
    let to = list + (<usize>load<i32>(counter) << 2);
    let x = left;
    for (; x + 4 <= right; x += 4) {
      const at = <usize>x << 2;
      const flagged = v128.and(v128.load64_zero(mask + (<usize>x << 1), 0, 2), unwanted);
      const clean = i32x4.extend_low_i16x8_s(i16x8.eq(flagged, none));
      const dark = f32x4.lt(v128.load(shared + at, 0, 4), brightest);
      const calm = f32x4.lt(f32x4.abs(v128.load(scores + at, 0, 4)), loudest);
      let lanes = i32x4.bitmask(v128.and(clean, v128.and(dark, calm)));
      if (lanes == 15) {
        v128.store(to, v128.load(values + at, 0, 4), 0, 4);
        to += 16;
        continue;
      }
      for (; lanes != 0; lanes &= lanes - 1) {
        store<f32>(to, load<f32>(values + at + (<usize>ctz(lanes) << 2)));
        to += 4;
      }
    }
    for (; x < right; x++) {
      const at = <usize>x << 2;
      if ((<i32>load<u16>(mask + (<usize>x << 1)) & bits) != 0) continue;
      if (!(load<f32>(shared + at) < mostShared)) continue;
      if (!(abs(load<f32>(scores + at)) < mostScore)) continue;
      store<f32>(to, load<f32>(values + at));
      to += 4;
    }
    store<i32>(counter, <i32>((to - list) >> 2));
  }
}
