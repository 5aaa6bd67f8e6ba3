import { directionAt, type SkyGrid, type Vector } from './interpolate-sky.ts';
import type { Point } from './model.ts';

const DEGREE = Math.PI / 180;

/** Newton's steps: each doubles the digits, and a start from the nearest node has two. */
const MAX_STEPS = 30;
/** A place is found when a step is shorter than this, px. */
const ENOUGH_PX = 1e-7;

/** Nodes looked at for a start, along each side at most. */
const START_NODES = 48;

/**
 * Make what finds the pixel of a sky position: the inverse of `skyAt`.
 *
 * It remembers where it was, so that neighbours are found in two or three steps.
 *
 * @param beyond how far outside the image a place may lie, in sides of the image; the cells at the rim go on there.
 */
export function makePixelFinder(
  grid: SkyGrid,
  beyond = 1,
): (raDeg: number, decDeg: number) => Point | undefined {
  const right = (grid.columns - 1) * grid.stepPx;
  const top = (grid.rows - 1) * grid.stepPx;
  const reach = beyond * Math.max(right, top) + 1;
  let last: Point = { x: right / 2, y: top / 2 };
  const solve = (start: Point, target: Vector): Point | undefined => {
    let { x, y } = start;
    for (let step = 0; step < MAX_STEPS; step++) {
      const move = stepTowards(grid, x, y, target);
      if (move === undefined) return undefined;
      x += move.x;
      y += move.y;
      if (!(x > -reach && x < right + reach && y > -reach && y < top + reach)) return undefined;
      if (Math.hypot(move.x, move.y) < ENOUGH_PX) return { x, y };
    }
    return undefined;
  };
  return (raDeg, decDeg) => {
    if (!Number.isFinite(raDeg + decDeg)) return undefined;
    const [ra, dec] = [raDeg * DEGREE, decDeg * DEGREE];
    const target: Vector = [Math.cos(dec) * Math.cos(ra), Math.cos(dec) * Math.sin(ra), Math.sin(dec)];
    let found = solve(last, target);
    if (found === undefined) {
      const start = nearestNode(grid, target);
      found = start && solve(start, target);
    }
    if (found !== undefined) last = found;
    return found;
  };
}

/** One step of Newton on the plane that touches the sphere at the target; `undefined` on its far side. */
function stepTowards(grid: SkyGrid, x: number, y: number, target: Vector): Point | undefined {
  const [east, north] = axesAt(target);
  const onPlane = (at: Vector): readonly [number, number] | undefined => {
    const height = dot(at, target);
    return height > 0 ? [dot(at, east) / height, dot(at, north) / height] : undefined;
  };
  const reach = 0.25;
  const here = onPlane(directionAt(grid, x, y));
  const rightward = onPlane(directionAt(grid, x + reach, y));
  const upward = onPlane(directionAt(grid, x, y + reach));
  if (here === undefined || rightward === undefined || upward === undefined) return undefined;
  const [a, c] = [(rightward[0] - here[0]) / reach, (rightward[1] - here[1]) / reach];
  const [b, d] = [(upward[0] - here[0]) / reach, (upward[1] - here[1]) / reach];
  const determinant = a * d - b * c;
  if (!(Math.abs(determinant) > 0)) return undefined;
  return {
    x: (-here[0] * d + b * here[1]) / determinant,
    y: (-a * here[1] + c * here[0]) / determinant,
  };
}

/** Two directions across a direction, at right angles. */
function axesAt([x, y, z]: Vector): readonly [Vector, Vector] {
  const flat = Math.hypot(x, y);
  const east: Vector = flat > 1e-12 ? [-y / flat, x / flat, 0] : [1, 0, 0];
  const north: Vector = [y * 0 - z * east[1], z * east[0] - x * 0, x * east[1] - y * east[0]];
  return [east, north];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function nearestNode(grid: SkyGrid, target: Vector): Point | undefined {
  const strideX = Math.max(1, Math.floor(grid.columns / START_NODES));
  const strideY = Math.max(1, Math.floor(grid.rows / START_NODES));
  let best = Number.NEGATIVE_INFINITY;
  let nearest: Point | undefined;
  for (let row = 0; row < grid.rows; row += strideY) {
    for (let column = 0; column < grid.columns; column += strideX) {
      const ra = grid.raDeg[row * grid.columns + column]! * DEGREE;
      const dec = grid.decDeg[row * grid.columns + column]! * DEGREE;
      const nearness = dot(
        [Math.cos(dec) * Math.cos(ra), Math.cos(dec) * Math.sin(ra), Math.sin(dec)],
        target,
      );
      if (nearness <= best) continue;
      best = nearness;
      nearest = { x: column * grid.stepPx, y: row * grid.stepPx };
    }
  }
  return nearest;
}
