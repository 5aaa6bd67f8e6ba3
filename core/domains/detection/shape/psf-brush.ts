import { shiftStamp } from '../../../kernels/index.ts';
import { evaluatePsf, type SpatialPsf } from '../../differencing/index.ts';

/** Draws point sources of unit flux on a square of pixels around a fixed middle. */
export interface PsfBrush {
  /** Odd side of what is drawn on, px. */
  readonly side: number;
  /** Add a source at (dx, dy) from the middle to each canvas, times a factor of its own. */
  add(dx: number, dy: number, ...strokes: readonly (readonly [canvas: Float64Array, factor: number])[]): void;
}

/** Beyond this the profile is not drawn: what is fitted there is next to nothing of it, FWHM. */
const REACH_FWHM = 3;

/** Make a brush of the PSF at a place of its image. @param radius of the square, px: side = 2 radius + 1. */
export function makePsfBrush(psf: SpatialPsf, xPx: number, yPx: number, radius: number): PsfBrush {
  const half = Math.min((psf.size - 1) / 2, Math.ceil(REACH_FWHM * psf.fwhmPx));
  const size = 2 * half + 1;
  const whole = cutMiddle(evaluatePsf(psf, xPx, yPx).data, psf.size, size);
  const shifted = new Float64Array(size * size);
  const side = 2 * radius + 1;
  return {
    side,
    add: (dx, dy, ...strokes) => {
      const column = Math.round(dx);
      const row = Math.round(dy);
      shiftStamp(whole, size, dx - column, dy - row, shifted);
      const left = radius - half + column;
      const bottom = radius - half + row;
      const first = Math.max(0, -left);
      const last = Math.min(size, side - left);
      for (const [canvas, factor] of strokes) {
        for (let j = Math.max(0, -bottom); j < size && j + bottom < side; j++) {
          const to = (j + bottom) * side + left;
          for (let i = first; i < last; i++) canvas[to + i]! += factor * shifted[j * size + i]!;
        }
      }
    },
  };
}

function cutMiddle(stamp: Float32Array, fullSize: number, size: number): Float64Array {
  const margin = (fullSize - size) / 2;
  const middle = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) middle[j * size + i] = stamp[(j + margin) * fullSize + i + margin]!;
  }
  return middle;
}

/**
 * Slopes of what is drawn with respect to the source's place: minus the differences of its pixels along x and y.
 *
 * Differences over four pixels: those over two are an eighth too flat for a star of three pixels, and errors too large.
 */
export function slopesOf(
  drawn: Float64Array,
  side: number,
): { readonly x: Float64Array; readonly y: Float64Array } {
  const x = new Float64Array(drawn.length);
  const y = new Float64Array(drawn.length);
  for (let j = 2; j < side - 2; j++) {
    for (let k = j * side + 2; k < (j + 1) * side - 2; k++) {
      const far = 2 * side;
      x[k] = (8 * (drawn[k - 1]! - drawn[k + 1]!) - drawn[k - 2]! + drawn[k + 2]!) / 12;
      y[k] = (8 * (drawn[k - side]! - drawn[k + side]!) - drawn[k - far]! + drawn[k + far]!) / 12;
    }
  }
  return { x, y };
}
