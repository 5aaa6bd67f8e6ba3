import {
  addProductSpectra,
  irfft2,
  multiplySpectra,
  type Plane,
  rfft2,
  type Spectrum,
} from '../../../kernels/index.ts';
import { makeFilters, type ZogyFilters } from './make-filters.ts';
import type { NoiseCorrelation } from './measure-correlation.ts';

/** Two images on one flux scale; nothing in them is masked or undefined any more. */
export interface ZogyInput {
  /** e-; sizes that `rfft2` takes. */
  readonly science: Plane;
  readonly template: Plane;
  /** e-^2 */
  readonly scienceVariance: Plane;
  readonly templateVariance: Plane;
  /** Unit sum, odd, centred. */
  readonly sciencePsf: Plane;
  readonly templatePsf: Plane;
  /** Background noise per pixel, white, e-. */
  readonly scienceSigma: number;
  readonly templateSigma: number;
  /** Correlation of the difference's noise; absent where it is white. */
  readonly correlation?: NoiseCorrelation | undefined;
  /** How far the template is moved first, px. */
  readonly shiftX: number;
  readonly shiftY: number;
}

export interface ZogyOutput {
  /** D / F_D: the whitened difference on the flux scale of the images, e-, and its variance, e-^2. */
  readonly difference: Plane;
  readonly variance: Plane;
  /** S_n and S_r, whose difference is the score before its noise is divided out. */
  readonly scoreScience: Plane;
  readonly scoreTemplate: Plane;
  /** V(S_n) + V(S_r) */
  readonly scoreVariance: Plane;
  readonly filters: ZogyFilters;
}

/**
 * Subtract two images with ZOGY; the transforms are circular, so borders are the caller's affair.
 *
 * Ten forward and ten inverse real transforms, eleven of the twenty for the filters.
 *
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 13-17 and 25-29
 */
export function runZogy(input: ZogyInput): ZogyOutput {
  const filters = makeFilters(
    input.sciencePsf,
    input.templatePsf,
    input.scienceSigma,
    input.templateSigma,
    input.correlation,
    input.science.width,
    input.science.height,
  );
  const n = rfft2(input.science);
  const r = rfft2(input.template);
  if (input.shiftX !== 0 || input.shiftY !== 0) shiftSpectrum(r, input.shiftX, input.shiftY);
  const vn = rfft2(input.scienceVariance);
  const vr = rfft2(input.templateVariance);
  const variance = irfft2(
    addProductSpectra(vn, filters.differenceScienceSquared, vr, filters.differenceTemplateSquared, 1),
  );
  const scoreVariance = irfft2(
    addProductSpectra(vn, filters.scoreScienceSquared, vr, filters.scoreTemplateSquared, 1),
  );
  scalePlane(variance, filters.differenceVarianceFactor);
  scalePlane(scoreVariance, filters.scoreVarianceFactor);
  return {
    difference: irfft2(addProductSpectra(n, filters.differenceScience, r, filters.differenceTemplate, -1)),
    variance,
    scoreScience: irfft2(multiplySpectra(n, filters.scoreScience)),
    scoreTemplate: irfft2(multiplySpectra(r, filters.scoreTemplate)),
    scoreVariance,
    filters,
  };
}

function scalePlane(plane: Plane, factor: number): void {
  if (factor === 1) return;
  for (let k = 0; k < plane.data.length; k++) plane.data[k] *= factor;
}

/** Move an image by a fraction of a pixel, exactly for what its pixels resolve, by turning its spectrum's phases. */
function shiftSpectrum(spectrum: Spectrum, dx: number, dy: number): void {
  const { width, height, data } = spectrum;
  const columns = width / 2 + 1;
  for (let row = 0; row < height; row++) {
    const fy = (row <= height / 2 ? row : row - height) / height;
    for (let column = 0; column < columns; column++) {
      const angle = -2 * Math.PI * ((column / width) * dx + fy * dy);
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      const k = (row * columns + column) * 2;
      const re = data[k];
      const im = data[k + 1];
      data[k] = re * cos - im * sin;
      data[k + 1] = re * sin + im * cos;
    }
  }
}
