import {
  type Arena,
  addProductSpectra,
  irfft2,
  makePlane,
  multiplySpectra,
  type Plane,
  rfft2,
  rfft2OfStamp,
  withArena,
} from '../../../kernels/index.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import type { FilteredTile } from '../tiles/finish-tile.ts';
import type { PreparedTile } from '../tiles/prepare-tile.ts';
import type { TileInput } from '../tiles/subtracted-tile.ts';
import { convolveTile } from './convolve-tile.ts';
import { type KernelFilters, makeKernelFilters } from './make-kernel-filters.ts';
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
 * @param plane makes the planes of the result, for example an arena's.
 * @see Reiss & Lupton 2016, DMTN-021, eq. 1-2; here the kernel's sum counts: a convolved image is as noisy as it is bright
 */
export function filterWithKernel(
  input: TileInput,
  prepared: PreparedTile,
  kernel: MatchingKernel,
  plane: Arena['plane'] = makePlane,
): FilteredTile<Plane> {
  const { loaded, xMid, yMid } = prepared;
  const { width, height } = loaded;
  const convolvesTemplate = kernel.convolved === 'template';
  const psfSize = Math.max(input.sciencePsf.size, input.templatePsf.size);
  const filters = makeKernelFilters(
    {
      sciencePsf: evaluatePsf(input.sciencePsf, xMid, yMid),
      kernel: evaluateKernel(kernel, xMid, yMid),
      convolvesTemplate,
      sky: prepared.sky,
      correlation: input.correlation,
      psfSize,
    },
    width,
    height,
  );
  const scoreOfScience = convolvesTemplate ? filters.score : filters.scoreOfConvolved;
  const whiteningOfScience = convolvesTemplate ? filters.whitening : filters.whiteningOfConvolved;
  const responseSize = Math.min(2 * psfSize + 1, scoreOfScience.width);
  const output: FilteredTile<Plane> = {
    difference: plane(width, height),
    variance: plane(width, height),
    scoreScience: plane(width, height),
    scoreTemplate: plane(width, height),
    scoreVariance: plane(width, height),
    filters: {
      fluxScale: filters.fluxScale,
      skyScale: filters.skyScale,
      differencePsf: filters.differencePsf,
      differencePsfSize: psfSize,
      scienceScoreKernel: cutMiddle(scoreOfScience, responseSize),
      scienceDifferenceKernel: cutMiddle(whiteningOfScience, responseSize),
      scoreVarianceFactor: filters.scoreVarianceFactor,
      differenceVarianceFactor: filters.differenceVarianceFactor,
    },
  };
  subtract(input, prepared, kernel, filters, output);
  propagateVariance(prepared, convolvesTemplate, filters, output);
  return output;
}

/** Difference and both halves of the score. */
function subtract(
  { tile }: TileInput,
  { loaded }: PreparedTile,
  kernel: MatchingKernel,
  filters: KernelFilters,
  output: FilteredTile<Plane>,
): void {
  const { width, height } = loaded;
  const convolvesTemplate = kernel.convolved === 'template';
  withArena((arena) => {
    const sum = arena.plane(width, height);
    convolveTile(
      convolvesTemplate ? loaded.template : loaded.science,
      kernel,
      tile.x - loaded.offsetX,
      tile.y - loaded.offsetY,
      sum,
    );
    const convolved = rfft2(sum, arena.spectrum(width, height));
    const plain = rfft2(convolvesTemplate ? loaded.science : loaded.template, arena.spectrum(width, height));
    const [n, r] = convolvesTemplate ? [plain, convolved] : [convolved, plain];
    const filter = rfft2OfStamp(filters.whitening, width, height, arena.spectrum(width, height));
    irfft2(addProductSpectra(n, filter, r, filter, -1, filter), output.difference);
    rfft2OfStamp(filters.score, width, height, filter);
    irfft2(multiplySpectra(n, filter, n), output.scoreScience);
    irfft2(multiplySpectra(r, filter, r), output.scoreTemplate);
  });
}

/** Variances of difference and score: those of the original images through the squared kernels. */
function propagateVariance(
  { loaded }: PreparedTile,
  convolvesTemplate: boolean,
  filters: KernelFilters,
  output: FilteredTile<Plane>,
): void {
  const { width, height, scienceVariance, templateVariance } = loaded;
  withArena((arena) => {
    const spectrum = () => arena.spectrum(width, height);
    const plain = rfft2(convolvesTemplate ? scienceVariance : templateVariance, spectrum());
    const convolved = rfft2(convolvesTemplate ? templateVariance : scienceVariance, spectrum());
    const forPlain = spectrum();
    const forConvolved = spectrum();
    const through = (kernel: Plane, kernelOfConvolved: Plane, factor: number, variance: Plane) => {
      rfft2OfStamp(squared(kernel, factor), width, height, forPlain);
      rfft2OfStamp(squared(kernelOfConvolved, factor), width, height, forConvolved);
      irfft2(addProductSpectra(plain, forPlain, convolved, forConvolved, 1, forPlain), variance);
    };
    through(filters.score, filters.scoreOfConvolved, filters.scoreVarianceFactor, output.scoreVariance);
    through(
      filters.whitening,
      filters.whiteningOfConvolved,
      filters.differenceVarianceFactor,
      output.variance,
    );
  });
}

function squared(stamp: Plane, factor: number): Plane {
  return { ...stamp, data: stamp.data.map((value) => factor * value * value) };
}

function cutMiddle(stamp: Plane, size: number): Plane {
  const margin = (stamp.width - size) / 2;
  const middle = makePlane(size, size);
  for (let j = 0; j < size; j++) {
    const from = (margin + j) * stamp.width + margin;
    middle.data.set(stamp.data.subarray(from, from + size), j * size);
  }
  return middle;
}
