import { fitProfiles, type ProfileFit, type ProfileTables, withScratch } from '../../kernels/index.ts';
import type { Task } from '../../utils/index.ts';
import { type ImageSource, loadImage, type MaskedImage, UNUSABLE } from '../observations/index.ts';
import type { SpatialPsf } from './model.ts';
import { evaluateTerms } from './psf/psf-polynomial.ts';

/** A PSF flux at a fixed position. */
export interface PsfFlux {
  /** e-, negative too; NaN where no usable pixel is within reach. */
  readonly fluxE: number;
  readonly fluxErrE: number;
  /** Chi^2 per degree of freedom of the fit. */
  readonly chi2: number;
  /** Part of the weight of the PSF that lies on masked pixels or outside the image, 0..1. */
  readonly maskedFraction: number;
  /** Part of the pixels used that are below zero, 0..1: near 1 where too much was subtracted. */
  readonly negativeFraction: number;
  /** The local background that was fitted with it, e- per pixel; 0 if none was. */
  readonly backgroundE: number;
}

/** How fluxes are forced. */
export interface ForcedFluxConfig {
  /** The PSF is fitted within this radius: beyond it there is more sky than star, FWHM. Default 1.5. */
  readonly radiusFwhm: number;
  /** `constant` fits a local background with the flux: noisier, for images whose sky is uneven. Default `none`. */
  readonly background: 'none' | 'constant';
  /**
   * Errors are multiplied by this: noise that neighbouring pixels share does not average out over a PSF. Default 1,
   * white noise; `measureNoiseFactor` tells.
   */
  readonly noiseFactor: number;
}

export const DEFAULT_FORCED_FLUX_CONFIG: ForcedFluxConfig = {
  radiusFwhm: 1.5,
  background: 'none',
  noiseFactor: 1,
};

/** A place on an image, zero-based pixels. */
export interface ForcedPosition {
  readonly xPx: number;
  readonly yPx: number;
}

const NOTHING: PsfFlux = {
  fluxE: Number.NaN,
  fluxErrE: Number.NaN,
  chi2: Number.NaN,
  maskedFraction: 1,
  negativeFraction: 0,
  backgroundE: 0,
};

/**
 * Measure the flux of a point source at each of many fixed positions.
 *
 * f = sum(P d / V) / sum(P^2 / V) over usable pixels, with error 1 / sqrt(sum(P^2 / V)) times the noise factor;
 * neighbours are not modelled. V is averaged over the usable pixels of 3 x 3: as measured it goes up and down with its
 * own pixel's noise, which would make every source fainter by half a percent. A flux does not depend on which others are
 * asked for.
 *
 * @param positions zero-based pixels of the image; one that is no number gives NaN.
 */
export function measurePsfFlux(
  image: MaskedImage,
  psf: SpatialPsf,
  positions: readonly ForcedPosition[],
  config: ForcedFluxConfig = DEFAULT_FORCED_FLUX_CONFIG,
): PsfFlux[] {
  const radiusPx = Math.min((psf.size - 1) / 2, config.radiusFwhm * psf.fwhmPx);
  const input = { plane: image.science, variance: image.variance, mask: image.mask };
  const options = { unusable: UNUSABLE, radiusPx, hasPedestal: config.background === 'constant' };
  const measurable = positions.flatMap(({ xPx, yPx }, index) =>
    Number.isFinite(xPx) && Number.isFinite(yPx) ? [index] : [],
  );
  const places = new Float64Array(2 * measurable.length);
  measurable.forEach((index, k) => {
    places[2 * k] = positions[index]!.xPx;
    places[2 * k + 1] = positions[index]!.yPx;
  });
  const fluxes = new Array<PsfFlux>(positions.length).fill(NOTHING);
  fitProfiles(input, tablesOf(psf), places, options).forEach((fit, k) => {
    fluxes[measurable[k]!] = describeFit(fit, config);
  });
  return fluxes;
}

function tablesOf({ size, degree, imageWidth, imageHeight, coefficients }: SpatialPsf): ProfileTables {
  return {
    size,
    tables: coefficients,
    // Beyond the image a polynomial runs away: the nearest place inside serves.
    factorsAt: (xPx, yPx, factors) => {
      if (degree === 0) {
        factors[0] = 1;
        return;
      }
      const x = Math.min(imageWidth - 1, Math.max(0, xPx));
      const y = Math.min(imageHeight - 1, Math.max(0, yPx));
      factors.set(evaluateTerms(degree, x, y, imageWidth, imageHeight));
    },
  };
}

function describeFit(fit: ProfileFit, { noiseFactor, background }: ForcedFluxConfig): PsfFlux {
  if (Number.isNaN(fit.flux)) return NOTHING;
  const freedom = Math.max(1, fit.pixels - (background === 'constant' ? 2 : 1));
  return {
    fluxE: fit.flux,
    fluxErrE: noiseFactor * Math.sqrt(fit.variance),
    chi2: fit.chi2 / freedom,
    maskedFraction: fit.lostFraction,
    negativeFraction: fit.below / fit.pixels,
    backgroundE: fit.pedestal,
  };
}

/** `measurePsfFlux` as a task for a thread. */
export const measurePsfFluxTask: Task<
  {
    readonly image: ImageSource;
    readonly psf: SpatialPsf;
    readonly positions: readonly ForcedPosition[];
    readonly config?: ForcedFluxConfig | undefined;
  },
  readonly PsfFlux[]
> = {
  name: 'differencing.measure-psf-flux',
  run: ({ image, psf, positions, config }, context) =>
    withScratch((scratch) => measurePsfFlux(loadImage(image, scratch, context), psf, positions, config)),
};
