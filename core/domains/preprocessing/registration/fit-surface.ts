import type { SplineSurface } from '../model.ts';
import type { Correspondences } from './fit-plane.ts';
import { solveNormalEquations } from './solve-normal-equations.ts';

/** The rectangle and mesh of a surface. */
export type SurfaceGrid = Omit<SplineSurface, 'xCoefficients' | 'yCoefficients'>;

/** Lay a mesh of square cells over points, `cells` of them along the longer side. */
export function layGrid({ x, y }: Correspondences, cells: number): SurfaceGrid {
  const [xMin, xMax, yMin, yMax] = [x, x, y, y].map((values, k) =>
    values.reduce((best, value) => (k % 2 === 0 ? Math.min(best, value) : Math.max(best, value)), values[0]!),
  ) as [number, number, number, number];
  const stepPx = Math.max(1, xMax - xMin, yMax - yMin) / cells;
  const count = (side: number): number => Math.max(1, Math.ceil(side / stepPx - 1e-9)) + 3;
  return { xPx: xMin, yPx: yMin, stepPx, columns: count(xMax - xMin), rows: count(yMax - yMin) };
}

/**
 * Fit a smooth surface to offsets by penalised least squares.
 *
 * The penalty is on second differences of the coefficients along rows and columns: with `bendPx` it says how much the
 * surface is expected to bend from one cell to the next, so that stars decide where there are many, and where there
 * are none the surface goes on straight.
 *
 * @param weights one over the variance of each point, px^-2; 0 leaves it out.
 * @see Eilers & Marx 1996, Statistical Science 11, 89 (P-splines)
 */
export function fitSurface(
  { x, y, u, v }: Correspondences,
  weights: Float64Array,
  grid: SurfaceGrid,
  bendPx: number,
): SplineSurface | undefined {
  const { columns, rows } = grid;
  const n = columns * rows;
  const matrix = new Float64Array(n * n);
  const rights = [new Float64Array(n), new Float64Array(n)] as const;
  const places = new Int32Array(16);
  const values = new Float64Array(16);
  for (let k = 0; k < x.length; k++) {
    const weight = weights[k]!;
    if (!(weight > 0)) continue;
    fillSplines(grid, x[k]!, y[k]!, places, values);
    for (let a = 0; a < 16; a++) {
      const weighted = weight * values[a]!;
      rights[0][places[a]!]! += weighted * u[k]!;
      rights[1][places[a]!]! += weighted * v[k]!;
      // Places ascend: the lower triangle.
      for (let b = 0; b <= a; b++) matrix[places[a]! * n + places[b]!]! += weighted * values[b]!;
    }
  }
  const penalty = 1 / (bendPx * bendPx);
  const bend = (p: number, q: number, r: number): void => {
    const triple = [p, q, r];
    const factors = [1, -2, 1];
    for (let a = 0; a < 3; a++)
      for (let b = 0; b <= a; b++)
        matrix[triple[a]! * n + triple[b]!]! += penalty * factors[a]! * factors[b]!;
  };
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      const at = j * columns + i;
      if (i + 2 < columns) bend(at, at + 1, at + 2);
      if (j + 2 < rows) bend(at, at + columns, at + 2 * columns);
      // A plane bends nowhere and where nothing was seen it is zero: the polynomial has it already.
      matrix[at * n + at]! += 1e-4 * penalty;
    }
  const solved = solveNormalEquations(matrix, n, rights, 3 * columns + 3);
  return solved && { ...grid, xCoefficients: [...solved[0]!], yCoefficients: [...solved[1]!] };
}

/** Add a surface's two values at each point to `u` and `v`. */
export function addSurface(
  surface: SplineSurface,
  x: Float64Array,
  y: Float64Array,
  u: Float64Array,
  v: Float64Array,
): void {
  const places = new Int32Array(16);
  const values = new Float64Array(16);
  for (let k = 0; k < x.length; k++) {
    fillSplines(surface, x[k]!, y[k]!, places, values);
    for (let a = 0; a < 16; a++) {
      u[k]! += values[a]! * surface.xCoefficients[places[a]!]!;
      v[k]! += values[a]! * surface.yCoefficients[places[a]!]!;
    }
  }
}

/** The sixteen splines that are not zero at a point, and their values. */
function fillSplines(
  { xPx, yPx, stepPx, columns, rows }: SurfaceGrid,
  x: number,
  y: number,
  places: Int32Array,
  values: Float64Array,
): void {
  // A coordinate that is no number stays none.
  const s = Math.min(Math.max((x - xPx) / stepPx, 0), columns - 3);
  const t = Math.min(Math.max((y - yPx) / stepPx, 0), rows - 3);
  const i = Math.min(Math.floor(s), columns - 4);
  const j = Math.min(Math.floor(t), rows - 4);
  const along = cubicSplines(s - i);
  const down = cubicSplines(t - j);
  for (let b = 0; b < 4; b++)
    for (let a = 0; a < 4; a++) {
      places[4 * b + a] = (j + b) * columns + i + a;
      values[4 * b + a] = along[a]! * down[b]!;
    }
}

function cubicSplines(t: number): readonly [number, number, number, number] {
  const r = 1 - t;
  return [
    (r * r * r) / 6,
    (3 * t * t * t - 6 * t * t + 4) / 6,
    (3 * r * r * r - 6 * r * r + 4) / 6,
    (t * t * t) / 6,
  ];
}
