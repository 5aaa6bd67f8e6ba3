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
  const { width, height, data } = image;
  const before = countBad(mask);
  const smooth = medianFilter(image, 3).data;
  const variance = rms * rms;
  for (let i = 0; i < data.length; i++) {
    const depth = smooth[i]! - data[i]!;
    // Beside a star the slope adds to the depth: its own light counts as noise, with a margin.
    if (
      depth > config.coldSigma * Math.sqrt(variance + Math.max(0, smooth[i]!)) &&
      depth > 0.5 * smooth[i]!
    ) {
      mask.data[i]! |= MaskBit.BAD;
    }
  }
  markLines(data, mask, width, height, 1, width, rms, config);
  markLines(data, mask, height, width, width, 1, rms, config);
  return countBad(mask) - before;
}

/**
 * Mark bad pieces of lines: `lines` of them, `lineStep` apart in memory, each of `length` pixels, `pixelStep` apart.
 *
 * A piece is bad if nearly all its pixels are above (or all below) those of the lines on both sides: no star is
 * that long, and a gradient is above one side only.
 */
function markLines(
  data: Float32Array,
  mask: MaskPlane,
  lines: number,
  length: number,
  lineStep: number,
  pixelStep: number,
  rms: number,
  config: BadPixelConfig,
): void {
  const piece = Math.min(config.columnPiecePx, length);
  const margin = COLUMN_SIGMA * rms;
  const apart = APART_PX * lineStep;
  // Pieces overlap by half, so that the ends of a bad stretch are found to half a piece.
  for (let start = 0; start < length; start += Math.ceil(piece / 2)) {
    const from = Math.min(start, length - piece);
    const needed = config.columnFraction * piece;
    for (let line = APART_PX; line < lines - APART_PX; line++) {
      let above = 0;
      let below = 0;
      let at = line * lineStep + from * pixelStep;
      for (let k = 0; k < piece; k++, at += pixelStep) {
        const value = data[at]!;
        const left = value - data[at - apart]!;
        const right = value - data[at + apart]!;
        if (left > margin && right > margin) above++;
        else if (left < -margin && right < -margin) below++;
        // Enough have failed: no need to look at the rest.
        if (k + 1 - Math.max(above, below) > piece - needed) break;
      }
      if (above < needed && below < needed) continue;
      at = line * lineStep + from * pixelStep;
      for (let k = 0; k < piece; k++, at += pixelStep) mask.data[at]! |= MaskBit.BAD;
    }
  }
}

function countBad(mask: MaskPlane): number {
  let count = 0;
  for (let i = 0; i < mask.data.length; i++) if ((mask.data[i]! & MaskBit.BAD) !== 0) count++;
  return count;
}
