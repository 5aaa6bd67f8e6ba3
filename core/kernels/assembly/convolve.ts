// Direct convolution of a padded band of rows.

/**
 * Correlate a padded band with `taps` (kernelHeight rows of kernelWidth floats, already flipped by the caller).
 *
 * `from` is the pixel at (-radiusX, -radiusY) of the first output pixel and may be unaligned; rows of input and
 * output are `stride` and `pitch` bytes apart. Output is written in whole blocks of 16 pixels, so `pitch` covers
 * `width` rounded up to 16 and the input has as many readable pixels.
 */
export function convolveBand(
  from: usize,
  stride: usize,
  to: usize,
  pitch: usize,
  width: i32,
  rows: i32,
  taps: usize,
  kernelWidth: i32,
  kernelHeight: i32,
): void {
  const kernelBytes: usize = <usize>kernelWidth << 2;
  for (let y: i32 = 0; y < rows; y++) {
    let x: i32 = 0;
    for (; x + 16 < width; x += 32) {
      let a0 = f32x4.splat(0);
      let a1 = f32x4.splat(0);
      let a2 = f32x4.splat(0);
      let a3 = f32x4.splat(0);
      let a4 = f32x4.splat(0);
      let a5 = f32x4.splat(0);
      let a6 = f32x4.splat(0);
      let a7 = f32x4.splat(0);
      let row = from + (<usize>x << 2);
      let tap = taps;
      for (let j: i32 = 0; j < kernelHeight; j++, row += stride) {
        let p = row;
        for (const end = tap + kernelBytes; tap < end; tap += 4, p += 4) {
          const t = v128.load32_splat(tap);
          a0 = f32x4.add(a0, f32x4.mul(t, v128.load(p, 0, 4)));
          a1 = f32x4.add(a1, f32x4.mul(t, v128.load(p, 16, 4)));
          a2 = f32x4.add(a2, f32x4.mul(t, v128.load(p, 32, 4)));
          a3 = f32x4.add(a3, f32x4.mul(t, v128.load(p, 48, 4)));
          a4 = f32x4.add(a4, f32x4.mul(t, v128.load(p, 64, 4)));
          a5 = f32x4.add(a5, f32x4.mul(t, v128.load(p, 80, 4)));
          a6 = f32x4.add(a6, f32x4.mul(t, v128.load(p, 96, 4)));
          a7 = f32x4.add(a7, f32x4.mul(t, v128.load(p, 112, 4)));
        }
      }
      const out = to + (<usize>x << 2);
      v128.store(out, a0, 0);
      v128.store(out, a1, 16);
      v128.store(out, a2, 32);
      v128.store(out, a3, 48);
      v128.store(out, a4, 64);
      v128.store(out, a5, 80);
      v128.store(out, a6, 96);
      v128.store(out, a7, 112);
    }
    for (; x < width; x += 16) {
      let a0 = f32x4.splat(0);
      let a1 = f32x4.splat(0);
      let a2 = f32x4.splat(0);
      let a3 = f32x4.splat(0);
      let row = from + (<usize>x << 2);
      let tap = taps;
      for (let j: i32 = 0; j < kernelHeight; j++, row += stride) {
        let p = row;
        for (const end = tap + kernelBytes; tap < end; tap += 4, p += 4) {
          const t = v128.load32_splat(tap);
          a0 = f32x4.add(a0, f32x4.mul(t, v128.load(p, 0, 4)));
          a1 = f32x4.add(a1, f32x4.mul(t, v128.load(p, 16, 4)));
          a2 = f32x4.add(a2, f32x4.mul(t, v128.load(p, 32, 4)));
          a3 = f32x4.add(a3, f32x4.mul(t, v128.load(p, 48, 4)));
        }
      }
      const out = to + (<usize>x << 2);
      v128.store(out, a0, 0);
      v128.store(out, a1, 16);
      v128.store(out, a2, 32);
      v128.store(out, a3, 48);
    }
    from += stride;
    to += pitch;
  }
}
