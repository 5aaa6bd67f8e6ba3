import { addressOf, allocate, borrow, floatsAt, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';
import { requireSameSize } from './run-bands.ts';

/**
 * Multiply a plane with a factor that varies over it, and its variance with the factor's square times `whitening`, in place.
 *
 * In float64, rounded once.
 *
 * @param plane even width.
 * @param u of each column, what the polynomial is one of.
 * @param rows of each row, the coefficients of 1, u and u^2.
 * @throws RangeError when sizes differ or the width is odd.
 */
export function scaleByPolynomial(
  plane: Plane,
  variance: Plane,
  u: Float64Array,
  rows: readonly (readonly [number, number, number])[],
  whitening: number,
): void {
  const { width, height } = plane;
  requireSameSize(plane, variance);
  requireSameSize(plane, { width: u.length, height: rows.length });
  if (width % 2 !== 0) throw new RangeError(`Rows of ${width} pixels are no pairs.`);
  withArena(() => {
    const module = kernelModule();
    const columns = allocate(width * 8);
    const along = allocate(height * 24);
    const [values, noise] = [borrow(plane.data), borrow(variance.data)];
    new Float64Array(module.memory.buffer, columns, width).set(u);
    const coefficients = new Float64Array(module.memory.buffer, along, 3 * height);
    for (let y = 0; y < height; y++) {
      coefficients.set(rows[y]!, 3 * y);
      const row = y * width * 4;
      module.scaleRow(values + row, noise + row, width, columns, along + y * 24, whitening);
    }
    for (const [{ data }, address] of [[plane, values] as const, [variance, noise] as const]) {
      if (addressOf(data) === undefined) data.set(floatsAt(address, width * height));
    }
  });
}
