import { listRuns } from '../../kernels/index.ts';

/** Pixels of each footprint: footprint i owns `pixels[starts[i]] .. pixels[starts[i + 1] - 1]`, in raster order. */
export interface Footprints {
  readonly count: number;
  readonly starts: Int32Array;
  /** y * width + x. */
  readonly pixels: Int32Array;
}

/**
 * Group marked pixels that touch, also by their corners, and drop groups that are too small.
 *
 * Runs of marked pixels are joined row by row in a union-find forest, so that memory grows with the number
 * of runs and there is no limit on how many pixels are marked.
 *
 * @param above 1 where marked, else 0; (height, width).
 * @param minArea smallest footprint that is kept, px.
 */
export function labelFootprints(
  above: Uint8Array,
  width: number,
  height: number,
  minArea: number,
): Footprints {
  // Row, first and last column of each.
  const found = listRuns(above, width, height);
  const runs = found.length / 3;
  const parent = new Int32Array(runs);
  const find = (run: number): number => {
    let root = run;
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]!]!;
      root = parent[root]!;
    }
    return root;
  };

  // The first run of the row before that may still touch one to come.
  let candidate = 0;
  for (let run = 0; run < runs; run++) {
    const y = found[3 * run]!;
    const first = found[3 * run + 1]!;
    const last = found[3 * run + 2]!;
    parent[run] = run;
    while (
      found[3 * candidate]! < y - 1 ||
      (found[3 * candidate]! < y && found[3 * candidate + 2]! < first - 1)
    ) {
      candidate++;
    }
    for (let other = candidate; found[3 * other]! < y && found[3 * other + 1]! <= last + 1; other++) {
      const a = find(other);
      const b = find(run);
      // The older run is the root, so that footprints come in the order of their first pixel.
      if (a < b) parent[b] = a;
      else if (b < a) parent[a] = b;
    }
  }

  const area = new Int32Array(runs);
  for (let run = 0; run < runs; run++) area[find(run)]! += found[3 * run + 2]! - found[3 * run + 1]! + 1;
  const label = new Int32Array(runs).fill(-1);
  let count = 0;
  let total = 0;
  for (let run = 0; run < runs; run++) {
    if (parent[run] === run && area[run]! >= minArea) {
      label[run] = count++;
      total += area[run]!;
    }
  }
  const starts = new Int32Array(count + 1);
  for (let run = 0; run < runs; run++) if (label[run]! >= 0) starts[label[run]! + 1] = area[run]!;
  for (let i = 0; i < count; i++) starts[i + 1]! += starts[i]!;
  const cursor = starts.slice(0, count);
  const pixels = new Int32Array(total);
  for (let run = 0; run < runs; run++) {
    const footprint = label[find(run)]!;
    if (footprint < 0) continue;
    let at = cursor[footprint]!;
    const base = found[3 * run]! * width;
    for (let x = found[3 * run + 1]!; x <= found[3 * run + 2]!; x++) pixels[at++] = base + x;
    cursor[footprint] = at;
  }
  return { count, starts, pixels };
}
