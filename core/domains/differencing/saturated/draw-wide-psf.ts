import type { PsfHalo, SpatialPsf } from '../model.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import { shiftStamp } from '../psf/shift-stamp.ts';
import { fade } from '../psf/shrink-rings.ts';

/** Give the halo of a star of one electron at an offset from its centre, px. */
export function evaluateHalo(halo: PsfHalo, u: number, v: number): number {
  const radius = Math.hypot(u, v);
  if (radius <= halo.from) return 0;
  const profile = halo.peak * (1 + halo.cxx * u * u + halo.cxy * u * v + halo.cyy * v * v) ** -halo.beta;
  return profile * (1 - fade(radius, halo.from, halo.to));
}

/** Give the radius beyond which the halo of a star falls below a level, px; 0 if it never reaches it. */
export function haloRadius(halo: PsfHalo, flux: number, level: number): number {
  const ratio = (flux * halo.peak) / level;
  if (!(ratio > 1)) return 0;
  const c = Math.sqrt(halo.cxx * halo.cyy - halo.cxy ** 2 / 4);
  const radius = Math.sqrt((ratio ** (1 / halo.beta) - 1) / c);
  return radius > halo.from ? radius : 0;
}

/**
 * Draw a star of unit flux, halo and all, into a stamp of any odd size around pixel (xMid, yMid).
 *
 * @returns (size, size)
 */
export function drawWidePsf(
  psf: SpatialPsf,
  x: number,
  y: number,
  xMid: number,
  yMid: number,
  size: number,
): Float64Array {
  const stamp = evaluatePsf(psf, x, y);
  const wholeX = Math.round(x);
  const wholeY = Math.round(y);
  const core = new Float64Array(psf.size * psf.size);
  shiftStamp(stamp.data, psf.size, x - wholeX, y - wholeY, core);
  const profile = new Float64Array(size * size);
  const half = (size - 1) / 2;
  const left = wholeX - xMid + half - (psf.size - 1) / 2;
  const bottom = wholeY - yMid + half - (psf.size - 1) / 2;
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      const u = i - left;
      const v = j - bottom;
      const isInside = u >= 0 && v >= 0 && u < psf.size && v < psf.size;
      const near = isInside ? core[v * psf.size + u] : 0;
      const far = psf.halo ? evaluateHalo(psf.halo, i - half + xMid - x, j - half + yMid - y) : 0;
      profile[j * size + i] = near + far;
    }
  }
  return profile;
}
