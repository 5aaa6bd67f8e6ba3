/** Positions of stars, brightest first. */
export interface StarPositions {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Stars laid out in cells, for looking up neighbours. */
export interface NearestFinder extends StarPositions {
  readonly xMin: number;
  readonly xMax: number;
  readonly yMin: number;
  readonly yMax: number;
  /** Stars a square pixel where stars are: in a cluster, that of the cluster. */
  readonly density: number;
  /** Index of the star nearest to a point within a radius (px), or -1; never `except`. */
  nearest(x: number, y: number, radius: number, except?: number): number;
}

/** Quantile of the distances to the nearest star from which the density is taken. */
const NEAR_QUANTILE = 0.3;

/** Lay stars out in cells of about two stars each. */
export function createNearestFinder({ x, y }: StarPositions): NearestFinder {
  let [xMin, xMax, yMin, yMax] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let k = 0; k < x.length; k++) {
    xMin = Math.min(xMin, x[k]!);
    xMax = Math.max(xMax, x[k]!);
    yMin = Math.min(yMin, y[k]!);
    yMax = Math.max(yMax, y[k]!);
  }
  const area = Math.max(1, xMax - xMin) * Math.max(1, yMax - yMin);
  const cell = Math.max(1, Math.sqrt((2 * area) / Math.max(1, x.length)));
  const columns = Math.max(1, Math.floor((xMax - xMin) / cell) + 1);
  const rows = Math.max(1, Math.floor((yMax - yMin) / cell) + 1);
  const columnOf = (value: number): number =>
    Math.max(0, Math.min(columns - 1, Math.floor((value - xMin) / cell)));
  const rowOf = (value: number): number => Math.max(0, Math.min(rows - 1, Math.floor((value - yMin) / cell)));

  // Counting sort: `starts` holds where each cell's stars begin in `members`.
  const starts = new Int32Array(columns * rows + 1);
  for (let k = 0; k < x.length; k++) starts[rowOf(y[k]!) * columns + columnOf(x[k]!) + 1]! += 1;
  for (let c = 0; c < columns * rows; c++) starts[c + 1]! += starts[c]!;
  const filled = starts.slice();
  const members = new Int32Array(x.length);
  for (let k = 0; k < x.length; k++) {
    const c = rowOf(y[k]!) * columns + columnOf(x[k]!);
    members[filled[c]!] = k;
    filled[c]! += 1;
  }

  const nearest = (px: number, py: number, radius: number, except = -1): number => {
    if (!(px >= xMin - radius && px <= xMax + radius && py >= yMin - radius && py <= yMax + radius))
      return -1;
    let best = -1;
    let bestSquare = radius * radius;
    const firstColumn = columnOf(px - radius);
    const lastColumn = columnOf(px + radius);
    const lastRow = rowOf(py + radius);
    for (let row = rowOf(py - radius); row <= lastRow; row++)
      for (let column = firstColumn; column <= lastColumn; column++) {
        const c = row * columns + column;
        for (let m = starts[c]!; m < starts[c + 1]!; m++) {
          const k = members[m]!;
          const square = (x[k]! - px) ** 2 + (y[k]! - py) ** 2;
          if (square <= bestSquare && k !== except) {
            bestSquare = square;
            best = k;
          }
        }
      }
    return best;
  };
  return { x, y, xMin, xMax, yMin, yMax, density: measureDensity({ x, y }, area, nearest), nearest };
}

/**
 * Density from how near the nearest stars are: among stars strewn at random with a density d, a share
 * 1 - exp(-pi d r^2) has another within r. The mean over the field would miss that stars cluster.
 */
function measureDensity({ x, y }: StarPositions, area: number, nearest: NearestFinder['nearest']): number {
  const mean = x.length / area;
  const reach = 4 / Math.sqrt(mean);
  const distances = x
    .map((px, k) => {
      const found = nearest(px, y[k]!, reach, k);
      return found < 0 ? reach : Math.hypot(x[found]! - px, y[found]! - y[k]!);
    })
    .sort();
  const near = Math.max(1, distances[Math.floor(NEAR_QUANTILE * x.length)] ?? reach);
  return Math.max(mean, -Math.log(1 - NEAR_QUANTILE) / (Math.PI * near * near));
}
