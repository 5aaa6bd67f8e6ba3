import { shiftStamp } from '../../kernels/index.ts';
import type { SpatialPsf } from '../differencing/index.ts';
import { evaluatePsf } from '../differencing/index.ts';

/** Pixels around a position: a square of side 2 radius + 1 whose middle is pixel (xPx, yPx). */
export interface Stamp {
  readonly xPx: number;
  readonly yPx: number;
  readonly radius: number;
  /** Row-major; NaN outside the image. */
  readonly data: Float64Array;
}

/** Draw a point source of unit flux at a position of the PSF's image, on the pixels around it. */
export function drawPsf(psf: SpatialPsf, xPx: number, yPx: number, radius: number): Stamp {
  const column = Math.round(xPx);
  const row = Math.round(yPx);
  const whole = evaluatePsf(psf, xPx, yPx);
  const shifted = new Float64Array(psf.size * psf.size);
  shiftStamp(whole.data, psf.size, xPx - column, yPx - row, shifted);
  const side = 2 * radius + 1;
  const data = new Float64Array(side * side);
  const middle = (psf.size - 1) / 2;
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) {
      const x = i - radius + middle;
      const y = j - radius + middle;
      if (x >= 0 && y >= 0 && x < psf.size && y < psf.size) data[j * side + i] = shifted[y * psf.size + x]!;
    }
  }
  return { xPx: column, yPx: row, radius, data };
}

/** Cut the pixels around (xPx, yPx) out of a plane, times a factor. */
export function cutStamp(
  plane: { readonly width: number; readonly height: number; readonly data: ArrayLike<number> },
  xPx: number,
  yPx: number,
  radius: number,
  factor = 1,
): Stamp {
  const column = Math.round(xPx);
  const row = Math.round(yPx);
  const side = 2 * radius + 1;
  const data = new Float64Array(side * side).fill(Number.NaN);
  for (let j = 0; j < side; j++) {
    const y = row + j - radius;
    if (y < 0 || y >= plane.height) continue;
    for (let i = 0; i < side; i++) {
      const x = column + i - radius;
      if (x >= 0 && x < plane.width) data[j * side + i] = factor * plane.data[y * plane.width + x]!;
    }
  }
  return { xPx: column, yPx: row, radius, data };
}
