import { irfft2, makePlane, makeSpectrum, type Plane, rfft2, type Spectrum } from '../../../kernels/index.ts';

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
  /** Score of a point source of one electron (F_S). */
  readonly fluxScale: number;
  /** PSF of the difference image, (size, size), unit sum. */
  readonly differencePsf: Float64Array;
  readonly differencePsfSize: number;
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
 * @param width, height of the tile, sizes that `rfft2` takes and larger than the stamps.
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 13-14 (difference), 28-29 (k_n, k_r), 41-43 (F_S)
 */
export function makeFilters(
  sciencePsf: Plane,
  templatePsf: Plane,
  scienceSigma: number,
  templateSigma: number,
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
  const vn = scienceSigma ** 2;
  const vr = templateSigma ** 2;
  const total = vn + vr;
  const rowLength = width + 2;
  const floor2 = PSF_FLOOR * PSF_FLOOR;
  let scale = 0;
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
    scoreScience.data[k] = (nRe * r2) / den;
    scoreScience.data[k + 1] = (-nIm * r2) / den;
    scoreTemplate.data[k] = (rRe * n2) / den;
    scoreTemplate.data[k + 1] = (-rIm * n2) / den;
    const whitening = Math.sqrt(total / den);
    differenceScience.data[k] = rRe * whitening;
    differenceScience.data[k + 1] = rIm * whitening;
    differenceTemplate.data[k] = nRe * whitening;
    differenceTemplate.data[k + 1] = nIm * whitening;
    psf.data[k] = (nRe * rRe - nIm * rIm) * whitening;
    psf.data[k + 1] = (nRe * rIm + nIm * rRe) * whitening;
    // Columns 0 and width / 2 stand for themselves, all others also for their mirror.
    const column = (k % rowLength) / 2;
    scale += ((column === 0 || column === width / 2 ? 1 : 2) * n2 * r2) / den;
  }
  const size = Math.max(sciencePsf.width, templatePsf.width);
  return {
    scoreScience,
    scoreTemplate,
    differenceScience,
    differenceTemplate,
    scoreScienceSquared: squareInImage(scoreScience),
    scoreTemplateSquared: squareInImage(scoreTemplate),
    differenceScienceSquared: squareInImage(differenceScience),
    differenceTemplateSquared: squareInImage(differenceTemplate),
    fluxScale: scale / (width * height),
    differencePsf: extractStamp(irfft2(psf), size),
    differencePsfSize: size,
  };
}

/** Put a stamp into an empty plane with its middle at pixel (0, 0), wrapped around: the origin of the transform. */
export function embedStamp(stamp: Plane, width: number, height: number): Plane {
  const plane = makePlane(width, height);
  const halfX = (stamp.width - 1) / 2;
  const halfY = (stamp.height - 1) / 2;
  for (let j = 0; j < stamp.height; j++) {
    const y = (j - halfY + height) % height;
    for (let i = 0; i < stamp.width; i++) {
      plane.data[y * width + ((i - halfX + width) % width)] = stamp.data[j * stamp.width + i];
    }
  }
  return plane;
}

function extractStamp(plane: Plane, size: number): Float64Array {
  const half = (size - 1) / 2;
  const stamp = new Float64Array(size * size);
  let sum = 0;
  for (let j = 0; j < size; j++) {
    const y = (j - half + plane.height) % plane.height;
    for (let i = 0; i < size; i++) {
      const value = plane.data[y * plane.width + ((i - half + plane.width) % plane.width)];
      stamp[j * size + i] = value;
      sum += value;
    }
  }
  return stamp.map((value) => value / sum);
}

function squareInImage(spectrum: Spectrum): Spectrum {
  const kernel = irfft2(spectrum);
  for (let k = 0; k < kernel.data.length; k++) kernel.data[k] *= kernel.data[k];
  return rfft2(kernel);
}
