/**
 * Find the medians of groups of numbers, of which the first `counts[group]` (i32) of `stride` count, by a network that
 * brings the middle two of `size` numbers to their places, sixteen groups at once.
 *
 * A group is filled up from both sides with what is less and greater than all numbers, so that its median lies in the
 * middle. `program` lists `steps` pairs of byte offsets into `registers`, which has room for `size` rows of 64 bytes; `to`
 * gets a f64 for each group.
 */
export function medianGroups(
  from: usize, stride: i32, counts: usize, groups: i32, size: i32,
  program: usize, steps: i32, registers: usize, to: usize,
): void {
  const end = program + (<usize>steps << 3);
  const middle = registers + (<usize>((size >> 1) - 1) << 6);
  for (let first: i32 = 0; first < groups; first += 16) {
    for (let lane: i32 = 0; lane < 16; lane++) {
      const group = first + lane;
      const count = group < groups ? load<i32>(counts + (<usize>group << 2)) : 0;
      const below = (size - count) >> 1;
      let register = registers + (<usize>lane << 2);
      for (let i: i32 = 0; i < below; i++, register += 64) store<f32>(register, <f32>-Infinity);
      let value = from + (<usize>(group * stride) << 2);
      for (let i: i32 = 0; i < count; i++, register += 64, value += 4) store<f32>(register, load<f32>(value));
      for (let i = below + count; i < size; i++, register += 64) store<f32>(register, <f32>Infinity);
    }
    for (let step = program; step < end; step += 8) {
      const a = registers + <usize>load<i32>(step);
      const b = registers + <usize>load<i32>(step, 4);
      for (let v: usize = 0; v < 64; v += 16) {
        const p = v128.load(a + v);
        const q = v128.load(b + v);
        v128.store(a + v, f32x4.pmin(p, q));
        v128.store(b + v, f32x4.pmax(p, q));
      }
    }
    for (let lane: i32 = 0; lane < 16 && first + lane < groups; lane++) {
      const count = load<i32>(counts + (<usize>(first + lane) << 2));
      const at = middle + (<usize>lane << 2);
      const lower = <f64>load<f32>(at);
      const median = (count & 1) == 1 ? lower : (lower + <f64>load<f32>(at, 64)) / 2;
      store<f64>(to + (<usize>(first + lane) << 3), median);
    }
  }
}
