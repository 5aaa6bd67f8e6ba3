import { allocate, borrow, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';

/** Sums over all pairs of pixels some distance apart. */
export interface LagSums {
  /** Sum of the products of both pixels, one for each distance. */
  readonly products: readonly number[];
  /** Pairs of which both pixels are numbers. */
  readonly pairs: readonly number[];
}

/**
 * Add up the products of pixels some distance apart: the plane's autocorrelation at a few lags. NaN is left out.
 *
 * Sums along a row are float32, over rows float64.
 *
 * @param lags distances (dx, dy), px; dy not negative, both smaller than the plane.
 * @throws RangeError for other distances.
 */
export function sumLaggedProducts(
  plane: Plane,
  lags: readonly (readonly [dx: number, dy: number])[],
): LagSums {
  const { width, height } = plane;
  for (const [dx, dy] of lags) {
    if (!(dy >= 0 && dy < height && Math.abs(dx) < width)) {
      throw new RangeError(`No pair of pixels is (${dx}, ${dy}) apart in a plane of ${width} x ${height}.`);
    }
  }
  return withArena(() => {
    const values = borrow(plane.data);
    const result = allocate(16);
    const { memory, sumLag } = kernelModule();
    const products: number[] = [];
    const pairs: number[] = [];
    for (const [dx, dy] of lags) {
      sumLag(values, width, height, dx, dy, result);
      const [sum, count] = new Float64Array(memory.buffer, result, 2);
      products.push(sum!);
      pairs.push(count!);
    }
    return { products, pairs };
  });
}
