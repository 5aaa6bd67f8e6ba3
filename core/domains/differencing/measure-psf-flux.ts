import type { Task } from '../../utils/index.ts';
import { type MaskedImage, UNUSABLE } from '../observations/index.ts';
import type { SpatialPsf } from './model.ts';
import { evaluatePsf } from './psf/evaluate-psf.ts';
import { shiftStamp } from './psf/shift-stamp.ts';

/** A PSF flux at a fixed position. */
export interface PsfFlux {
  /** e-; NaN where no usable pixel is within reach. */
  readonly fluxE: number;
  readonly fluxErrE: number;
  /** Chi^2 per pixel of the fit. */
  readonly chi2: number;
}

/** The PSF is fitted within this radius: beyond it there is more sky than star. */
const FIT_RADIUS_FWHM = 1.5;

/**
 * Measure the flux of a point source at each of many fixed positions.
 *
 * f = sum(P d / V) / sum(P^2 / V) over usable pixels, with error 1 / sqrt(sum(P^2 / V)); neighbours are not modelled.
 *
 * @param positions zero-based pixels of the image.
 */
export function measurePsfFlux(
  image: MaskedImage,
  psf: SpatialPsf,
  positions: readonly { readonly xPx: number; readonly yPx: number }[],
): PsfFlux[] {
  const { science, variance, mask } = image;
  const half = (psf.size - 1) / 2;
  const radius = Math.min(half, FIT_RADIUS_FWHM * psf.fwhmPx);
  const shifted = new Float64Array(psf.size * psf.size);
  return positions.map(({ xPx, yPx }) => {
    const x0 = Math.round(xPx);
    const y0 = Math.round(yPx);
    shiftStamp(evaluatePsf(psf, xPx, yPx).data, psf.size, xPx - x0, yPx - y0, shifted);
    let weightedData = 0;
    let weight = 0;
    let dataSquared = 0;
    let pixels = 0;
    for (let j = -half; j <= half; j++) {
      const y = y0 + j;
      if (y < 0 || y >= science.height) continue;
      for (let i = -half; i <= half; i++) {
        const x = x0 + i;
        if (x < 0 || x >= science.width || Math.hypot(x - xPx, y - yPx) > radius) continue;
        const at = y * science.width + x;
        if ((mask.data[at]! & UNUSABLE) !== 0) continue;
        const p = shifted[(j + half) * psf.size + i + half]!;
        const d = science.data[at]!;
        const v = variance.data[at]!;
        weightedData += (p * d) / v;
        weight += (p * p) / v;
        dataSquared += (d * d) / v;
        pixels++;
      }
    }
    if (!(weight > 0)) return { fluxE: Number.NaN, fluxErrE: Number.NaN, chi2: Number.NaN };
    const fluxE = weightedData / weight;
    const chi2 = (dataSquared - fluxE * weightedData) / Math.max(1, pixels - 1);
    return { fluxE, fluxErrE: 1 / Math.sqrt(weight), chi2 };
  });
}

/** `measurePsfFlux` as a task for a thread. */
export const measurePsfFluxTask: Task<
  {
    readonly image: MaskedImage;
    readonly psf: SpatialPsf;
    readonly positions: readonly { readonly xPx: number; readonly yPx: number }[];
  },
  readonly PsfFlux[]
> = {
  name: 'differencing.measure-psf-flux',
  run: ({ image, psf, positions }) => measurePsfFlux(image, psf, positions),
};
