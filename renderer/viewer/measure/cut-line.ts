import type { Point } from '../model.ts';
import { type PixelBox, valueBetween } from './pixel-box.ts';

/** Values along a line. */
export interface LineCut {
  /** Distance from the line's beginning, px. */
  readonly distances: Float64Array;
  /** NaN where the line leaves the image or a pixel has no value. */
  readonly values: Float64Array;
}

/**
 * Read values along a line, in steps of at most one pixel.
 *
 * @param width averages that many parallel lines, one pixel apart, about the line.
 */
export function cutLine(box: PixelBox, from: Point, to: Point, width = 1): LineCut {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const steps = Math.max(1, Math.ceil(length));
  const [ux, uy] = length > 0 ? [(to.x - from.x) / length, (to.y - from.y) / length] : [1, 0];
  const lines = Math.max(1, Math.round(width));
  const distances = Float64Array.from({ length: steps + 1 }, (_, i) => (length * i) / steps);
  const values = distances.map((distance) => {
    let [sum, count] = [0, 0];
    for (let line = 0; line < lines; line++) {
      const aside = line - (lines - 1) / 2;
      const value = valueBetween(box, {
        x: from.x + distance * ux - aside * uy,
        y: from.y + distance * uy + aside * ux,
      });
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    return count === 0 ? Number.NaN : sum / count;
  });
  return { distances, values };
}
