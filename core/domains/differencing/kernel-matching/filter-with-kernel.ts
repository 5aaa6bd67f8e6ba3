import {
  addProductSpectra,
  irfft2,
  makeSpectrum,
  multiplySpectra,
  type Plane,
  rfft2,
  type Spectrum,
} from '../../../kernels/index.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import { embedStamp, extractStamp } from '../tiles/embed-stamp.ts';
import type { FilteredTile } from '../tiles/finish-tile.ts';
import { noiseSpectrum, squareInImage, squareKernel } from '../tiles/noise-spectrum.ts';
import type { PreparedTile } from '../tiles/prepare-tile.ts';
import type { TileInput } from '../tiles/subtracted-tile.ts';
import { convolveTile } from './convolve-tile.ts';
import { evaluateKernel, type MatchingKernel } from './matching-kernel.ts';

/**
 * Subtract the convolved image, whiten the difference and filter it for point sources.
 *
 * Convolution correlates the noise of neighbouring pixels, so that a threshold in pixels' sigma means nothing.
 * Dividing by the root of the noise's power spectrum makes it white again, and the matched filter of a white
 * difference is its own PSF. Where the kernel is exactly the ratio of the profiles, the result is ZOGY's.
 *
 * The convolution follows the kernel from pixel to pixel; the noise is taken with the kernel at the tile's middle.
 *
 * @see Reiss & Lupton 2016, DMTN-021, eq. 1-2; here the kernel's sum counts: a convolved image is as noisy as it is bright
 */
export function filterWithKernel(
  input: TileInput,
  prepared: PreparedTile,
  kernel: MatchingKernel,
): FilteredTile {
  const { loaded, xMid, yMid } = prepared;
  const { width, height } = loaded;
  const convolvesTemplate = kernel.convolved === 'template';
  const psf = evaluatePsf(input.sciencePsf, xMid, yMid);
  const filters = makeKernelFilters(
    rfft2(embedStamp(psf, width, height)),
    rfft2(embedStamp(evaluateKernel(kernel, xMid, yMid), width, height)),
    convolvesTemplate,
    prepared.sky,
    input.correlation && noiseSpectrum(input.correlation, width, height),
  );
  const left = input.tile.x - loaded.offsetX;
  const bottom = input.tile.y - loaded.offsetY;
  const convolved = rfft2(
    convolveTile(convolvesTemplate ? loaded.template : loaded.science, kernel, left, bottom),
  );
  const plain = rfft2(convolvesTemplate ? loaded.science : loaded.template);
  const science = convolvesTemplate ? plain : convolved;
  const template = convolvesTemplate ? convolved : plain;
  const vn = rfft2(loaded.scienceVariance);
  const vr = rfft2(loaded.templateVariance);
  const size = Math.max(input.sciencePsf.size, input.templatePsf.size);
  const scienceDifference = squareKernel(filters.whiteningScience, 2 * size + 1);
  const scienceScore = squareKernel(filters.scoreScience, 2 * size + 1);
  const variance = irfft2(
    addProductSpectra(vn, scienceDifference.squared, vr, squareInImage(filters.whiteningTemplate)),
  );
  const scoreVariance = irfft2(
    addProductSpectra(vn, scienceScore.squared, vr, squareInImage(filters.scoreTemplate)),
  );
  scalePlane(variance, filters.differenceVarianceFactor);
  scalePlane(scoreVariance, filters.scoreVarianceFactor);
  return {
    difference: irfft2(addProductSpectra(science, filters.whitening, template, filters.whitening, -1)),
    variance,
    scoreScience: irfft2(multiplySpectra(science, filters.score)),
    scoreTemplate: irfft2(multiplySpectra(template, filters.score)),
    scoreVariance,
    filters: {
      fluxScale: filters.fluxScale,
      skyScale: filters.skyScale,
      differencePsf: extractStamp(irfft2(filters.psf), size),
      differencePsfSize: size,
      scienceScoreKernel: scienceScore.kernel,
      scienceDifferenceKernel: scienceDifference.kernel,
      scoreVarianceFactor: filters.scoreVarianceFactor,
      differenceVarianceFactor: filters.differenceVarianceFactor,
    },
  };
}

