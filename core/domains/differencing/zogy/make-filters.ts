import { irfft2, makeSpectrum, type Plane, rfft2, type Spectrum } from '../../../kernels/index.ts';
import { embedStamp, extractStamp } from '../tiles/embed-stamp.ts';
import { noiseSpectrum, squareInImage, squareKernel } from '../tiles/noise-spectrum.ts';
import type { NoiseCorrelation } from './measure-correlation.ts';

/** Everything of one subtraction that follows from the point-spread functions and the noise alone. */
export interface ZogyFilters {
  /** To be multiplied with the science and template spectra: the score image's two halves (k_n, k_r). */
  readonly scoreScience: Spectrum;
  readonly scoreTemplate: Spectrum;
  /** The same for the difference image, which is on the science flux scale. */
  readonly differenceScience: Spectrum;
  readonly differenceTemplate: Spectrum;
  /** Spectra of the squared kernels: they carry the variance. */
  readonly scoreScienceSquared: Spectrum;
  readonly scoreTemplateSquared: Spectrum;
  readonly differenceScienceSquared: Spectrum;
  readonly differenceTemplateSquared: Spectrum;
  /** Score of a point source of one electron (F_S), which is also the variance of the score on empty sky. */
  readonly fluxScale: number;
  /** Score of a uniform sky of one electron. */
  readonly skyScale: number;
  /** True variances over those that the squared kernels give for white noise. */
  readonly scoreVarianceFactor: number;
  readonly differenceVarianceFactor: number;
  /** PSF of the difference image, (size, size), unit sum. */
  readonly differencePsf: Float64Array;
  readonly differencePsfSize: number;
  /** Middles of the kernels that act on the science image, as far as a tile's border reaches. */
  readonly scienceScoreKernel: Float64Array;
  readonly scienceDifferenceKernel: Float64Array;
}

/**
 * Below this part of a PSF's sum its transform is measurement noise.
 *
 * There the ratio of the two PSFs has no meaning, and an unfiltered one would smear every hot pixel over the
 * whole tile; both are led to the same small real number instead, so that the images are just added up.
 */
const PSF_FLOOR = 3e-4;

/**
 * Make the filters that turn two images into the difference, the score and their variances.
 *
 * Flux scales are equal (the template was brought to the science scale), so F_n = F_r = 1.
 *
 * @param sciencePsf, templatePsf unit sum, odd stamps, centred.
 * @param scienceSigma, templateSigma background noise per pixel, e- on the science scale, white.
 * The paper takes the noise as white. Where the images were resampled or stacked before, the difference's noise
 * has a spectrum W of its own: the difference is divided by sqrt(W) and the score by W, which keeps the first white and
 * the second a matched filter.
 *
 * @param correlation of the difference's noise as measured without this correction; absent for white noise.
 * @param width, height of the tile, sizes that `rfft2` takes and larger than the stamps.
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 13-14 (difference), 28-29 (k_n, k_r), 41-43 (F_S)
 */
export function makeFilters(
  sciencePsf: Plane,
  templatePsf: Plane,
  scienceSigma: number,
  templateSigma: number,
  correlation: NoiseCorrelation | undefined,
  width: number,
  height: number,
): ZogyFilters {
  const pn = rfft2(embedStamp(sciencePsf, width, height));
  const pr = rfft2(embedStamp(templatePsf, width, height));
  const scoreScience = makeSpectrum(width, height);
  const scoreTemplate = makeSpectrum(width, height);
  const differenceScience = makeSpectrum(width, height);
  const differenceTemplate = makeSpectrum(width, height);
  const psf = makeSpectrum(width, height);
  const noise = correlation && noiseSpectrum(correlation, width, height);
  const noiseAtZero = noise ? noise[0] : 1;
  const vn = scienceSigma ** 2;
  const vr = templateSigma ** 2;
  const total = vn + vr;
  const rowLength = width + 2;
  const floor2 = PSF_FLOOR * PSF_FLOOR;
  const means = { signal: 0, whiteSignal: 0, inverse: 0 };
  for (let k = 0; k < pn.data.length; k += 2) {
    let nRe = pn.data[k];
    const nIm = pn.data[k + 1];
    let rRe = pr.data[k];
    const rIm = pr.data[k + 1];
    const power = nRe * nRe + nIm * nIm + rRe * rRe + rIm * rIm;
    if (power < 50 * floor2) {
      // The exponential keeps the filters smooth in frequency, hence short in the image.
      const lift = PSF_FLOOR * Math.exp(-power / (2 * floor2));
      nRe += lift;
      rRe += lift;
    }
    const n2 = nRe * nRe + nIm * nIm;
    const r2 = rRe * rRe + rIm * rIm;
    const den = vn * r2 + vr * n2;
    const w = noise ? noise[k / 2] : 1;
    const overDen = 1 / (den * w);
    scoreScience.data[k] = nRe * r2 * overDen;
    scoreScience.data[k + 1] = -nIm * r2 * overDen;
    scoreTemplate.data[k] = rRe * n2 * overDen;
    scoreTemplate.data[k + 1] = -rIm * n2 * overDen;
    const whitening = Math.sqrt((total * noiseAtZero) / (den * w));
    differenceScience.data[k] = rRe * whitening;
    differenceScience.data[k + 1] = rIm * whitening;
    differenceTemplate.data[k] = nRe * whitening;
    differenceTemplate.data[k + 1] = nIm * whitening;
    psf.data[k] = (nRe * rRe - nIm * rIm) * whitening;
    psf.data[k + 1] = (nRe * rIm + nIm * rRe) * whitening;
    // Columns 0 and width / 2 stand for themselves, all others also for their mirror.
    const column = (k % rowLength) / 2;
    const share = column === 0 || column === width / 2 ? 1 : 2;
    means.signal += (share * n2 * r2) / (den * w);
    means.whiteSignal += (share * n2 * r2) / (den * w * w);
    means.inverse += share / w;
  }
  const fluxScale = means.signal / (width * height);
  const size = Math.max(sciencePsf.width, templatePsf.width);
  const score = squareKernel(scoreScience, 2 * size + 1);
  const difference = squareKernel(differenceScience, 2 * size + 1);
  return {
    scoreScience,
    scoreTemplate,
    differenceScience,
    differenceTemplate,
    scoreScienceSquared: score.squared,
    scoreTemplateSquared: squareInImage(scoreTemplate),
    differenceScienceSquared: difference.squared,
    differenceTemplateSquared: squareInImage(differenceTemplate),
    fluxScale,
    skyScale: 1 / (total * noiseAtZero),
    scoreVarianceFactor: means.signal / means.whiteSignal,
    differenceVarianceFactor: (width * height) / means.inverse,
    differencePsf: extractStamp(irfft2(psf), size),
    differencePsfSize: size,
    scienceScoreKernel: score.kernel,
    scienceDifferenceKernel: difference.kernel,
  };
}
