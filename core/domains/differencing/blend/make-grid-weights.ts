/** Along one axis: each pixel belongs to cell `first` with `weight`, to the next with the rest. */
export interface GridWeights {
  readonly count: number;
  readonly first: Int32Array;
  readonly weight: Float64Array;
}

/**
 * Divide an axis into cells that pass linearly into each other.
 *
 * @param edges first pixel of each cell, and the axis' length.
 * @param rampPx half the width of the passage; less where a cell is narrow.
 */
export function makeGridWeights(edges: readonly number[], rampPx: number): GridWeights {
  const count = edges.length - 1;
  const length = edges[count];
  const first = new Int32Array(length);
  const weight = new Float64Array(length).fill(1);
  for (let cell = 0; cell < count; cell++) first.fill(cell, edges[cell], edges[cell + 1]);
  for (let border = 1; border < count; border++) {
    const narrowest = Math.min(edges[border] - edges[border - 1], edges[border + 1] - edges[border]);
    const half = Math.min(rampPx, Math.floor(narrowest / 2));
    for (let x = edges[border] - half; x < edges[border] + half; x++) {
      first[x] = border - 1;
      weight[x] = 1 - (x + 0.5 - (edges[border] - half)) / (2 * half);
    }
  }
  return { count, first, weight };
}
