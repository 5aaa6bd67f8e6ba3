import type { Transform } from './plan-transform.ts';
import type { Plane } from './plane.ts';
import { transformRowsBack } from './transform-blocks.ts';

/**
 * A plane whose spectrum has been transformed back along its columns, and whose rows are made when they are wanted.
 *
 * Lives in the arena in which it was made. What is done with a band of rows finds it in the second-level cache, and rows
 * that nobody wants are never made.
 */
export interface LatentPlane {
  readonly width: number;
  readonly height: number;
  readonly transform: Transform;
  /** Address of the half spectrum. */
  readonly half: number;
}

/**
 * Bring rows of a plane into another of the same width.
 *
 * @param first, count rows of `from`; `at` the first row of `to`.
 * @throws RangeError for rows that either has not.
 */
export function takeRows(
  from: Plane | LatentPlane,
  first: number,
  count: number,
  to: Plane,
  at: number,
): void {
  const { width } = from;
  if (to.width !== width || first < 0 || at < 0 || first + count > from.height || at + count > to.height) {
    throw new RangeError(
      `Rows ${first} to ${first + count} of ${width} x ${from.height} do not go to row ${at} of ${to.width} x ${to.height}.`,
    );
  }
  if ('half' in from) transformRowsBack(from.half, from.transform, to, first, count, at);
  else to.data.set(from.data.subarray(first * width, (first + count) * width), at * width);
}
