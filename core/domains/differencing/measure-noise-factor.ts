import { UNUSABLE } from '../observations/index.ts';
import { type ForcedFluxConfig, measurePsfFlux } from './measure-psf-flux.ts';
import type { KeptDifference } from './model.ts';
import { madStd, median } from './robust-statistics.ts';

/** Most places of empty sky that are measured. */
const MOST_PLACES = 3000;
/** Fewer do not tell the factor to 10 %. */
const FEWEST_PLACES = 100;
/** A place with a stronger score is not empty, sigma. */
const LARGEST_SCORE = 4;
/** A place with more of the PSF masked is not used. */
const LARGEST_MASKED = 0.1;

/**
 * Measure by how much forced fluxes on the empty sky of a difference scatter more than their errors say.
 *
 * Noise that neighbouring pixels share, from resampling or convolution, does not show in the variance of single
 * pixels. The factor is the robust scatter of flux over error on a lattice of the quieter half of the field, where no
 * bright star's residual adds to the noise.
 *
 * @returns factor for `noiseFactor` of `measurePsfFlux`; 1 where there is too little empty sky to tell.
 */
export function measureNoiseFactor(difference: KeptDifference, config: ForcedFluxConfig): number {
  const { psf, score, fluxErr, mask } = difference;
  const { width, height } = score;
  // Two FWHM apart the fluxes are nearly independent.
  const step = Math.max(2 * psf.fwhmPx, Math.sqrt((width * height) / MOST_PLACES));
  const empty: { readonly xPx: number; readonly yPx: number; readonly noise: number }[] = [];
  for (let y = step; y < height - step; y += step) {
    for (let x = step; x < width - step; x += step) {
      const at = Math.round(y) * width + Math.round(x);
      if ((mask.data[at]! & UNUSABLE) !== 0 || Math.abs(score.data[at]!) > LARGEST_SCORE) continue;
      empty.push({ xPx: Math.round(x), yPx: Math.round(y), noise: fluxErr.data[at]! });
    }
  }
  const usual = median(empty.map(({ noise }) => noise));
  const quiet = empty.filter(({ noise }) => noise <= usual);
  const image = { science: difference.difference, variance: difference.variance, mask };
  const pulls = measurePsfFlux(image, psf, quiet, { ...config, noiseFactor: 1 })
    .filter(({ maskedFraction }) => maskedFraction < LARGEST_MASKED)
    .map(({ fluxE, fluxErrE }) => fluxE / fluxErrE);
  const factor = pulls.length < FEWEST_PLACES ? 1 : madStd(pulls);
  return factor > 0 && Number.isFinite(factor) ? factor : 1;
}
