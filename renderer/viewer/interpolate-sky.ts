/**
 * Sky positions on a regular grid of an image.
 *
 * Node (i, j) lies at pixel (i * stepPx, j * stepPx), zero-based; arrays are row-major, degrees ICRS.
 */
export interface SkyGrid {
  readonly stepPx: number;
  readonly columns: number;
  readonly rows: number;
  readonly raDeg: readonly number[];
  readonly decDeg: readonly number[];
}

/** A place on the sky, degrees ICRS, right ascension in 0..360. */
export interface SkyPlace {
  readonly raDeg: number;
  readonly decDeg: number;
}

/** A direction in space. */
export type Vector = readonly [number, number, number];

const DEGREE = Math.PI / 180;

/**
 * Find the sky position of a pixel from a grid of positions.
 *
 * Directions are interpolated, so the poles and right ascension 0 are places like any other; they are laid on the
 * plane that touches the sphere there, where a gnomonic image is linear and its positions are exact. Between
 * nodes by cubics (Catmull-Rom, whose error is of third order in the step), at the rim by parabolas.
 *
 * @param x, y image coordinates, zero-based.
 * @returns `undefined` outside the grid or where the projection has no sky.
 */
export function skyAt(grid: SkyGrid, x: number, y: number): SkyPlace | undefined {
  // Half a pixel beyond the first and last node still is a pixel of the image.
  const margin = 0.5 / grid.stepPx;
  const column = x / grid.stepPx;
  const row = y / grid.stepPx;
  if (!(column >= -margin && column <= grid.columns - 1 + margin)) return undefined;
  if (!(row >= -margin && row <= grid.rows - 1 + margin)) return undefined;
  return placeOf(directionAt(grid, x, y));
}

/** The direction of a pixel, of any length; beyond the grid the cells at its rim go on. */
export function directionAt(grid: SkyGrid, x: number, y: number): Vector {
  const column = x / grid.stepPx;
  const row = y / grid.stepPx;
  const i = Math.min(Math.max(0, Math.floor(column)), Math.max(0, grid.columns - 2));
  const j = Math.min(Math.max(0, Math.floor(row)), Math.max(0, grid.rows - 2));
  const touch = vectorAt(grid, i, j);
  const lines = [-1, 0, 1, 2].map((dj) =>
    along([-1, 0, 1, 2].map((di) => nodeAt(grid, i + di, j + dj, touch)) as unknown as Four, column - i),
  );
  return along(lines as unknown as Four, row - j);
}

/**
 * Directions of north and east at a pixel, as unit vectors of the image (y up).
 *
 * @returns `undefined` where the grid has no sky.
 */
export function compassAt(
  grid: SkyGrid,
  x: number,
  y: number,
): { north: readonly [number, number]; east: readonly [number, number] } | undefined {
  const reach = grid.stepPx / 4;
  const here = skyAt(grid, x, y);
  const right = skyAt(grid, x + reach, y);
  const above = skyAt(grid, x, y + reach);
  if (here === undefined || right === undefined || above === undefined) return undefined;
  const cosDec = Math.cos(here.decDeg * DEGREE);
  const eastward = (to: SkyPlace): number => wrap(to.raDeg - here.raDeg) * cosDec;
  // Columns of the matrix from pixels to (east, north), inverted to ask which pixels lead north and east.
  const [a, b] = [eastward(right), eastward(above)];
  const [c, d] = [right.decDeg - here.decDeg, above.decDeg - here.decDeg];
  const determinant = a * d - b * c;
  if (!(Math.abs(determinant) > 0)) return undefined;
  return {
    north: unit(-b / determinant, a / determinant),
    east: unit(d / determinant, -c / determinant),
  };
}

type Four = readonly [Vector, Vector, Vector, Vector];

/** Catmull-Rom between the second and third of four points. */
function along([p0, p1, p2, p3]: Four, t: number): Vector {
  const component = (k: 0 | 1 | 2): number =>
    p1[k] +
    0.5 *
      t *
      (p2[k] -
        p0[k] +
        t * (2 * p0[k] - 5 * p1[k] + 4 * p2[k] - p3[k] + t * (3 * (p1[k] - p2[k]) + p3[k] - p0[k])));
  return [component(0), component(1), component(2)];
}

/** A node on the plane that touches the sphere at `touch`; beyond the rim the parabola through the three nearest, the line through two, or the node itself. */
function nodeAt(grid: SkyGrid, column: number, row: number, touch: Vector): Vector {
  const extended = (index: number, count: number): readonly (readonly [number, number])[] => {
    if (index >= 0 && index < count) return [[index, 1]];
    const [edge, inward] = index < 0 ? [0, 1] : [count - 1, -1];
    if (count >= 3)
      return [
        [edge, 3],
        [edge + inward, -3],
        [edge + 2 * inward, 1],
      ];
    return count === 2
      ? [
          [edge, 2],
          [edge + inward, -1],
        ]
      : [[edge, 1]];
  };
  let [x, y, z] = [0, 0, 0];
  for (const [j, rowWeight] of extended(row, grid.rows)) {
    for (const [i, columnWeight] of extended(column, grid.columns)) {
      const node = vectorAt(grid, i, j);
      const height = node[0] * touch[0] + node[1] * touch[1] + node[2] * touch[2];
      // Cells of an all-sky map may reach round the sphere: there the sphere itself has to do.
      const weight = (rowWeight * columnWeight) / (height > 0.5 ? height : 1);
      x += weight * node[0];
      y += weight * node[1];
      z += weight * node[2];
    }
  }
  return [x, y, z];
}

/** Directions of the nodes, kept: a grid of lines asks for each many times. */
const directions = new WeakMap<SkyGrid, Float64Array>();

function vectorAt(grid: SkyGrid, column: number, row: number): Vector {
  let kept = directions.get(grid);
  if (kept === undefined) {
    kept = new Float64Array(grid.raDeg.length * 3);
    for (let node = 0; node < grid.raDeg.length; node++) {
      const ra = grid.raDeg[node]! * DEGREE;
      const dec = grid.decDeg[node]! * DEGREE;
      kept.set([Math.cos(dec) * Math.cos(ra), Math.cos(dec) * Math.sin(ra), Math.sin(dec)], node * 3);
    }
    directions.set(grid, kept);
  }
  const at = (row * grid.columns + column) * 3;
  return [kept[at]!, kept[at + 1]!, kept[at + 2]!];
}

function placeOf([x, y, z]: Vector): SkyPlace | undefined {
  if (!Number.isFinite(x + y + z)) return undefined;
  const ra = Math.atan2(y, x) / DEGREE;
  return { raDeg: ra < 0 ? ra + 360 : ra, decDeg: Math.atan2(z, Math.hypot(x, y)) / DEGREE };
}

function wrap(degrees: number): number {
  return degrees - 360 * Math.round(degrees / 360);
}

function unit(x: number, y: number): readonly [number, number] {
  const length = Math.hypot(x, y);
  return [x / length, y / length];
}
