/** Lobes of the Lanczos window: 4 keeps a star of 2.4 px FWHM to a few 1e-4 of its peak. */
const LOBES = 4;
const TAPS = 2 * LOBES;

/** Write the weights that interpolate at fraction `f` in [0, 1) beyond the middle tap; they sum to one. */
function lanczosWeights(f: number, weights: Float64Array): void {
  let sum = 0;
  for (let tap = 0; tap < TAPS; tap++) {
    const t = tap - LOBES + 1 - f;
    const x = Math.PI * t;
    const w = Math.abs(t) < 1e-12 ? 1 : (LOBES * Math.sin(x) * Math.sin(x / LOBES)) / (x * x);
    weights[tap] = w;
    sum += w;
  }
  for (let tap = 0; tap < TAPS; tap++) weights[tap] /= sum;
}

/**
 * Move what a square stamp shows by a fraction of a pixel (Lanczos, separable); outside the stamp is zero.
 *
 * @param source (size, size)
 * @param dx, dy px; the content moves towards larger x and y.
 * @param target (size, size), overwritten; must not be `source`.
 */
export function shiftStamp(
  source: ArrayLike<number>,
  size: number,
  dx: number,
  dy: number,
  target: Float64Array,
): void {
  const weights = new Float64Array(TAPS);
  const rows = new Float64Array(size * size);
  // The value at x comes from x - dx = (x - ceil(dx)) + f with f in [0, 1).
  const wholeX = Math.ceil(dx);
  lanczosWeights(wholeX - dx, weights);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let sum = 0;
      for (let tap = 0; tap < TAPS; tap++) {
        const i = x - wholeX + tap - LOBES + 1;
        if (i >= 0 && i < size) sum += weights[tap] * source[y * size + i];
      }
      rows[y * size + x] = sum;
    }
  }
  const wholeY = Math.ceil(dy);
  lanczosWeights(wholeY - dy, weights);
  target.fill(0);
  for (let y = 0; y < size; y++) {
    for (let tap = 0; tap < TAPS; tap++) {
      const j = y - wholeY + tap - LOBES + 1;
      if (j < 0 || j >= size) continue;
      const w = weights[tap];
      for (let x = 0; x < size; x++) target[y * size + x] += w * rows[j * size + x];
    }
  }
}
