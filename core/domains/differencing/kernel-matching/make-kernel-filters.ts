import {
  goodFftSize,
  irfft2,
  makePlane,
  makeSpectrum,
  type Plane,
  rfft2OfStamp,
} from '../../../kernels/index.ts';
import { cutWrapped } from '../tiles/cut-wrapped.ts';
import { noisePower } from '../tiles/noise-power.ts';
import type { NoiseCorrelation } from '../zogy/measure-correlation.ts';

/** What the filters of one tile are made from. */
export interface KernelFilterInput {
  /** A star of one electron, odd, centred. */
  readonly sciencePsf: Plane;
  /** The kernel at the tile's middle, odd. */
  readonly kernel: Plane;
  readonly convolvesTemplate: boolean;
  /** Variance of the sky per pixel, e-^2 on the science scale, white. */
  readonly sky: { readonly science: number; readonly template: number };
  /** Correlation of the difference's noise as measured without this correction; absent for white noise. */
  readonly correlation?: NoiseCorrelation | undefined;
  /** Odd side of the stamp that the difference's PSF is given on, px. */
  readonly psfSize: number;
}

/** Filters as kernels in the image, odd stamps; and what follows from them. */
export interface KernelFilters {
  /** Applied to the convolved and to the other image alike. */
  readonly score: Plane;
  readonly whitening: Plane;
  /** The same as they act on the image that is convolved: with the kernel. */
  readonly scoreOfConvolved: Plane;
  readonly whiteningOfConvolved: Plane;
  /** Score of a point source of one electron, which is also the variance of the score on empty sky. */
  readonly fluxScale: number;
  /** Score of a uniform sky of one electron. */
  readonly skyScale: number;
  /** True variances over those that the squared kernels give for white noise. */
  readonly scoreVarianceFactor: number;
  readonly differenceVarianceFactor: number;
  /** A star of one electron in the difference image, (size, size). */
  readonly differencePsf: Float64Array;
  readonly differencePsfSize: number;
}

/** A grid of so many sizes of the larger stamp holds the filters' kernels. */
const KERNEL_STAMPS = 2;

/**
 * Make the filters of one tile, on a grid that just holds them.
 *
 * With P the PSF of a new source in the difference (the science PSF, convolved where science is) and W the noise's
 * power: whitening is sqrt(W(0) / W), over the kernel's sum where science is convolved, and the score conj(P) / W.
 * Nothing is divided by a profile, so that all of them are short.
 *
 * @param width, height of the tile; the grid is no larger.
 */
export function makeKernelFilters(input: KernelFilterInput, width: number, height: number): KernelFilters {
  const { sciencePsf, kernel, convolvesTemplate, sky, correlation } = input;
  const wanted = goodFftSize(KERNEL_STAMPS * Math.max(sciencePsf.width, kernel.width) + 2);
  const side = Math.min(wanted, width, height);
  const make = () => makeSpectrum(side, side);
  const pn = rfft2OfStamp(sciencePsf, side, side).data;
  const kappa = rfft2OfStamp(kernel, side, side).data;
  const noise = correlation && noisePower(correlation, side, side);
  const score = make();
  const whitening = make();
  const scoreOfConvolved = make();
  const whiteningOfConvolved = make();
  const psf = make();
  const plainSky = convolvesTemplate ? sky.science : sky.template;
  const kernelSky = convolvesTemplate ? sky.template : sky.science;
  const sum = kappa[0];
  const toScience = convolvesTemplate ? 1 : 1 / sum;
  const atZero = (plainSky + sum * sum * kernelSky) * (noise ? noise[0] : 1);
  const rowLength = side + 2;
  const means = { signal: 0, whiteSignal: 0, inverse: 0 };
  for (let k = 0; k < pn.length; k += 2) {
    const kRe = kappa[k];
    const kIm = kappa[k + 1];
    let pRe = pn[k];
    let pIm = pn[k + 1];
    if (!convolvesTemplate) {
      const re = pRe * kRe - pIm * kIm;
      pIm = pRe * kIm + pIm * kRe;
      pRe = re;
    }
    const w = noise ? noise[k / 2] : 1;
    const power = (plainSky + kernelSky * (kRe * kRe + kIm * kIm)) * w;
    const white = Math.sqrt(atZero / power) * toScience;
    whitening.data[k] = white;
    whiteningOfConvolved.data[k] = white * kRe;
    whiteningOfConvolved.data[k + 1] = white * kIm;
    const sRe = pRe / power;
    const sIm = -pIm / power;
    score.data[k] = sRe;
    score.data[k + 1] = sIm;
    scoreOfConvolved.data[k] = sRe * kRe - sIm * kIm;
    scoreOfConvolved.data[k + 1] = sRe * kIm + sIm * kRe;
    psf.data[k] = pRe * white;
    psf.data[k + 1] = pIm * white;
    // Columns 0 and side / 2 stand for themselves, all others also for their mirror.
    const column = (k % rowLength) / 2;
    const share = column === 0 || column === side / 2 ? 1 : 2;
    const signal = (share * (pRe * pRe + pIm * pIm)) / power;
    means.signal += signal;
    means.whiteSignal += signal / w;
    means.inverse += share / w;
  }
  const stampSide = side - 1 + (side % 2);
  const asStamp = (spectrum: ReturnType<typeof make>): Plane => {
    const stamp = makePlane(stampSide, stampSide);
    stamp.data.set(cutWrapped(irfft2(spectrum), stampSide));
    return stamp;
  };
  return {
    score: asStamp(score),
    whitening: asStamp(whitening),
    scoreOfConvolved: asStamp(scoreOfConvolved),
    whiteningOfConvolved: asStamp(whiteningOfConvolved),
    fluxScale: means.signal / (side * side),
    skyScale: (convolvesTemplate ? 1 : sum) / atZero,
    scoreVarianceFactor: means.signal / means.whiteSignal,
    differenceVarianceFactor: (side * side) / means.inverse,
    differencePsf: cutWrapped(irfft2(psf), input.psfSize),
    differencePsfSize: input.psfSize,
  };
}
