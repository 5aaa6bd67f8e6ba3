import {
  cutKernel,
  goodFftSize,
  irfft2,
  makePlane,
  makeSpectrum,
  type Plane,
  rfft2,
  rfft2OfStamp,
  type Spectrum,
} from '../../../kernels/index.ts';

/** What of a layer a proper coadd needs. */
export interface ProperLayer {
  readonly fluxScale: number;
  readonly skyNoiseE: number;
  readonly psf: Plane;
}

/** How layers become a proper coadd, the same for every part of it. */
export interface ProperKernels {
  /** By which each layer is convolved before they are added; odd stamps of one side. */
  readonly layers: readonly Plane[];
  /** Pixels beyond a part that have a say in it. */
  readonly reachPx: number;
  /** Point-spread function of the coadd, an odd stamp of unit sum. */
  readonly psf: Plane;
  /** Noise of its sky, e-, white. */
  readonly noiseE: number;
}

/** A proper coadd in the making: the sum over the layers seen so far. */
export interface ProperSum {
  readonly sum: Spectrum;
  /** Room for one layer: its pixels, to be filled before it is added, and both transforms. */
  readonly image: Plane;
  readonly transforms: readonly [Spectrum, Spectrum];
}

/**
 * Below this part of their sums the transforms of measured profiles are noise: there all are led to this number, and the
 * coadd is a weighted mean.
 */
const PSF_FLOOR = 1e-3;
/** Kernels fade from the radius at which the largest profile ends to so many of it. */
const REACH_RADII = 2;

/**
 * Make the kernels of a proper coadd, on a grid that just holds them.
 *
 * R = sum F / sigma^2 conj(P) M / sqrt(sum F^2 / sigma^2 |P|^2) has white noise of unit variance, the flux scale
 * F_R = sqrt(sum F^2 / sigma^2), and P_R = sqrt(sum F^2 / sigma^2 |P|^2) / F_R. Nothing that the exposures know is
 * lost, where their noise is white and the sky outshines the sources. Divided by F_R its fluxes are the reference's.
 *
 * Kernels end after a finite length, so that a pixel of the coadd depends on those around it and not on what is transformed
 * with it.
 *
 * @see Zackay & Ofek 2017, ApJ 836, 188
 */
export function makeProperKernels(layers: readonly ProperLayer[]): ProperKernels {
  const size = Math.max(...layers.map(({ psf }) => psf.width));
  const radius = (size - 1) / 2;
  const reachPx = Math.ceil(REACH_RADII * radius);
  const side = goodFftSize(2 * size + 2);
  const profiles = layers.map(({ psf }) => rfft2OfStamp(psf, side, side));
  const filters = layers.map(() => makeSpectrum(side, side));
  const response = makeSpectrum(side, side);
  const weights = layers.map(({ fluxScale, skyNoiseE }) => fluxScale / skyNoiseE ** 2);
  const F = Math.sqrt(layers.reduce((sum, { fluxScale }, k) => sum + weights[k]! * fluxScale, 0));
  for (let i = 0; i < response.data.length; i += 2) {
    const all = profiles.reduce((sum, { data }) => sum + data[i]! ** 2 + data[i + 1]! ** 2, 0);
    const lift = PSF_FLOOR * Math.exp(-all / layers.length / PSF_FLOOR ** 2);
    let power = 0;
    profiles.forEach(({ data }, k) => {
      const [re, im] = [data[i]! + lift, data[i + 1]!];
      power += weights[k]! * layers[k]!.fluxScale * (re * re + im * im);
    });
    const whitening = 1 / (Math.sqrt(power) * F);
    profiles.forEach(({ data }, k) => {
      const [re, im] = [data[i]! + lift, data[i + 1]!];
      const [own, turned] = [weights[k]! * whitening * re, -weights[k]! * whitening * im];
      filters[k]!.data[i] = own;
      filters[k]!.data[i + 1] = turned;
      const { fluxScale } = layers[k]!;
      response.data[i]! += fluxScale * (own * data[i]! - turned * data[i + 1]!);
      response.data[i + 1]! += fluxScale * (own * data[i + 1]! + turned * data[i]!);
    });
  }
  const psf = cutKernel(irfft2(response), radius);
  const total = psf.data.reduce((sum, value) => sum + value, 0);
  for (let k = 0; k < psf.data.length; k++) psf.data[k]! /= total;
  return {
    layers: filters.map((filter) => cutKernel(irfft2(filter), reachPx, radius)),
    reachPx,
    psf,
    noiseE: 1 / F,
  };
}

/** Begin a proper coadd of a size that `goodFftSize` gave. */
export function startProperSum(width: number, height: number): ProperSum {
  return {
    sum: makeSpectrum(width, height),
    image: makePlane(width, height),
    transforms: [makeSpectrum(width, height), makeSpectrum(width, height)],
  };
}

/**
 * Add the exposure in a sum's `image` to it: e- above the sky, finite everywhere, taken to be periodic.
 *
 * @param kernel of this layer.
 */
export function addToProperSum({ sum, image, transforms }: ProperSum, kernel: Plane): void {
  const M = rfft2(image, transforms[0]).data;
  const K = rfft2OfStamp(kernel, image.width, image.height, transforms[1]).data;
  const R = sum.data;
  for (let k = 0; k < R.length; k += 2) {
    R[k]! += K[k]! * M[k]! - K[k + 1]! * M[k + 1]!;
    R[k + 1]! += K[k]! * M[k + 1]! + K[k + 1]! * M[k]!;
  }
}

/** Finish a proper coadd: the image takes the place of the layers'. */
export function finishProperSum({ sum, image }: ProperSum): Plane {
  return irfft2(sum, image);
}
