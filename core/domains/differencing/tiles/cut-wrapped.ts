import type { Plane } from '../../../kernels/index.ts';

/** Cut the stamp around pixel (0, 0) out of a wrapped plane, (size, size). */
export function cutWrapped(plane: Plane, size: number): Float64Array {
  const { width, height, data } = plane;
  const half = (size - 1) / 2;
  const stamp = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    const row = ((j - half + height) % height) * width;
    for (let i = 0; i < size; i++) {
      const x = i - half;
      stamp[j * size + i] = data[row + (x < 0 ? x + width : x)];
    }
  }
  return stamp;
}
