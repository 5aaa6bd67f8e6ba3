import { allocate, floatsAt, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { FilterOptions } from './make-filters.ts';
import { prepareTransform, type Transform } from './plan-transform.ts';
import type { Plane } from './plane.ts';
import { requireSameSize } from './run-bands.ts';
import {
  allocateBlocks,
  BLOCK_COLUMNS,
  blockBytes,
  forBlocks,
  placeStampRows,
  transformRows,
  transformRowsBack,
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
  readonly difference: Plane;
  /** The images through their filters of the score. */
  readonly scoreScience: Plane;
  readonly scoreTemplate: Plane;
}

/**
 * Filter two images and subtract them; circular.
 *
 * As `rfft2`, `makeSubtractionFilters`, products and `irfft2` one after the other, to the bit; but sixteen columns at a time
 * go through all of it while they lie in the second-level cache, so that filters and spectra are never written out.
 *
 * @throws RangeError for sizes that differ or that transforms do not take.
 */
export function subtractPlanes(images: PlanePair, subtraction: Subtraction, out: SubtractedPlanes): void {
  const { width, height } = images.science;
  const outputs = [out.difference, out.scoreScience, out.scoreTemplate];
  for (const plane of [images.template, ...outputs]) requireSameSize(images.science, plane);
  const { profiles, correlation, shiftX, shiftY } = subtraction;
  withArena(() => {
    const module = kernelModule();
    const transform = prepareTransform(width, height);
    const [n, r, d] = [1, 2, 3].map(() => allocateBlocks(transform)) as [number, number, number];
    const stamps = [profiles.science, profiles.template, ...(correlation ? [correlation] : [])].map(
      (stamp) => ({
        rows: transformStampRows(stamp, transform),
        block: allocate(blockBytes(height)),
      }),
    );
    const turns = shiftX === 0 && shiftY === 0 ? undefined : placeShift(transform, shiftX, shiftY);
    transformRows(images.science, transform, n);
    transformRows(images.template, transform, r);
    const [pn, pr, noise] = stamps.map(({ block }) => block) as [number, number, number | undefined];
    forBlocks(transform, (offset, first, columns) => {
      for (const { rows, block } of stamps) placeStampRows(rows, first, height, block);
      for (const block of [pn, pr, noise, n + offset, r + offset]) {
        if (block !== undefined) transformBlock(block, columns, transform, 0);
      }
      if (turns) module.turnBlock(r + offset, height, columns, turns.columns + first * 8, turns.rows);
      module.subtractBlock(
        pn,
        pr,
        noise ?? 0,
        subtraction.leastPower,
        subtraction.scienceVariance,
        subtraction.templateVariance,
        subtraction.floor,
        subtraction.scale,
        n + offset,
        r + offset,
        d + offset,
        height,
        columns,
      );
      for (const blocks of [n, r, d]) transformBlock(blocks + offset, columns, transform, 1);
    });
    transformRowsBack(n, transform, out.scoreScience);
    transformRowsBack(r, transform, out.scoreTemplate);
    transformRowsBack(d, transform, out.difference);
  });
}

/** Kernels by which both images' variances become one, odd stamps, centred; and where that goes. */
export interface VarianceKernels extends PlanePair {
  readonly out: Plane;
}

/**
 * Convolve the variances of two images with kernels and add them up, for two pairs of kernels; circular.
 *
 * Sixteen columns at a time, as in `subtractPlanes`.
 *
 * @throws RangeError for sizes that differ or that transforms do not take.
 */
export function spreadVariances(
  variances: PlanePair,
  kernels: readonly [VarianceKernels, VarianceKernels],
): void {
  const { width, height } = variances.science;
  for (const plane of [variances.template, ...kernels.map(({ out }) => out)]) {
    requireSameSize(variances.science, plane);
  }
  withArena(() => {
    const module = kernelModule();
    const transform = prepareTransform(width, height);
    const [n, r, first] = [1, 2, 3].map(() => allocateBlocks(transform)) as [number, number, number];
    const [science, template] = [allocate(blockBytes(height)), allocate(blockBytes(height))];
    const stamps = kernels.map((kernel) => ({
      science: transformStampRows(kernel.science, transform),
      template: transformStampRows(kernel.template, transform),
    }));
    transformRows(variances.science, transform, n);
    transformRows(variances.template, transform, r);
    forBlocks(transform, (offset, column, columns) => {
      transformBlock(n + offset, columns, transform, 0);
      transformBlock(r + offset, columns, transform, 0);
      // The second takes the place of the science image's variance, which is not needed after it.
      stamps.forEach((stamp, k) => {
        placeStampRows(stamp.science, column, height, science);
        placeStampRows(stamp.template, column, height, template);
        transformBlock(science, columns, transform, 0);
        transformBlock(template, columns, transform, 0);
        const to = (k === 0 ? first : n) + offset;
        module.addProducts(n + offset, science, r + offset, template, 1, to, height * BLOCK_COLUMNS);
        transformBlock(to, columns, transform, 1);
      });
    });
    transformRowsBack(first, transform, kernels[0].out);
    transformRowsBack(n, transform, kernels[1].out);
  });
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
