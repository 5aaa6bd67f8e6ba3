import {
  type Arena,
  makePlane,
  type Plane,
  spreadVariances,
  subtractPlanes,
} from '../../../kernels/index.ts';
import {
  describeFilters,
  type FilterInput,
  type FilterSummary,
  kernelGrid,
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
  const { noise, ...options } = describeFilters(input);
  subtractPlanes(
    input,
    {
      ...options,
      profiles: { science: input.sciencePsf, template: input.templatePsf },
      correlation: noise,
      shiftX: input.shiftX,
      shiftY: input.shiftY,
    },
    output,
  );
}

/** Variances of difference and score: those of the images through the squared kernels. */
function propagateVariance(input: ZogyInput, output: ZogyOutput): void {
  const { squaredKernels, scoreVarianceFactor, differenceVarianceFactor } = output.filters;
  const { scoreScience, scoreTemplate, differenceScience, differenceTemplate } = squaredKernels;
  spreadVariances({ science: input.scienceVariance, template: input.templateVariance }, [
    {
      science: scaled(scoreScience, scoreVarianceFactor),
      template: scaled(scoreTemplate, scoreVarianceFactor),
      out: output.scoreVariance,
    },
    {
      science: scaled(differenceScience, differenceVarianceFactor),
      template: scaled(differenceTemplate, differenceVarianceFactor),
      out: output.variance,
    },
  ]);
}

function scaled(stamp: Plane, factor: number): Plane {
  return factor === 1 ? stamp : { ...stamp, data: stamp.data.map((value) => value * factor) };
}
