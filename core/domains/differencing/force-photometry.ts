import type { Task } from '../../utils/index.ts';
import type { MaskedImage } from '../observations/index.ts';
import type { EpochCutout } from './cut-epoch.ts';
import { evaluatePolynomial } from './match/image-match.ts';
import { measureNoiseFactor } from './measure-noise-factor.ts';
import {
  DEFAULT_FORCED_FLUX_CONFIG,
  type ForcedFluxConfig,
  type ForcedPosition,
  measurePsfFlux,
  type PsfFlux,
} from './measure-psf-flux.ts';
import type { KeptDifference } from './model.ts';

/** What one epoch says of one place. */
export interface ForcedPhotometry extends ForcedPosition {
  /** Science minus template, with the difference's PSF, science e-; its error is of the noise alone. */
  readonly difference: PsfFlux;
  /** On the science image as it is, with its own PSF and its neighbours left alone, science e-. */
  readonly science: PsfFlux;
  /** Error that imperfect subtraction of what lies here adds to the difference's, science e-. */
  readonly modelErrE: number;
  /** Science electrons for one template electron here. */
  readonly fluxRatio: number;
  /** What the difference's errors were multiplied by, for noise that neighbouring pixels share. */
  readonly noiseFactor: number;
}

/**
 * Measure what changed at fixed places, whether or not anything was detected there.
 *
 * The flux is linear in the pixels and reported as it is: negative where the source is fainter than in the template.
 *
 * @param science the image that the template was subtracted from.
 * @param positions zero-based pixels of both.
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 41-43 (PSF photometry on a difference)
 */
export function forcePhotometry(
  difference: KeptDifference,
  science: MaskedImage,
  positions: readonly ForcedPosition[],
  config: ForcedFluxConfig = DEFAULT_FORCED_FLUX_CONFIG,
): readonly ForcedPhotometry[] {
  const noiseFactor = measureNoiseFactor(difference, config);
  const image = { science: difference.difference, variance: difference.variance, mask: difference.mask };
  const changes = measurePsfFlux(image, difference.psf, positions, { ...config, noiseFactor });
  const direct = measurePsfFlux(science, difference.sciencePsf, positions, config);
  return positions.map(({ xPx, yPx }, k) => ({
    xPx,
    yPx,
    difference: changes[k]!,
    science: direct[k]!,
    modelErrE: findModelError(difference, xPx, yPx, changes[k]!.fluxErrE),
    fluxRatio: fluxRatioAt(difference, xPx, yPx),
    noiseFactor,
  }));
}

/**
 * Measure an epoch again at a place near the one that was cut out of it.
 *
 * @param first what was measured at the place itself: errors of the model and scales are taken from it.
 * @param place zero-based pixels of the image.
 */
export function forceOnCutout(
  cutout: EpochCutout,
  first: ForcedPhotometry,
  place: ForcedPosition,
  config: ForcedFluxConfig = DEFAULT_FORCED_FLUX_CONFIG,
): ForcedPhotometry {
  const at = [{ xPx: place.xPx - cutout.xPx, yPx: place.yPx - cutout.yPx }];
  const { noiseFactor } = first;
  const [change] = measurePsfFlux(cutout.difference, cutout.psf, at, { ...config, noiseFactor });
  const [direct] = measurePsfFlux(cutout.science, cutout.sciencePsf, at, config);
  return { ...first, xPx: place.xPx, yPx: place.yPx, difference: change!, science: direct! };
}

/** Give the template-to-science flux scale at a pixel: one template electron is this many science electrons. */
export function fluxRatioAt(difference: KeptDifference, xPx: number, yPx: number): number {
  const { fluxRatioTerms, fluxRatio, score } = difference;
  if (!fluxRatioTerms) return fluxRatio;
  return evaluatePolynomial(fluxRatioTerms, xPx, yPx, score.width, score.height);
}

/** What the score allows for beyond the noise: the pair's own subtraction errors on the light that is here. */
function findModelError({ fluxErr }: KeptDifference, xPx: number, yPx: number, noiseE: number): number {
  const x = Math.round(xPx);
  const y = Math.round(yPx);
  if (!(x >= 0 && y >= 0 && x < fluxErr.width && y < fluxErr.height)) return 0;
  const total = fluxErr.data[y * fluxErr.width + x]!;
  return total > noiseE ? Math.sqrt(total * total - noiseE * noiseE) : 0;
}

/** `forcePhotometry` as a task for a thread. */
export const forcePhotometryTask: Task<
  {
    readonly difference: KeptDifference;
    readonly science: MaskedImage;
    readonly positions: readonly ForcedPosition[];
    readonly config: ForcedFluxConfig;
  },
  readonly ForcedPhotometry[]
> = {
  name: 'differencing.force-photometry',
  run: ({ difference, science, positions, config }) =>
    forcePhotometry(difference, science, positions, config),
};
