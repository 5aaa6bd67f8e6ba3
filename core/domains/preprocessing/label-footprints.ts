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
  let capacity = 1024;
  let rowOf = new Int32Array(capacity);
  let firstOf = new Int32Array(capacity);
  let lastOf = new Int32Array(capacity);
  let parent = new Int32Array(capacity);
  let runs = 0;
  const find = (run: number): number => {
    let root = run;
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]!]!;
      root = parent[root]!;
    }
    return root;
  };

  let next = nextMarked(above, 0);
  let previousStart = 0;
  let previousEnd = 0;
  for (let y = 0; y < height; y++) {
    const rowStart = runs;
    let candidate = previousStart;
    const base = y * width;
    while (next >= 0 && next < base + width) {
      const first = next - base;
      let x = first + 1;
      while (x < width && above[base + x] !== 0) x++;
      const last = x - 1;
      next = nextMarked(above, base + x);
      if (runs === capacity) {
        capacity *= 2;
        rowOf = grow(rowOf, capacity);
        firstOf = grow(firstOf, capacity);
        lastOf = grow(lastOf, capacity);
        parent = grow(parent, capacity);
      }
      const run = runs++;
      rowOf[run] = y;
      firstOf[run] = first;
      lastOf[run] = last;
      parent[run] = run;
      while (candidate < previousEnd && lastOf[candidate]! < first - 1) candidate++;
      for (let other = candidate; other < previousEnd && firstOf[other]! <= last + 1; other++) {
        const a = find(other);
        const b = find(run);
        // The older run is the root, so that footprints come in the order of their first pixel.
        if (a < b) parent[b] = a;
        else if (b < a) parent[a] = b;
      }
    }
    previousStart = rowStart;
    previousEnd = runs;
  }

  const area = new Int32Array(runs);
  for (let run = 0; run < runs; run++) area[find(run)]! += lastOf[run]! - firstOf[run]! + 1;
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
    const base = rowOf[run]! * width;
    for (let x = firstOf[run]!; x <= lastOf[run]!; x++) pixels[at++] = base + x;
    cursor[footprint] = at;
  }
  return { count, starts, pixels };
}

function grow(array: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(capacity);
  larger.set(array);
  return larger;
}

/** Bytes that are skipped one by one before the engine's own search is asked, which takes its time to start. */
const NEAR = 48;

/** The first marked pixel from a place on, -1 where there is none. */
function nextMarked(above: Uint8Array, from: number): number {
  const end = Math.min(above.length, from + NEAR);
  for (let at = from; at < end; at++) if (above[at] !== 0) return at;
  return above.indexOf(1, end);
}
