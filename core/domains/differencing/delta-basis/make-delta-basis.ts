import type { KernelBasis } from '../kernel-matching/solve-kernel.ts';

/**
 * Make the middle pixel, and every other pixel minus the middle one: the first has unit sum, the others zero sum.
 *
 * @param smoothness weight of the kernel's squared Laplacian relative to the stars' say.
 */
export function makeDeltaBasis(half: number, smoothness: number): KernelBasis {
  const size = 2 * half + 1;
  const middle = (size * size - 1) / 2;
  const functions = pixelOrder(size).map((pixel) => {
    const stamp = new Float64Array(size * size);
    stamp[middle] = pixel === middle ? 1 : -1;
    stamp[pixel] = 1;
    return stamp;
  });
  return { size, functions, penalty: { form: makePenalty(half), weight: smoothness } };
}

/** Pixels in the order of the functions: the middle one first. */
export function pixelOrder(size: number): readonly number[] {
  const middle = (size * size - 1) / 2;
  const others = Array.from({ length: size * size }, (_, k) => k).filter((k) => k !== middle);
  return [middle, ...others];
}

/**
 * The sum of squared Laplacians of a kernel as a quadratic form of its functions' coefficients.
 *
 * Beyond the rim a kernel is zero. The Laplacian at the middle pixel is left out: a kernel between equal profiles
 * is a single peak there, and must not be punished for it.
 */
function makePenalty(half: number): Float64Array {
  const size = 2 * half + 1;
  const pixels = size * size;
  const middle = (pixels - 1) / 2;
  const order = pixelOrder(size);
  const form = new Float64Array(pixels * pixels);
  for (let k = 0; k < pixels; k++) {
    if (k === middle) continue;
    const row = new Float64Array(pixels);
    row[k] = -4;
    const x = k % size;
    const y = Math.floor(k / size);
    if (x > 0) row[k - 1] = 1;
    if (x < size - 1) row[k + 1] = 1;
    if (y > 0) row[k - size] = 1;
    if (y < size - 1) row[k + size] = 1;
    // As coefficients of the functions: each takes its value from the middle pixel.
    const local = order.map((pixel, i) => (i === 0 ? row[middle] : row[pixel] - row[middle]));
    const involved = local.map((value, i) => (value !== 0 ? i : -1)).filter((i) => i >= 0);
    for (const a of involved) for (const b of involved) form[a * pixels + b] += local[a] * local[b];
  }
  return form;
}
