import type { Plane } from '../../../kernels/index.ts';
import type { PsfHalo, SpatialPsf } from '../model.ts';
import type { BrightStar } from './model-saturated.ts';

/** A star's wings begin here, FWHM: nearer its light is told by stars that are there to measure the profile. */
const WINGS_FROM = 1.5;

/**
 * Add up how much light of bright stars' wings there is in each pixel, by the smooth profile.
 *
 * @param wings overwritten where stars are; e- per pixel on the science scale.
 * @param stars of one image, its own e-, image pixels.
 * @param ratio science e- for one e- of this image.
 * @param left, bottom image pixel of the plane's first pixel.
 * @param least wings fainter than this do not matter, e- per pixel.
 */
export function addWings(
  wings: Plane,
  psf: SpatialPsf,
  stars: readonly BrightStar[],
  ratio: number,
  left: number,
  bottom: number,
  least: number,
): void {
  const { halo } = psf;
  if (!halo) return;
  const c = Math.sqrt(halo.cxx * halo.cyy - halo.cxy ** 2 / 4);
  for (const star of stars) {
    const flux = ratio * star.flux;
    const contrast = (flux * halo.peak) / least;
    if (!(contrast > 1)) continue;
    const reach = Math.sqrt((contrast ** (1 / halo.beta) - 1) / c);
    const inner = Math.max(WINGS_FROM * psf.fwhmPx, star.coreRadius);
    if (reach <= inner) continue;
    addWing(wings, halo, flux * halo.peak, star.x - left, star.y - bottom, inner, reach);
  }
}

// One star a call: V8 throws the code of a walk over all stars away each time that it leaves an inner loop.
function addWing(
  { width, height, data }: Plane,
  { cxx, cxy, cyy, beta }: PsfHalo,
  peak: number,
  x: number,
  y: number,
  inner: number,
  reach: number,
): void {
  const end = Math.min(width - 1, Math.floor(x + reach));
  for (let j = Math.max(0, Math.ceil(y - reach)); j <= Math.min(height - 1, Math.floor(y + reach)); j++) {
    const v = j - y;
    for (let i = Math.max(0, Math.ceil(x - reach)); i <= end; i++) {
      const u = i - x;
      const r2 = u * u + v * v;
      if (r2 < inner * inner || r2 > reach * reach) continue;
      data[j * width + i] += peak * (1 + cxx * u * u + cxy * u * v + cyy * v * v) ** -beta;
    }
  }
}
