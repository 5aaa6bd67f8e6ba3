import { shiftStamp } from '../../../kernels/index.ts';
import { createRandom } from '../../../utils/index.ts';
import type { SpatialPsf } from '../model.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import type { DrawnStar, Injection } from './model.ts';

/** Spreads ids over the seeds: neighbouring seeds then share no star. */
const STRIDE = 0x9e3779b1;

/**
 * Draw a star with the image's point-spread function and count its photons.
 *
 * Each pixel's own photons are Poisson deviates of what the profile puts there; the sky's noise is in the image
 * already. The same seed and id give the same photons.
 *
 * @param psf of the science image.
 */
export function drawStar(injection: Injection, psf: SpatialPsf, seed: number): DrawnStar {
  const xPx = Math.round(injection.xPx);
  const yPx = Math.round(injection.yPx);
  const { size } = psf;
  const profile = new Float64Array(size * size);
  shiftStamp(
    evaluatePsf(psf, injection.xPx, injection.yPx).data,
    size,
    injection.xPx - xPx,
    injection.yPx - yPx,
    profile,
  );
  const random = createRandom((seed + Math.imul(injection.id + 1, STRIDE)) >>> 0);
  const flux = Math.abs(injection.fluxE);
  const sign = Math.sign(injection.fluxE);
  // A measured profile dips below zero in its wings, where it has no photons to count.
  const data = Float32Array.from(profile, (share) => {
    const expected = flux * share;
    return sign * (expected > 0 ? random.poisson(expected) : expected);
  });
  return { xPx, yPx, size, data };
}

/**
 * Give the variance that a drawn star adds to a pixel, e-^2.
 *
 * Calibration takes the light above the sky for its own variance, so that added light adds what the sum has more of
 * it. The photons of a star that faded were counted in the template: their noise stays.
 *
 * @param before e- above the sky in the science image; `light` what the star adds.
 */
export function addedVariance(before: number, light: number): number {
  return light < 0 ? -light : Math.max(0, before + light) - Math.max(0, before);
}
