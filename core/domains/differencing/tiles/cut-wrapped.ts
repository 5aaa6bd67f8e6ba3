import type { Plane } from '../../../kernels/index.ts';

/** Cut the stamp around pixel (0, 0) out of a wrapped plane, (size, size). */
export function cutWrapped(plane: Plane, size: number): Float64Array {
  const half = (size - 1) / 2;
  const stamp = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    const y = (j - half + plane.height) % plane.height;
    for (let i = 0; i < size; i++) {
      stamp[j * size + i] = plane.data[y * plane.width + ((i - half + plane.width) % plane.width)];
    }
  }
  return stamp;
}
