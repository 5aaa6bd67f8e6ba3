import {
  irfft2,
  makePlane,
  makeSpectrum,
  type Plane,
  rfft2,
  rfft2OfStamp,
  type Spectrum,
} from '../../../kernels/index.ts';

/** A proper coadd in the making: sums over the layers seen so far. */
export interface ProperSum {
  /** sum F / sigma^2 conj(P) M */
  readonly numerator: Spectrum;
  /** sum F^2 / sigma^2 |P|^2 */
  readonly power: Float64Array;
  /** sum F^2 / sigma^2 */
  readonly knowledge: number;
  /** Room for one layer: its pixels, to be filled before it is added, and both transforms. */
  readonly image: Plane;
  readonly transforms: readonly [Spectrum, Spectrum];
}

/** What of a layer a proper coadd needs. */
export interface ProperLayer {
  readonly fluxScale: number;
  readonly skyNoiseE: number;
  readonly psf: Plane;
}

/** Begin a proper coadd of a size that `goodFftSize` gave. */
export function startProperSum(width: number, height: number): ProperSum {
  const numerator = makeSpectrum(width, height);
  return {
    numerator,
    power: new Float64Array(numerator.data.length / 2),
    knowledge: 0,
    image: makePlane(width, height),
    transforms: [makeSpectrum(width, height), makeSpectrum(width, height)],
  };
}

/**
 * Add one exposure to a proper coadd.
 *
 * @param sum its arrays are written over; its `image` holds the exposure, e- above the sky, finite everywhere, and is
 *   taken to be periodic.
 */
export function addToProperSum(sum: ProperSum, { fluxScale, skyNoiseE, psf }: ProperLayer): ProperSum {
  const { image, transforms } = sum;
  const M = rfft2(image, transforms[0]).data;
  const P = rfft2OfStamp(psf, image.width, image.height, transforms[1]).data;
  const R = sum.numerator.data;
  const weight = fluxScale / skyNoiseE ** 2;
  for (let k = 0; k < R.length; k += 2) {
    const [re, im] = [P[k]!, P[k + 1]!];
    R[k]! += weight * (re * M[k]! + im * M[k + 1]!);
    R[k + 1]! += weight * (re * M[k + 1]! - im * M[k]!);
    sum.power[k >> 1]! += weight * fluxScale * (re * re + im * im);
  }
  return { ...sum, knowledge: sum.knowledge + weight * fluxScale };
}

/**
 * Finish a proper coadd.
 *
 * R = sum F / sigma^2 conj(P) M / sqrt(sum F^2 / sigma^2 |P|^2) has white noise of unit variance, the flux scale
 * F_R = sqrt(sum F^2 / sigma^2), and P_R = sqrt(sum F^2 / sigma^2 |P|^2) / F_R. Nothing that the exposures know is
 * lost, where their noise is white and the sky outshines the sources.
 *
 * @returns the image over F_R, so that its fluxes are the reference's and its noise is `noiseE`; the point-spread
 *   function has its centre at (0, 0).
 * @see Zackay & Ofek 2017, ApJ 836, 188
 */
export function finishProperSum({ numerator, power, knowledge }: ProperSum): {
  readonly image: Plane;
  readonly psf: Plane;
  readonly noiseE: number;
} {
  const F = Math.sqrt(knowledge);
  const { width, height } = numerator;
  const image = makeSpectrum(width, height);
  const response = makeSpectrum(width, height);
  // Beyond the sharpest exposure's reach both sums vanish; their quotient is noise, not a division by nothing.
  const least = 1e-14 * power.reduce((highest, value) => Math.max(highest, value), 0);
  for (let k = 0; k < power.length; k++) {
    const root = Math.sqrt(Math.max(power[k]!, least));
    image.data[2 * k] = numerator.data[2 * k]! / (root * F);
    image.data[2 * k + 1] = numerator.data[2 * k + 1]! / (root * F);
    response.data[2 * k] = root / F;
  }
  return { image: irfft2(image, makePlane(width, height)), psf: irfft2(response), noiseE: 1 / F };
}
