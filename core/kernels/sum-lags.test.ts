import { describe, expect, it } from 'vitest';
import { makePlane } from './plane.ts';
import { sumLaggedProducts } from './sum-lags.ts';

describe('sumLaggedProducts', () => {
  it.each([
    [1, 0],
    [0, 1],
    [-3, 2],
    [6, 6],
    [0, 0],
    [-22, 0],
  ])('equals the plain sum over pairs (%i, %i) apart, without NaN', (dx, dy) => {
    const [width, height] = [23, 17];
    const plane = makePlane(width, height);
    for (let k = 0; k < plane.data.length; k++)
      plane.data[k] = k % 11 === 3 ? Number.NaN : Math.sin(k * k + 0.3 * k);
    let sum = 0;
    let pairs = 0;
    for (let y = 0; y < height - dy; y++) {
      for (let x = Math.max(0, -dx); x < Math.min(width, width - dx); x++) {
        const product = plane.data[y * width + x]! * plane.data[(y + dy) * width + x + dx]!;
        if (Number.isNaN(product)) continue;
        sum += product;
        pairs++;
      }
    }
    const measured = sumLaggedProducts(plane, [[dx, dy]]);
    expect(measured.pairs).toEqual([pairs]);
    // Float32 sums of at most 23 products of order one.
    expect(Math.abs(measured.products[0]! - sum)).toBeLessThan(1e-5 * Math.max(1, pairs));
  });

  it('refuses distances that no pair has', () => {
    expect(() => sumLaggedProducts(makePlane(8, 8), [[8, 0]])).toThrow(RangeError);
    expect(() => sumLaggedProducts(makePlane(8, 8), [[0, -1]])).toThrow(RangeError);
  });
});
