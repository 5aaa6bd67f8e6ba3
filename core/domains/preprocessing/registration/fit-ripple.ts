import type { PlaneMap } from '../model.ts';
import type { Fit } from './cross-validate-fits.ts';
import { createNearestFinder } from './find-nearest.ts';
import { type Correspondences, fitPlane } from './fit-plane.ts';
import { median, offsetsFrom, type Solve } from './fit-robustly.ts';
import { fitSurface, layGrid, type SurfaceGrid } from './fit-surface.ts';

/** Stars a cell of the mesh; fewer say little of it. */
const STARS_PER_CELL = 6;
const FEWEST_CELLS = 3;
const MOST_CELLS = 12;
/** How much a surface may bend from cell to cell, px: barely, some, freely. */
const BENDS_PX = [0.01, 0.05, 0.25];
/** How sure it must be that neighbours lean the same way, sigma. */
const SURE_SIGMA = 4;

/**
 * Propose smooth surfaces on top of a polynomial, where the stars show that polynomials miss something.
 *
 * They do where the offsets of neighbouring stars agree more often than chance has it: then something bends the image
 * on a scale that the stars resolve.
 *
 * @param best of the polynomials.
 * @param order of the polynomial below.
 * @returns the polynomial's order and how to solve, from the stiffest to the freest; none where nothing is missed.
 */
export function proposeRipples(
  points: Correspondences,
  errors: Float64Array,
  best: Fit,
  order: number,
): (readonly [order: number, solve: Solve])[] {
  const cells = Math.min(MOST_CELLS, Math.floor(Math.sqrt(points.x.length / STARS_PER_CELL)));
  if (cells < FEWEST_CELLS || neighboursAgree(points, errors, best) < SURE_SIGMA) return [];
  const grid = layGrid(points, cells);
  return BENDS_PX.map((bendPx) => [
    order,
    (weights: Float64Array): PlaneMap | undefined => {
      const plane = fitPlane(points, order, weights);
      return plane && addRipple(plane, points, weights, grid, bendPx);
    },
  ]);
}

function addRipple(
  plane: PlaneMap,
  points: Correspondences,
  weights: Float64Array,
  grid: SurfaceGrid,
  bendPx: number,
): PlaneMap | undefined {
  const { dx, dy } = offsetsFrom(plane, points);
  const ripple = fitSurface({ ...points, u: dx, v: dy }, weights, grid, bendPx);
  return ripple && { ...plane, ripple };
}

/** How far from chance it is that stars and their nearest neighbours are off in the same direction, sigma. */
function neighboursAgree({ x, y }: Correspondences, errors: Float64Array, { dx, dy }: Fit): number {
  const scale = Math.max(0.1, median(dx.map((value, k) => Math.hypot(value, dy[k]!) / errors[k]!)) / 1.18);
  const cut = (value: number): number => Math.max(-3, Math.min(3, value));
  const a = dx.map((value, k) => cut(value / (errors[k]! * scale)));
  const b = dy.map((value, k) => cut(value / (errors[k]! * scale)));
  const finder = createNearestFinder({ x, y });
  const reach = 3 / Math.sqrt(finder.density);
  let [sum, squares] = [0, 0];
  for (let k = 0; k < x.length; k++) {
    const other = finder.nearest(x[k]!, y[k]!, reach, k);
    if (other < 0) continue;
    const product = a[k]! * a[other]! + b[k]! * b[other]!;
    sum += product;
    squares += product * product;
  }
  // Most pairs are counted twice, once from each side.
  return squares > 0 ? sum / Math.sqrt(1.6 * squares) : 0;
}
