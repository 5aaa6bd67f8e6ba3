import type { MaskPlane, Plane } from '../../../kernels/index.ts';
import { UNUSABLE } from '../../observations/index.ts';

/** The usable pixels of a square around a middle pixel. */
export interface PixelsToFit {
  /** Places in the square, row-major. */
  readonly at: Int32Array;
  /** From the middle, px. */
  readonly dx: Float64Array;
  readonly dy: Float64Array;
  /** Value over sigma, and one over sigma. */
  readonly data: Float64Array;
  readonly weight: Float64Array;
}

/**
 * Take the usable pixels within a reach of the middle of a square.
 *
 * @param factor of the values; `relativeWeight` of their chi^2.
 * @param isInside which pixels of the square count, by their distances from its middle.
 */
export function takePixels(
  image: { readonly plane: Plane; readonly variance: Plane; readonly mask: MaskPlane },
  middle: { readonly xPx: number; readonly yPx: number },
  radius: number,
  isInside: (dx: number, dy: number) => boolean,
  factor = 1,
  relativeWeight = 1,
): PixelsToFit {
  const { width, height, data } = image.plane;
  const side = 2 * radius + 1;
  const kept: { at: number; dx: number; dy: number; value: number; weight: number }[] = [];
  for (let dy = -radius; dy <= radius; dy++) {
    const y = middle.yPx + dy;
    if (y < 0 || y >= height) continue;
    for (let dx = -radius; dx <= radius; dx++) {
      const x = middle.xPx + dx;
      if (x < 0 || x >= width || !isInside(dx, dy)) continue;
      const k = y * width + x;
      const weight = Math.sqrt(relativeWeight / image.variance.data[k]!) / factor;
      const value = factor * data[k]!;
      if ((image.mask.data[k]! & UNUSABLE) !== 0 || !Number.isFinite(value * weight)) continue;
      kept.push({ at: (dy + radius) * side + dx + radius, dx, dy, value, weight });
    }
  }
  return {
    at: Int32Array.from(kept, ({ at }) => at),
    dx: Float64Array.from(kept, ({ dx }) => dx),
    dy: Float64Array.from(kept, ({ dy }) => dy),
    data: Float64Array.from(kept, ({ value, weight }) => value * weight),
    weight: Float64Array.from(kept, ({ weight }) => weight),
  };
}

/** Read a square at the usable pixels, each over its sigma, times a factor. */
export function weigh({ at, weight }: PixelsToFit, square: Float64Array, factor = 1): Float64Array {
  const values = new Float64Array(at.length);
  for (let n = 0; n < at.length; n++) values[n] = factor * weight[n]! * square[at[n]!]!;
  return values;
}

/** Data minus weighted columns, each times a factor. */
export function subtractColumns(
  data: Float64Array,
  columns: readonly (readonly [column: Float64Array, factor: number])[],
): Float64Array {
  const rest = Float64Array.from(data);
  for (const [column, factor] of columns) {
    for (let n = 0; n < rest.length; n++) rest[n]! -= factor * column[n]!;
  }
  return rest;
}