interface KernelFilters {
  /** Applied to the difference of the convolved and the other image. */
  readonly score: Spectrum;
  readonly whitening: Spectrum;
  /** The same as they act on each original image: with the kernel where it is convolved. */
  readonly scoreScience: Spectrum;
  readonly scoreTemplate: Spectrum;
  readonly whiteningScience: Spectrum;
  readonly whiteningTemplate: Spectrum;
  readonly psf: Spectrum;
  readonly fluxScale: number;
  readonly skyScale: number;
  readonly scoreVarianceFactor: number;
  readonly differenceVarianceFactor: number;
}

/**
 * Make the filters of one tile.
 *
 * With P the PSF of a new source in the difference (the science PSF, convolved where science is) and W the noise's
 * power: whitening is sqrt(W(0) / W) over the kernel's sum where science is convolved, the score conj(P) / W.
 */
function makeKernelFilters(
  pn: Spectrum,
  kappa: Spectrum,
  convolvesTemplate: boolean,
  sky: { readonly science: number; readonly template: number },
  correlation: Float32Array | undefined,
): KernelFilters {
  const { width, height } = pn;
  const make = () => makeSpectrum(width, height);
  const score = make();
  const whitening = make();
  const scoreKernel = make();
  const whiteningKernel = make();
  const psf = make();
  const plainSky = convolvesTemplate ? sky.science : sky.template;
  const kernelSky = convolvesTemplate ? sky.template : sky.science;
  const sum = kappa.data[0];
  const toScience = convolvesTemplate ? 1 : 1 / sum;
  const atZero = (plainSky + sum * sum * kernelSky) * (correlation ? correlation[0] : 1);
  const rowLength = width + 2;
  const means = { signal: 0, whiteSignal: 0, inverse: 0 };
  for (let k = 0; k < pn.data.length; k += 2) {
    const kRe = kappa.data[k];
    const kIm = kappa.data[k + 1];
    let pRe = pn.data[k];
    let pIm = pn.data[k + 1];
    if (!convolvesTemplate) {
      const re = pRe * kRe - pIm * kIm;
      pIm = pRe * kIm + pIm * kRe;
      pRe = re;
    }
    const w = correlation ? correlation[k / 2] : 1;
    const power = (plainSky + kernelSky * (kRe * kRe + kIm * kIm)) * w;
    const white = Math.sqrt(atZero / power) * toScience;
    whitening.data[k] = white;
    whiteningKernel.data[k] = white * kRe;
    whiteningKernel.data[k + 1] = white * kIm;
    const sRe = pRe / power;
    const sIm = -pIm / power;
    score.data[k] = sRe;
    score.data[k + 1] = sIm;
    scoreKernel.data[k] = sRe * kRe - sIm * kIm;
    scoreKernel.data[k + 1] = sRe * kIm + sIm * kRe;
    psf.data[k] = pRe * white;
    psf.data[k + 1] = pIm * white;
    // Columns 0 and width / 2 stand for themselves, all others also for their mirror.
    const column = (k % rowLength) / 2;
    const share = column === 0 || column === width / 2 ? 1 : 2;
    const signal = (share * (pRe * pRe + pIm * pIm)) / power;
    means.signal += signal;
    means.whiteSignal += signal / w;
    means.inverse += share / w;
  }
  return {
    score,
    whitening,
    scoreScience: convolvesTemplate ? score : scoreKernel,
    scoreTemplate: convolvesTemplate ? scoreKernel : score,
    whiteningScience: convolvesTemplate ? whitening : whiteningKernel,
    whiteningTemplate: convolvesTemplate ? whiteningKernel : whitening,
    psf,
    fluxScale: means.signal / (width * height),
    skyScale: (convolvesTemplate ? 1 : sum) / atZero,
    scoreVarianceFactor: means.signal / means.whiteSignal,
    differenceVarianceFactor: (width * height) / means.inverse,
  };
}

function scalePlane(plane: Plane, factor: number): void {
  if (factor === 1) return;
  for (let k = 0; k < plane.data.length; k++) plane.data[k] *= factor;
}
