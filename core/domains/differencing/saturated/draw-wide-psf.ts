import { shiftStamp } from '../../../kernels/index.ts';
import type { SpatialPsf } from '../model.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import { evaluateHalo, haloAt } from '../psf/halo.ts';

/**
 * Draw a star of unit flux, halo and all, into a stamp of any odd size around pixel (xMid, yMid).
 *
 * @param place where in the image the profile is taken, if not at the star.
 * @param reachPx beyond this from the star the halo may be left out.
 * @returns (size, size)
 */
export function drawWidePsf(
  psf: SpatialPsf,
  x: number,
  y: number,
  xMid: number,
  yMid: number,
  size: number,
  place: { readonly x: number; readonly y: number } = { x, y },
  reachPx = Number.POSITIVE_INFINITY,
): Float64Array {
  const stamp = evaluatePsf(psf, place.x, place.y);
  const halo = haloAt(psf, x, y);
  const wholeX = Math.round(x);
  const wholeY = Math.round(y);
  const core = new Float64Array(psf.size * psf.size);
  shiftStamp(stamp.data, psf.size, x - wholeX, y - wholeY, core);
  const profile = new Float64Array(size * size);
  const half = (size - 1) / 2;
  const left = wholeX - xMid + half - (psf.size - 1) / 2;
  const bottom = wholeY - yMid + half - (psf.size - 1) / 2;
  for (let j = 0; j < size; j++) {
    const dy = j - half + yMid - y;
    for (let i = 0; i < size; i++) {
      const u = i - left;
      const v = j - bottom;
      const isInside = u >= 0 && v >= 0 && u < psf.size && v < psf.size;
      const near = isInside ? core[v * psf.size + u] : 0;
      const dx = i - half + xMid - x;
      const hasHalo = halo !== undefined && dx * dx + dy * dy <= reachPx * reachPx;
      profile[j * size + i] = near + (hasHalo ? evaluateHalo(halo, dx, dy) : 0);
    }
  }
  return profile;
}
