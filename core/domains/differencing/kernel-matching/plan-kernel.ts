import type { MeasuredPair } from '../engine.ts';

/** What is decided of a kernel before it is fitted. */
export interface KernelPlan {
  readonly convolved: 'science' | 'template';
  /** Gaussian sigma of what the sharper profile lacks, px; 0 where nothing is lacking. */
  readonly matchSigmaPx: number;
  /** FWHM of the broader image, px. */
  readonly broadFwhmPx: number;
  /** Half side of the star cutouts that the kernel is fitted on, px. */
  readonly stampHalfPx: number;
}

/** Stars are compared out to so many FWHM of the broader image. */
const STAMP_FWHM = 3;
const SIGMA_FWHM = 2.3548;

/**
 * Decide which image is convolved: the sharper one, for a kernel that sharpens rings and lifts the noise.
 *
 * @see Alard & Lupton 1998, ApJ 503, 325, section 2.3: the kernel's width is what the sharper image lacks
 */
export function planKernel(pair: MeasuredPair): KernelPlan {
  const science = pair.sciencePsf.fwhmPx / SIGMA_FWHM;
  const template = pair.templatePsf.fwhmPx / SIGMA_FWHM;
  const broadFwhmPx = SIGMA_FWHM * Math.max(science, template);
  return {
    convolved: science < template ? 'science' : 'template',
    matchSigmaPx: Math.sqrt(Math.abs(science ** 2 - template ** 2)),
    broadFwhmPx,
    stampHalfPx: Math.max(8, Math.ceil(STAMP_FWHM * broadFwhmPx)),
  };
}

/** Give the degree, at most the wanted one, for which there are eight stamps for each term. */
export function affordableDegree(wanted: number, stamps: number): number {
  let degree = Math.min(2, Math.max(0, Math.round(wanted)));
  while (degree > 0 && stamps < 4 * (degree + 1) * (degree + 2)) degree--;
  return degree;
}
