import type { SkyLattice } from './sample-sky-lattice.ts';
import type { PixelPosition, SkyPosition } from './wcs/index.ts';

type Vector = readonly [number, number, number];

const RAD = Math.PI / 180;
/** Each of Newton's steps doubles the digits; from the middle of a field it takes five. */
const MAX_STEPS = 20;
/** A step shorter than this ends the search, px: a thousandth of what the lattice itself errs by. */
const ENOUGH_PX = 1e-5;

/**
 * Find the pixel of a sky position on a lattice of sky positions: the inverse of `sampleSkyLattice`.
 *
 * @returns `undefined` outside the lattice.
 */
export function findOnLattice(lattice: SkyLattice, place: SkyPosition): PixelPosition | undefined {
  const target = toVector(place.raDeg, place.decDeg);
  const right = (lattice.columns - 1) * lattice.stepPx;
  const top = (lattice.rows - 1) * lattice.stepPx;
  // Two directions on the sky, across the place that is looked for.
  const east: Vector = [-Math.sin(place.raDeg * RAD), Math.cos(place.raDeg * RAD), 0];
  const north = cross(target, east);
  const offsetAt = (xPx: number, yPx: number): readonly [number, number] | undefined => {
    const at = vectorAt(lattice, xPx, yPx);
    const depth = dot(at, target);
    return depth <= 0 ? undefined : [dot(at, east) / depth, dot(at, north) / depth];
  };
  let xPx = right / 2;
  let yPx = top / 2;
  for (let step = 0; step < MAX_STEPS; step++) {
    const here = offsetAt(xPx, yPx);
    const alongX = offsetAt(xPx + 0.5, yPx);
    const alongY = offsetAt(xPx, yPx + 0.5);
    if (here === undefined || alongX === undefined || alongY === undefined) return undefined;
    const [a, c] = [(alongX[0] - here[0]) * 2, (alongX[1] - here[1]) * 2];
    const [b, d] = [(alongY[0] - here[0]) * 2, (alongY[1] - here[1]) * 2];
    const determinant = a * d - b * c;
    if (determinant === 0) return undefined;
    const dx = (b * here[1] - d * here[0]) / determinant;
    const dy = (c * here[0] - a * here[1]) / determinant;
    xPx = Math.min(right + lattice.stepPx, Math.max(-lattice.stepPx, xPx + dx));
    yPx = Math.min(top + lattice.stepPx, Math.max(-lattice.stepPx, yPx + dy));
    if (Math.hypot(dx, dy) < ENOUGH_PX)
      return xPx < -0.5 || yPx < -0.5 || xPx > right + 0.5 || yPx > top + 0.5 ? undefined : { xPx, yPx };
  }
  return undefined;
}

/** The direction at a pixel, from the four nodes around it; the cells at the rim go on outside. */
function vectorAt({ stepPx, columns, rows, raDeg, decDeg }: SkyLattice, xPx: number, yPx: number): Vector {
  const i = Math.min(columns - 2, Math.max(0, Math.floor(xPx / stepPx)));
  const j = Math.min(rows - 2, Math.max(0, Math.floor(yPx / stepPx)));
  const u = xPx / stepPx - i;
  const v = yPx / stepPx - j;
  const node = (k: number): Vector => toVector(raDeg[k]!, decDeg[k]!);
  const corners = [
    [node(j * columns + i), (1 - u) * (1 - v)],
    [node(j * columns + i + 1), u * (1 - v)],
    [node((j + 1) * columns + i), (1 - u) * v],
    [node((j + 1) * columns + i + 1), u * v],
  ] as const;
  const sum = [0, 1, 2].map((axis) =>
    corners.reduce((total, [corner, weight]) => total + weight * corner[axis]!, 0),
  ) as unknown as Vector;
  const length = Math.hypot(...sum);
  return [sum[0] / length, sum[1] / length, sum[2] / length];
}

function toVector(raDeg: number, decDeg: number): Vector {
  const cosDec = Math.cos(decDeg * RAD);
  return [cosDec * Math.cos(raDeg * RAD), cosDec * Math.sin(raDeg * RAD), Math.sin(decDeg * RAD)];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
