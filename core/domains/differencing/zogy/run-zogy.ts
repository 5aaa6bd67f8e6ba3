import {
  type Arena,
  addProductSpectra,
  irfft2,
  makePlane,
  multiplySpectra,
  type Plane,
  rfft2,
  rfft2OfStamp,
  turnPhases,
  withArena,
} from '../../../kernels/index.ts';
import {
  type FilterInput,
  type FilterSummary,
  kernelGrid,
  makeFilters,
  summariseFilters,
} from './make-filters.ts';

/** Two images on one flux scale; nothing in them is masked or undefined any more. */
export interface ZogyInput extends FilterInput {
  /** e-; sizes that `rfft2` takes. */
  readonly science: Plane;
  readonly template: Plane;
  /** e-^2 */
  readonly scienceVariance: Plane;
  readonly templateVariance: Plane;
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
  readonly filters: FilterSummary;
}

/**
 * Subtract two images with ZOGY; the transforms are circular, so borders are the caller's affair.
 *
 * Four forward and five inverse real transforms of the images; those for the filters are of small stamps.
 *
 * @param plane makes the planes of the result, for example an arena's.
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 13-17 and 25-29
 */
export function runZogy(input: ZogyInput, plane: Arena['plane'] = makePlane): ZogyOutput {
  const { width, height } = input.science;
  const filters = summariseFilters(input, kernelGrid(input, width, height));
  const output: ZogyOutput = {
    difference: plane(width, height),
    variance: plane(width, height),
    scoreScience: plane(width, height),
    scoreTemplate: plane(width, height),
    scoreVariance: plane(width, height),
    filters,
  };
  subtract(input, output);
  propagateVariance(input, output);
  return output;
}

/** Difference and both halves of the score. */
function subtract(input: ZogyInput, output: ZogyOutput): void {
  const { width, height } = input.science;
  withArena((arena) => {
    const filters = makeFilters(arena, input, width, height);
    const n = rfft2(input.science, arena.spectrum(width, height));
    const r = rfft2(input.template, arena.spectrum(width, height));
    if (input.shiftX !== 0 || input.shiftY !== 0) turnPhases(r, input.shiftX, input.shiftY);
    const { differenceScience, differenceTemplate } = filters;
    irfft2(
      addProductSpectra(n, differenceScience, r, differenceTemplate, -1, differenceScience),
      output.difference,
    );
    irfft2(multiplySpectra(n, filters.scoreScience, n), output.scoreScience);
    irfft2(multiplySpectra(r, filters.scoreTemplate, r), output.scoreTemplate);
  });
}

/** Variances of difference and score: those of the images through the squared kernels. */
function propagateVariance(input: ZogyInput, output: ZogyOutput): void {
  const { width, height } = input.science;
  const { squaredKernels, scoreVarianceFactor, differenceVarianceFactor } = output.filters;
  withArena((arena) => {
    const spectrum = () => arena.spectrum(width, height);
    const vn = rfft2(input.scienceVariance, spectrum());
    const vr = rfft2(input.templateVariance, spectrum());
    const forScience = spectrum();
    const forTemplate = spectrum();
    const through = (science: Plane, template: Plane, factor: number, variance: Plane) => {
      rfft2OfStamp(scaled(science, factor), width, height, forScience);
      rfft2OfStamp(scaled(template, factor), width, height, forTemplate);
      irfft2(addProductSpectra(vn, forScience, vr, forTemplate, 1, forScience), variance);
    };
    through(
      squaredKernels.scoreScience,
      squaredKernels.scoreTemplate,
      scoreVarianceFactor,
      output.scoreVariance,
    );
    through(
      squaredKernels.differenceScience,
      squaredKernels.differenceTemplate,
      differenceVarianceFactor,
      output.variance,
    );
  });
}

function scaled(stamp: Plane, factor: number): Plane {
  return factor === 1 ? stamp : { ...stamp, data: stamp.data.map((value) => value * factor) };
}
