import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { findOutstanding } from '../../kernels/index.ts';
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
  const { width, height, data } = image;
  const variance = rms * rms;
  const half = Math.max(1, Math.min(config.columnPiecePx, height) >> 1);
  const halfRow = Math.max(1, Math.min(config.columnPiecePx, width) >> 1);
  const outstanding = findOutstanding(image, {
    apartPx: APART_PX,
    margin: COLUMN_SIGMA * rms,
    columnPiecePx: half,
    rowPiecePx: halfRow,
    coldDepth: config.coldSigma * rms,
  });
  let marked = 0;
  outstanding.cold.forEach((at, k) => {
    const smooth = outstanding.coldMedians[k]!;
    const depth = smooth - data[at]!;
    // Beside a star the slope adds to the depth: its own light counts as noise, with a margin.
    const noise = Math.sqrt(variance + Math.max(0, smooth));
    if (depth > config.coldSigma * noise && depth > 0.5 * smooth) marked += markBad(mask, at);
  });
  marked += markColumns(outstanding.columns, half, mask, config);
  return marked + markRows(outstanding.rows, outstanding.rowPieces, halfRow, mask, config);
}

/**
 * Mark bad pieces of columns: nearly all pixels above (or all below) those three columns away on both sides. No star
 * is that long, and a gradient is above one side only.
 *
 * Counts are kept for half pieces, so that pieces overlap and the ends of a bad stretch are found to half a piece.
 */
function markColumns(balance: Int16Array, half: number, mask: MaskPlane, config: BadPixelConfig): number {
  const { width } = mask;
  const least = config.columnFraction * 2 * half;
  let marked = 0;
  for (let at = width; at < balance.length; at++) {
    if (Math.abs(balance[at]! + balance[at - width]!) < least) continue;
    const x = at % width;
    const piece = (at - x) / width;
    for (let y = (piece - 1) * half; y < (piece + 1) * half; y++) marked += markBad(mask, y * width + x);
  }
  return marked;
}

/** The same for rows. */
function markRows(
  balance: Int16Array,
  pieces: number,
  half: number,
  mask: MaskPlane,
  config: BadPixelConfig,
): number {
  const { width, height } = mask;
  const least = config.columnFraction * 2 * half;
  let marked = 0;
  for (let y = APART_PX; y < height - APART_PX; y++) {
    for (let piece = 1; piece < pieces; piece++) {
      const at = y * pieces + piece;
      if (Math.abs(balance[at]! + balance[at - 1]!) < least) continue;
      const first = y * width + (piece - 1) * half;
      for (let i = first; i < first + 2 * half; i++) marked += markBad(mask, i);
    }
  }
  return marked;
}

/** Mark a pixel; returns 1 if it was not. */
function markBad(mask: MaskPlane, at: number): 0 | 1 {
  if ((mask.data[at]! & MaskBit.BAD) !== 0) return 0;
  mask.data[at]! |= MaskBit.BAD;
  return 1;
}
