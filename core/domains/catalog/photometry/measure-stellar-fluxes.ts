import { type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import { makeMeasurable, measureAperture, type Source } from '../../preprocessing/index.ts';

/** A flux and its error, e-. */
export interface StellarFlux {
  readonly fluxE: number;
  readonly fluxErrE: number;
}

/** Radius of the aperture, FWHM: nearly the best signal to noise, and little light of neighbours. */
const RADIUS_FWHM = 1.2;
/** The brightest stars tell how much of the light a small aperture misses. */
const CORRECTION_STARS = 60;
/** More of the aperture than this must be usable. */
const LEAST_USABLE = 0.995;

/** Fluxes by source, and the error of what brings all of them to the scale of Kron fluxes. */
export interface StellarFluxes {
  readonly bySource: ReadonlyMap<Source, StellarFlux>;
  readonly scaleErrMag: number;
}

/**
 * Measure stars in small apertures, on the scale of their Kron fluxes.
 *
 * Kron apertures hold nearly all light but also that of faint neighbours and much sky: the scatter of faint stars is
 * twice that of a small aperture, whose one loss the brightest stars tell.
 *
 * A source whose aperture cannot be used is left out.
 */
export function measureStellarFluxes(
  image: MaskedImage,
  stars: readonly Source[],
  fwhmPx: number,
): StellarFluxes {
  const measurable = makeMeasurable(image.science, image.variance, image.mask, UNUSABLE);
  const sums = stars.flatMap((star) => {
    const sum = measureAperture(measurable, star.xPx, star.yPx, RADIUS_FWHM * fwhmPx);
    return sum.usableFraction >= LEAST_USABLE && sum.flux > 0 ? [{ star, ...sum }] : [];
  });
  const ratios = sums
    .toSorted((a, b) => b.star.snr - a.star.snr)
    .slice(0, CORRECTION_STARS)
    .map(({ star, flux }) => star.fluxE / flux)
    .sort((a, b) => a - b);
  const correction = ratios[ratios.length >> 1] ?? 1;
  const scatter = ratios.map((ratio) => Math.abs(ratio / correction - 1)).sort((a, b) => a - b);
  // A median is known to 1.25 standard errors of the mean.
  const relative =
    (1.25 * 1.4826 * (scatter[scatter.length >> 1] ?? 0)) / Math.sqrt(Math.max(1, scatter.length));
  return {
    bySource: new Map(
      sums.map(({ star, flux, fluxErr }) => [
        star,
        { fluxE: correction * flux, fluxErrE: correction * fluxErr },
      ]),
    ),
    scaleErrMag: (2.5 / Math.LN10) * relative,
  };
}
