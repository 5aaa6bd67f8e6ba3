/**
 * Mean of the four clipped corner Laplacians of each pixel: what upsampling twice, taking the Laplacian, clipping
 * negatives and averaging 2 x 2 gives, in one pass.
 *
 * A corner sub-pixel has two neighbours in its own pixel, so its Laplacian is 2 c - (one side) - (one above or below).
 * `from` is the pixel at (-1, -1) of the first output pixel.
 */
export function laplacianBand(from: usize, stride: usize, to: usize, pitch: usize, width: i32, rows: i32): void {
  const zero = f32x4.splat(0);
  const quarter = f32x4.splat(0.25);
  for (let y: i32 = 0; y < rows; y++) {
    let p = from;
    for (let x: i32 = 0; x < width; x += 4, p += 16) {
      const up = v128.load(p, 4, 4);
      const left = v128.load(p + stride, 0, 4);
      const centre = v128.load(p + stride, 4, 4);
      const right = v128.load(p + stride, 8, 4);
      const down = v128.load(p + (stride << 1), 4, 4);
      const twice = f32x4.add(centre, centre);
      const fromLeft = f32x4.sub(twice, left);
      const fromRight = f32x4.sub(twice, right);
      // pmax(v, 0) keeps a NaN in v.
      const a = f32x4.pmax(f32x4.sub(fromLeft, up), zero);
      const b = f32x4.pmax(f32x4.sub(fromLeft, down), zero);
      const c = f32x4.pmax(f32x4.sub(fromRight, up), zero);
      const d = f32x4.pmax(f32x4.sub(fromRight, down), zero);
      v128.store(to + (<usize>x << 2), f32x4.mul(quarter, f32x4.add(f32x4.add(a, b), f32x4.add(c, d))));
    }
    from += stride;
    to += pitch;
  }
}
