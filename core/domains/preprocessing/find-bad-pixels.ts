import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { medianFilter } from '../../kernels/index.ts';
import { MaskBit } from '../observations/index.ts';

/** How defects of the detector are recognised. */
export interface BadPixelConfig {
  /** A pixel this far below the median of its 3 x 3 is cold, sigma (default 8). */
  readonly coldSigma: number;
  /** Length of the column pieces that are judged on their own, px (default 64). */
  readonly columnPiecePx: number;
  /** A piece is bad if this fraction of its pixels stands apart on both sides (default 0.8). */
  readonly columnFraction: number;
}

/** The defaults of `markBadPixels`. */
export const DEFAULT_BAD_PIXELS: BadPixelConfig = { coldSigma: 8, columnPiecePx: 64, columnFraction: 0.8 };

/** Columns this far away tell what a column should be: further than a bad one's own spill. */
const APART_PX = 3;
/** How far from its neighbours a pixel of a bad column is, sigma. */
const COLUMN_SIGMA = 0.7;

/**
 * Mark cold pixels and bad pieces of columns and rows as BAD.
 *
 * Hot pixels are left to the search for cosmic rays, which tells them from stars.
 *
 * @param image e-, sky in it or not.
 * @param rms noise of the sky, e-.
 * @returns how many pixels were marked.
 */
export function markBadPixels(
  image: Plane,
  rms: number,
  mask: MaskPlane,
  config: BadPixelConfig = DEFAULT_BAD_PIXELS,
): number {
  const { data } = image;
  const before = countBad(mask);
  const smooth = medianFilter(image, 3).data;
  const variance = rms * rms;
  const least = config.coldSigma * rms;
  for (let i = 0; i < data.length; i++) {
    const depth = smooth[i]! - data[i]!;
    if (depth < least) continue;
    // Beside a star the slope adds to the depth: its own light counts as noise, with a margin.
    if (
      depth > config.coldSigma * Math.sqrt(variance + Math.max(0, smooth[i]!)) &&
      depth > 0.5 * smooth[i]!
    ) {
      mask.data[i]! |= MaskBit.BAD;
    }
  }
  const margin = COLUMN_SIGMA * rms;
  markColumns(data, mask, margin, config);
  markRows(data, mask, margin, config);
  return countBad(mask) - before;
}

/**
 * Mark bad pieces of columns: nearly all pixels above (or all below) those three columns away on both sides. No star
 * is that long, and a gradient is above one side only.
 *
 * Counts are kept for half pieces, so that pieces overlap and the ends of a bad stretch are found to half a piece.
 */
function markColumns(data: Float32Array, mask: MaskPlane, margin: number, config: BadPixelConfig): void {
  const { width, height } = mask;
  const half = Math.max(1, Math.min(config.columnPiecePx, height) >> 1);
  const halves = Math.floor(height / half);
  let previous: Int16Array | undefined;
  for (let piece = 0; piece < halves; piece++) {
    const balance = new Int16Array(width);
    for (let y = piece * half; y < (piece + 1) * half; y++) {
      const row = y * width;
      for (let x = APART_PX; x < width - APART_PX; x++) {
        const value = data[row + x]!;
        const left = value - data[row + x - APART_PX]!;
        const right = value - data[row + x + APART_PX]!;
        if (left > margin && right > margin) balance[x]!++;
        else if (left < -margin && right < -margin) balance[x]!--;
      }
    }
    if (previous !== undefined) {
      for (let x = 0; x < width; x++) {
        if (Math.abs(balance[x]! + previous[x]!) < config.columnFraction * 2 * half) continue;
        for (let y = (piece - 1) * half; y < (piece + 1) * half; y++)
          mask.data[y * width + x]! |= MaskBit.BAD;
      }
    }
    previous = balance;
  }
}

/** The same for rows. */
function markRows(data: Float32Array, mask: MaskPlane, margin: number, config: BadPixelConfig): void {
  const { width, height } = mask;
  const half = Math.max(1, Math.min(config.columnPiecePx, width) >> 1);
  const halves = Math.floor(width / half);
  const apart = APART_PX * width;
  for (let y = APART_PX; y < height - APART_PX; y++) {
    let previous = 0;
    for (let piece = 0; piece < halves; piece++) {
      let balance = 0;
      const from = y * width + piece * half;
      for (let at = from; at < from + half; at++) {
        const value = data[at]!;
        const below = value - data[at - apart]!;
        const above = value - data[at + apart]!;
        if (below > margin && above > margin) balance++;
        else if (below < -margin && above < -margin) balance--;
      }
      if (piece > 0 && Math.abs(balance + previous) >= config.columnFraction * 2 * half) {
        for (let at = from - half; at < from + half; at++) mask.data[at]! |= MaskBit.BAD;
      }
      previous = balance;
    }
  }
}

function countBad(mask: MaskPlane): number {
  let count = 0;
  for (let i = 0; i < mask.data.length; i++) if ((mask.data[i]! & MaskBit.BAD) !== 0) count++;
  return count;
}
