import { allocate, bytesAt, copyIn, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';

/** How cosmic rays are told from stars, in sigma but the contrast. */
export interface CosmicRaySearch {
  readonly readNoiseE: number;
  /** Least significance of a hit. */
  readonly threshold: number;
  /** Least significance of a neighbour of one. */
  readonly neighbourThreshold: number;
  /** Least ratio of the Laplacian's significance to the fine structure's. */
  readonly contrast: number;
}

/** Rows that the search of one reads above and below it. */
const REACH = 8;
/** Pixels of a band. */
const BAND_PIXELS = 262144;

/**
 * Search an image once for cosmic rays, with separable medians.
 *
 * Median of 7 for the noise, L+ over twice the noise less its median of 7, the medians of 5 and of 9 for the fine
 * structure: in one pass of rows, without a plane in between. Bands do not show in the result.
 *
 * @param plane e-, sky in it.
 * @param barred 1 where no hit is taken.
 * @returns hits, y * width + x, rising; `undefined` for an image with NaN, which this search does not know.
 * @see van Dokkum 2001, PASP 113, 1420; edges as in astroscrappy 1.1.0
 */
export function searchCosmicRays(
  plane: Plane,
  barred: Uint8Array,
  search: CosmicRaySearch,
): Int32Array | undefined {
  const { width, height } = plane;
  const bandRows = Math.min(height, Math.max(4 * REACH, Math.floor(BAND_PIXELS / width)));
  const parts: Int32Array[] = [];
  const isClean = withArena(() => {
    const module = kernelModule();
    const tall = (bandRows + 2 * REACH) * width;
    const raw = allocate(tall * 4 + WORD);
    const marks = allocate(tall);
    const scratch = allocate(module.cosmicScratchBytes(width));
    const list = allocate(bandRows * width * 4);
    for (let first = 0; first < height; first += bandRows) {
      const rows = Math.min(bandRows, height - first);
      const rawFirst = Math.max(0, first - REACH);
      const pixels = (Math.min(height, first + rows + REACH) - rawFirst) * width;
      const from = copyIn(plane.data, rawFirst * width, pixels, raw);
      if (module.hasNaN(from, 0, pixels, 1) !== 0) return false;
      bytesAt(marks, pixels).set(barred.subarray(rawFirst * width, rawFirst * width + pixels));
      const found = module.searchCosmicRays(
        from,
        marks,
        rawFirst,
        width,
        height,
        first,
        rows,
        search.readNoiseE ** 2,
        search.threshold,
        search.neighbourThreshold,
        search.contrast,
        scratch,
        list,
      );
      parts.push(new Int32Array(module.memory.buffer, list, found).slice());
    }
    return true;
  });
  if (!isClean) return undefined;
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
