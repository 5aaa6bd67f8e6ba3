import { allocate, floatsAt, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';
import { makePlane } from './plane.ts';
import { runBands } from './run-bands.ts';

/**
 * Convolve a plane with a small kernel, directly: out(x, y) = sum k(u, v) in(x - u, y - v), u and v from the centre.
 *
 * Beyond the edges the nearest pixel is repeated. A NaN or infinity makes every output pixel within the kernel's
 * reach of it NaN, also under taps of zero. Float32 sums in row order of the kernel: relative error below 1e-6 of
 * sum |k in| for up to 31 x 31 taps.
 *
 * @param kernel both sides odd; not normalised.
 * @throws RangeError when a side of the kernel is even.
 */
export function convolve(
  plane: Plane,
  kernel: Plane,
  out: Plane = makePlane(plane.width, plane.height),
): Plane {
  requireOdd(kernel.width);
  requireOdd(kernel.height);
  withArena(() => {
    const taps = placeFlipped(kernel.data);
    runBands(plane, out, kernel.width >> 1, kernel.height >> 1, 'nearest', (band) => {
      kernelModule().convolveBand(
        band.from,
        band.stride,
        band.to,
        band.pitch,
        band.width,
        band.rows,
        taps,
        kernel.width,
        kernel.height,
      );
    });
  });
  return out;
}

/**
 * Convolve a plane with the product of a row kernel and a column kernel: as `convolve` with k(u, v) = kx(u) ky(v).
 *
 * Edges and NaN as `convolve`.
 *
 * @param kx taps along x, an odd number of them.
 * @param ky taps along y, an odd number of them.
 * @throws RangeError when a kernel has an even number of taps.
 */
export function convolveSeparable(
  plane: Plane,
  kx: Float32Array,
  ky: Float32Array,
  out: Plane = makePlane(plane.width, plane.height),
): Plane {
  requireOdd(kx.length);
  requireOdd(ky.length);
  const radiusY = ky.length >> 1;
  withArena(() => {
    const tapsX = placeFlipped(kx);
    const tapsY = placeFlipped(ky);
    let middle = 0;
    let reserved = 0;
    runBands(plane, out, kx.length >> 1, radiusY, 'nearest', (band) => {
      const module = kernelModule();
      const rows = band.rows + 2 * radiusY;
      // The first band is the tallest.
      if (reserved < rows) {
        middle = allocate(band.pitch * rows);
        reserved = rows;
      }
      module.convolveBand(band.from, band.stride, middle, band.pitch, band.width, rows, tapsX, kx.length, 1);
      module.convolveBand(
        middle,
        band.pitch,
        band.to,
        band.pitch,
        band.width,
        band.rows,
        tapsY,
        1,
        ky.length,
      );
    });
  });
  return out;
}

function placeFlipped(kernel: Float32Array): number {
  const address = allocate(kernel.length * 4);
  floatsAt(address, kernel.length).set(kernel);
  floatsAt(address, kernel.length).reverse();
  return address;
}

function requireOdd(side: number): void {
  if (side % 2 !== 1) throw new RangeError(`A kernel's sides must be odd, not ${side}.`);
}
