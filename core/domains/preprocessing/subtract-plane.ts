import type { Plane } from '../../kernels/index.ts';

/** Subtract a plane from another of the same size; `out` may be either. */
export function subtractPlane(plane: Plane, level: Plane, out: Plane): Plane {
  const [to, from, less] = [out.data, plane.data, level.data];
  for (let i = 0; i < to.length; i++) to[i] = from[i]! - less[i]!;
  return out;
}
