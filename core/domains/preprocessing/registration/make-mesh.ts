import type { ResampleMesh } from '../../../kernels/index.ts';
import type { PixelMap } from '../model.ts';
import { mapPixels, type PixelPositions } from './map-pixels.ts';

/** Part of an output grid: `width` x `height` pixels, `spacing` science pixels apart, from (x0, y0). */
export interface OutputGrid {
  readonly x0: number;
  readonly y0: number;
  readonly spacing: number;
  readonly width: number;
  readonly height: number;
}

const LEAST_STEP_PX = 4;

/**
 * Evaluate a map on nodes, fine enough to be interpolated linearly between them.
 *
 * The step is halved until the map at the middles of 16 x 16 of the cells is within `errorPx` of the mean of their
 * corners.
 */
export function makeMesh(map: PixelMap, grid: OutputGrid, stepPx: number, errorPx: number): ResampleMesh {
  for (let step = stepPx; ; step = Math.max(LEAST_STEP_PX, step / 2)) {
    const mesh = evaluateMesh(map, grid, step);
    if (step <= LEAST_STEP_PX || interpolationError(map, grid, mesh) <= errorPx) return mesh;
  }
}

function evaluateMesh(map: PixelMap, grid: OutputGrid, stepPx: number): ResampleMesh {
  const columns = Math.ceil((grid.width - 1) / stepPx) + 1;
  const rows = Math.ceil((grid.height - 1) / stepPx) + 1;
  const nodes = place(grid, columns * rows, (k) => [
    (k % columns) * stepPx,
    Math.floor(k / columns) * stepPx,
  ]);
  return { stepPx, columns, rows, ...mapPixels(map, nodes.x, nodes.y) };
}

function interpolationError(
  map: PixelMap,
  grid: OutputGrid,
  { stepPx, columns, rows, x, y }: ResampleMesh,
): number {
  const across = Math.min(16, columns - 1);
  const down = Math.min(16, rows - 1);
  if (across === 0 || down === 0) return 0;
  const cellOf = (k: number): [number, number] => [
    Math.floor(((k % across) * (columns - 1)) / across),
    Math.floor((Math.floor(k / across) * (rows - 1)) / down),
  ];
  const middles = place(grid, across * down, (k) => {
    const [i, j] = cellOf(k);
    return [(i + 0.5) * stepPx, (j + 0.5) * stepPx];
  });
  const exact = mapPixels(map, middles.x, middles.y);
  let worst = 0;
  for (let k = 0; k < across * down; k++) {
    const [i, j] = cellOf(k);
    const at = j * columns + i;
    const mean = (values: Float64Array): number =>
      (values[at]! + values[at + 1]! + values[at + columns]! + values[at + columns + 1]!) / 4;
    const error = Math.hypot(exact.x[k]! - mean(x), exact.y[k]! - mean(y));
    if (error > worst) worst = error;
  }
  return worst;
}

/** Science-grid positions of output pixels given by number. */
function place(
  { x0, y0, spacing }: OutputGrid,
  count: number,
  at: (k: number) => readonly [number, number],
): PixelPositions {
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const [i, j] = at(k);
    x[k] = x0 + i * spacing;
    y[k] = y0 + j * spacing;
  }
  return { x, y };
}
