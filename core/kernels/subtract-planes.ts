import { allocate, type TransformablePlane, withArena } from './arena.ts';
import { blockBytes } from './half-layout.ts';
import type { LatentPlane } from './latent-plane.ts';
import { kernelModule } from './load-module.ts';
import { prepareTransform, type Transform } from './plan-transform.ts';
import type { Plane } from './plane.ts';
import { requireSameSize } from './run-bands.ts';
import {
  allocateHalf,
  bytesTaken,
  forBlocks,
  putBlock,
  takeBlock,
  transformRows,
  transformStampBlock,
  transformStampRows,
} from './transform-blocks.ts';

/** Two images, or what belongs to each. */
export interface PlanePair {
  readonly science: Plane;
  readonly template: Plane;
}

/** Filters that subtract two images, as kernels: odd stamps, centred. */
export interface SubtractionKernels {
  readonly scoreScience: Plane;
  readonly scoreTemplate: Plane;
  readonly differenceScience: Plane;
  readonly differenceTemplate: Plane;
}

/** What becomes of two images through such kernels. */
export interface SubtractedPlanes {
  readonly difference: LatentPlane;
  /** The images through their filters of the score. */
  readonly scoreScience: LatentPlane;
  readonly scoreTemplate: LatentPlane;
}

/**
 * Convolve two images with kernels and subtract them; circular. To be called within `withArena`, to whose memory the result
 * belongs.
 *
 * Planes that are made to be transformed (`Arena.transformable`) are overwritten, which spares the memory of as many half
 * spectra. As `rfft2`, products and `irfft2` one after the other, to the bit; but sixteen columns at a time go through all
 * of it while they lie in the second-level cache, so that spectra are never written out.
 *
 * @throws RangeError for sizes that differ or that transforms do not take.
 */
export function subtractPlanes(images: PlanePair, kernels: SubtractionKernels): SubtractedPlanes {
  const { width, height } = images.science;
  requireSameSize(images.science, images.template);
  const transform = prepareTransform(width, height);
  const { science, template } = images;
  const halves = [
    placeHalf(science, transform),
    placeHalf(template, transform),
    allocateHalf(transform),
  ] as const;
  withArena(() => {
    const module = kernelModule();
    const room = () => allocate(blockBytes(height));
    const [n, r, d] = [room(), room(), room()];
    const [ofDifference, ofScore] = [
      [room(), room()],
      [room(), room()],
    ] as const;
    const scoreScience = transformStampRows(kernels.scoreScience, transform);
    const scoreTemplate = transformStampRows(kernels.scoreTemplate, transform);
    const differenceScience = transformStampRows(kernels.differenceScience, transform);
    const differenceTemplate = transformStampRows(kernels.differenceTemplate, transform);
    transformRows(images.science, transform, halves[0]);
    transformRows(images.template, transform, halves[1]);
    forBlocks(transform, (index, _, columns) => {
      takeBlock(halves[0], index, columns, transform, n);
      takeBlock(halves[1], index, columns, transform, r);
      transformStampBlock(differenceScience, index, columns, transform, ofDifference[0]);
      transformStampBlock(differenceTemplate, index, columns, transform, ofDifference[1]);
      transformStampBlock(scoreScience, index, columns, transform, ofScore[0]);
      transformStampBlock(scoreTemplate, index, columns, transform, ofScore[1]);
      module.subtractSpectra(n, r, ...ofDifference, ...ofScore, d, bytesTaken(columns, transform));
      [n, r, d].forEach((block, k) => {
        putBlock(block, halves[k]!, index, columns, transform);
      });
    });
  });
  const latent = (half: number): LatentPlane => ({ width, height, transform, half });
  return { scoreScience: latent(halves[0]), scoreTemplate: latent(halves[1]), difference: latent(halves[2]) };
}

/**
 * Convolve the variances of two images with kernels and add them up, for two pairs of kernels; circular.
 *
 * Sixteen columns at a time, as in `subtractPlanes`, and to be called as that is; it overwrites as that does.
 *
 * @param kernels by which both images' variances become one, odd stamps, centred.
 * @throws RangeError for sizes that differ or that transforms do not take.
 */
export function spreadVariances(
  variances: PlanePair,
  kernels: readonly [PlanePair, PlanePair],
): readonly [LatentPlane, LatentPlane] {
  const { width, height } = variances.science;
  requireSameSize(variances.science, variances.template);
  const transform = prepareTransform(width, height);
  const [first, second] = [placeHalf(variances.science, transform), placeHalf(variances.template, transform)];
  withArena(() => {
    const module = kernelModule();
    const room = () => allocate(blockBytes(height));
    const [n, r] = [room(), room()];
    const filters = [room(), room(), room(), room()] as const;
    const stamps = kernels.flatMap(({ science, template }) => [
      transformStampRows(science, transform),
      transformStampRows(template, transform),
    ]);
    transformRows(variances.science, transform, first);
    transformRows(variances.template, transform, second);
    forBlocks(transform, (index, _, columns) => {
      takeBlock(first, index, columns, transform, n);
      takeBlock(second, index, columns, transform, r);
      stamps.forEach((stamp, k) => {
        transformStampBlock(stamp, index, columns, transform, filters[k]!);
      });
      // The sums take the place of the images' variances, which are not needed any more.
      module.mixSpectra(n, r, ...filters, bytesTaken(columns, transform));
      putBlock(n, first, index, columns, transform);
      putBlock(r, second, index, columns, transform);
    });
  });
  const latent = (half: number): LatentPlane => ({ width, height, transform, half });
  return [latent(first), latent(second)];
}

/** Take room for a plane's half spectrum: its own where that is to be used so. */
function placeHalf(plane: Plane | TransformablePlane, transform: Transform): number {
  return 'half' in plane ? plane.half : allocateHalf(transform);
}
