import { allocate, floatsAt, withArena } from './arena.ts';
import type { LatentPlane } from './latent-plane.ts';
import { kernelModule } from './load-module.ts';
import type { FilterOptions } from './make-filters.ts';
import { prepareTransform, type Transform } from './plan-transform.ts';
import type { Plane } from './plane.ts';
import { requireSameSize } from './run-bands.ts';
import {
  allocateHalf,
  BLOCK_COLUMNS,
  blockBytes,
  forBlocks,
  loadBlock,
  storeBlock,
  transformRows,
  transformStampBlock,
  transformStampRows,
} from './transform-blocks.ts';

/** Two images, or what belongs to each. */
export interface PlanePair {
  readonly science: Plane;
  readonly template: Plane;
}

/** How two images are filtered and subtracted. */
export interface Subtraction extends Omit<FilterOptions, 'noise'> {
  /** Point-spread functions, odd stamps, centred. */
  readonly profiles: PlanePair;
  /** Correlation of the noise, an odd stamp, centred; absent for white noise. */
  readonly correlation?: Plane | undefined;
  /** How far the template is moved first, px. */
  readonly shiftX: number;
  readonly shiftY: number;
}

/** What becomes of two images, as the filters of `makeSubtractionFilters` make it. */
export interface SubtractedPlanes {
  readonly difference: LatentPlane;
  /** The images through their filters of the score. */
  readonly scoreScience: LatentPlane;
  readonly scoreTemplate: LatentPlane;
}

/**
 * Filter two images and subtract them; circular. To be called within `withArena`, to whose memory the result belongs.
 *
 * As `rfft2`, `makeSubtractionFilters`, products and `irfft2` one after the other, to the bit; but sixteen columns at a time
 * go through all of it while they lie in the second-level cache, so that filters and spectra are never written out.
 *
 * @throws RangeError for sizes that differ or that transforms do not take.
 */
export function subtractPlanes(images: PlanePair, subtraction: Subtraction): SubtractedPlanes {
  const { width, height } = images.science;
  requireSameSize(images.science, images.template);
  const { profiles, correlation, shiftX, shiftY } = subtraction;
  const transform = prepareTransform(width, height);
  const halves = [1, 2, 3].map(() => allocateHalf(transform)) as [number, number, number];
  withArena(() => {
    const module = kernelModule();
    const stamps = [profiles.science, profiles.template, ...(correlation ? [correlation] : [])].map(
      (stamp) => ({
        rows: transformStampRows(stamp, transform),
        block: allocate(blockBytes(height)),
      }),
    );
    const turns = shiftX === 0 && shiftY === 0 ? undefined : placeShift(transform, shiftX, shiftY);
    transformRows(images.science, transform, halves[0]);
    transformRows(images.template, transform, halves[1]);
    const [pn, pr, noise] = stamps.map(({ block }) => block) as [number, number, number | undefined];
    const blocks = halves.map(() => allocate(blockBytes(height))) as [number, number, number];
    const [n, r, d] = blocks;
    forBlocks(transform, (index, first, columns) => {
      for (const { rows, block } of stamps) transformStampBlock(rows, index, columns, transform, block);
      loadBlock(halves[0], index, transform, n);
      loadBlock(halves[1], index, transform, r);
      transformBlock(n, columns, transform, 0);
      transformBlock(r, columns, transform, 0);
      if (turns) module.turnBlock(r, height, columns, turns.columns + first * 8, turns.rows);
      module.subtractBlock(
        pn,
        pr,
        noise ?? 0,
        subtraction.leastPower,
        subtraction.scienceVariance,
        subtraction.templateVariance,
        subtraction.floor,
        subtraction.scale,
        n,
        r,
        d,
        height,
        columns,
      );
      blocks.forEach((block, k) => {
        transformBlock(block, columns, transform, 1);
        storeBlock(block, halves[k]!, index, transform);
      });
    });
  });
  const latent = (half: number): LatentPlane => ({ width, height, transform, half });
  return { scoreScience: latent(halves[0]), scoreTemplate: latent(halves[1]), difference: latent(halves[2]) };
}

/**
 * Convolve the variances of two images with kernels and add them up, for two pairs of kernels; circular.
 *
 * Sixteen columns at a time, as in `subtractPlanes`, and to be called as that is.
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
  const [first, second] = [allocateHalf(transform), allocateHalf(transform)];
  withArena(() => {
    const module = kernelModule();
    const room = () => allocate(blockBytes(height));
    const [n, r, science, template, sum] = [room(), room(), room(), room(), room()];
    const stamps = kernels.map((kernel) => ({
      science: transformStampRows(kernel.science, transform),
      template: transformStampRows(kernel.template, transform),
    }));
    transformRows(variances.science, transform, first);
    transformRows(variances.template, transform, second);
    forBlocks(transform, (index, _, columns) => {
      loadBlock(first, index, transform, n);
      loadBlock(second, index, transform, r);
      transformBlock(n, columns, transform, 0);
      transformBlock(r, columns, transform, 0);
      // The sums take the place of the images' variances, which are not needed any more.
      stamps.forEach((stamp, k) => {
        transformStampBlock(stamp.science, index, columns, transform, science);
        transformStampBlock(stamp.template, index, columns, transform, template);
        module.addProducts(n, science, r, template, 1, sum, height * BLOCK_COLUMNS);
        transformBlock(sum, columns, transform, 1);
        storeBlock(sum, k === 0 ? first : second, index, transform);
      });
    });
  });
  const latent = (half: number): LatentPlane => ({ width, height, transform, half });
  return [latent(first), latent(second)];
}

function transformBlock(block: number, columns: number, transform: Transform, inverse: 0 | 1): void {
  kernelModule().transformColumns(
    block,
    columns,
    transform.height,
    transform.columns,
    transform.work,
    inverse,
  );
}

/** Place the turns of all columns' and all rows' phases that move an image by (dx, dy) px. */
function placeShift({ width, height }: Transform, dx: number, dy: number): { columns: number; rows: number } {
  const count = Math.ceil((width / 2 + 1) / BLOCK_COLUMNS) * BLOCK_COLUMNS;
  const columns = allocate(count * 8);
  const rows = allocate(height * 8);
  writeTurns(floatsAt(columns, count * 2), dx, (column) => column / width);
  writeTurns(floatsAt(rows, height * 2), dy, (row) => (row <= height / 2 ? row : row - height) / height);
  return { columns, rows };
}

function writeTurns(turns: Float32Array, distance: number, frequency: (k: number) => number): void {
  for (let k = 0; k < turns.length / 2; k++) {
    const angle = -2 * Math.PI * frequency(k) * distance;
    turns[2 * k] = Math.cos(angle);
    turns[2 * k + 1] = Math.sin(angle);
  }
}
