import { selectQuantile } from '../../../kernels/index.ts';
import type { Task, TaskContext, TaskRunner } from '../../../utils/index.ts';
import { type Box, copyPixels, type ImageSource, pixelsOf } from '../../observations/index.ts';
import type { Cell } from '../zogy/plan-tiles.ts';

/** Pixels that tell the sky of a cell: a quantile of so many is known to half a percent of the ranks. */
const SAMPLE = 10_000;

/** Two images on one grid. */
interface ImagePair {
  readonly science: ImageSource;
  readonly template: ImageSource;
}

/** Measures the sky of cells on a thread. */
export const measureCellsTask: Task<ImagePair & { readonly boxes: readonly Box[] }, readonly Cell[]> = {
  name: 'differencing.measure-cells',
  run: ({ science, template, boxes }, context) =>
    boxes.map((box) => ({
      ...box,
      skyVariance: {
        science: measureSkyVariance(science, box, context),
        template: measureSkyVariance(template, box, context),
      },
    })),
};

/** Measure what the filters of each cell have to know of its sky, once and for all tiles. */
export function measureCells(
  boxes: readonly Box[],
  { science, template }: ImagePair,
  runner: TaskRunner,
  context: TaskContext,
): Promise<readonly Cell[]> {
  return runner.run(
    measureCellsTask,
    { science: pixelsOf(science), template: pixelsOf(template), boxes },
    context,
  );
}

/**
 * Give the variance of the sky in a part of an image, its own e-^2: the 30th percentile of the good pixels' variances, because
 * sources only raise it; of all pixels where none is good.
 */
export function measureSkyVariance(
  { variance, mask }: Pick<ImageSource, 'variance' | 'mask'>,
  { x, y, width, height }: Box,
  { readFile }: TaskContext = {},
): number {
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / SAMPLE)));
  const values = new Float32Array(width);
  const bits = new Uint16Array(width);
  const most = Math.ceil(height / step) * Math.ceil(width / step);
  const [good, all] = [new Float32Array(most), new Float32Array(most)];
  let [found, seen] = [0, 0];
  for (let row = 0; row < height; row += step) {
    copyPixels(variance, x, y + row, width, values, 0, readFile);
    copyPixels(mask, x, y + row, width, bits, 0, readFile);
    // Rows begin at other columns each, so that no pattern of columns is met or missed.
    for (let k = (row * 7) % step; k < width; k += step) {
      all[seen++] = values[k];
      if (bits[k] === 0) good[found++] = values[k];
    }
  }
  return selectQuantile(found > 0 ? good.subarray(0, found) : all.subarray(0, seen), 0.3);
}
