import {
  type LatentPlane,
  makePlane,
  type Plane,
  spreadVariances,
  subtractPlanes,
  takeRows,
  withArena,
} from '../../../kernels/index.ts';
import { type FilterInput, makeZogyFilters, type ZogyFilters } from './make-filters.ts';

/** Two images on one flux scale; nothing in them is masked or undefined any more. */
export interface ZogyInput extends FilterInput {
  /** e-; sizes that `rfft2` takes. */
  readonly science: Plane;
  readonly template: Plane;
  /** e-^2 */
  readonly scienceVariance: Plane;
  readonly templateVariance: Plane;
}

/** What ZOGY makes of two images. */
export interface ZogyOutput<Kind extends Plane | LatentPlane = Plane> {
  /** D / F_D: the whitened difference on the flux scale of the images, e-, and its variance, e-^2. */
  readonly difference: Kind;
  readonly variance: Kind;
  /** S_n and S_r, whose difference is the score before its noise is divided out. */
  readonly scoreScience: Kind;
  readonly scoreTemplate: Kind;
  /** V(S_n) + V(S_r) */
  readonly scoreVariance: Kind;
  readonly filters: ZogyFilters;
}

/** Subtract two images with ZOGY, all of them. */
export function runZogy(input: ZogyInput): ZogyOutput {
  return withArena(() => {
    const { filters, ...latent } = filterImages(input);
    const develop = (from: LatentPlane): Plane => {
      const to = makePlane(from.width, from.height);
      takeRows(from, 0, from.height, to, 0);
      return to;
    };
    return {
      difference: develop(latent.difference),
      variance: develop(latent.variance),
      scoreScience: develop(latent.scoreScience),
      scoreTemplate: develop(latent.scoreTemplate),
      scoreVariance: develop(latent.scoreVariance),
      filters,
    };
  });
}

/**
 * Subtract two images with ZOGY up to the last step; the transforms are circular, so borders are the caller's affair.
 *
 * Four forward and five inverse real transforms of the images; those for the filters are of small stamps. To be called
 * within `withArena`, to whose memory the planes belong.
 *
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 13-17 and 25-29
 */
export function filterImages(input: ZogyInput): ZogyOutput<LatentPlane> {
  const { width, height } = input.science;
  const filters = makeZogyFilters(input, width, height);
  const subtracted = subtractPlanes(input, filters.kernels);
  const [scoreVariance, variance] = propagateVariance(input, filters);
  return { ...subtracted, scoreVariance, variance, filters };
}

/** Variances of score and difference: those of the images through the squared kernels. */
function propagateVariance(input: ZogyInput, filters: ZogyFilters) {
  const { kernels, scoreVarianceFactor, differenceVarianceFactor } = filters;
  return spreadVariances({ science: input.scienceVariance, template: input.templateVariance }, [
    {
      science: squared(kernels.scoreScience, scoreVarianceFactor),
      template: squared(kernels.scoreTemplate, scoreVarianceFactor),
    },
    {
      science: squared(kernels.differenceScience, differenceVarianceFactor),
      template: squared(kernels.differenceTemplate, differenceVarianceFactor),
    },
  ]);
}

function squared(stamp: Plane, factor: number): Plane {
  return { ...stamp, data: stamp.data.map((value) => factor * value * value) };
}
