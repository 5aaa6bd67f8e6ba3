import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';
import { makePlane } from './plane.ts';
import { runBands } from './run-bands.ts';

/**
 * Compute L.A.Cosmic's L+: upsample twice, take the Laplacian (4 at the centre, -1 at the four sides), clip negatives
 * to zero, and average 2 x 2 back to the plane's grid, all in one pass.
 *
 * Beyond the edges the plane counts as zero, as in astroscrappy: bright edges look like edges. A NaN makes itself and
 * its four neighbours NaN.
 *
 * @returns same unit as the plane, >= 0.
 * @see van Dokkum 2001, PASP 113, 1420, eq. 3-8
 */
export function laplacianPositive(plane: Plane, out: Plane = makePlane(plane.width, plane.height)): Plane {
  runBands(plane, out, 1, 1, 'zero', ({ from, stride, to, pitch, width, rows }) => {
    kernelModule().laplacianBand(from, stride, to, pitch, width, rows);
  });
  return out;
}
