import { describe, expect, test } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { makePlane, sumBoxes } from './index.ts';

describe('sums over boxes', () => {
  test.each([
    [64, 32, 4],
    [61, 35, 3],
    [10, 7, 16],
    [5, 5, 1],
  ])('hold what may be used, scaled and clipped, %d x %d in boxes of %d', (width, height, side) => {
    const random = createRandom(8);
    const plane = makePlane(width, height);
    const usable = new Uint8Array(width * height);
    for (let i = 0; i < usable.length; i++) {
      plane.data[i] = 40 * random.normal();
      usable[i] = random.uniform() < 0.8 ? 1 : 0;
      if (usable[i] === 0) plane.data[i] = Number.NaN;
    }
    const { columns, rows, sums, counts } = sumBoxes(plane, usable, { side, scale: 1 / 30, limit: 2 });
    expect([columns, rows]).toEqual([Math.ceil(width / side), Math.ceil(height / side)]);
    const expected = new Float64Array(columns * rows);
    const many = new Int32Array(columns * rows);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (usable[y * width + x] === 0) continue;
        const box = Math.floor(y / side) * columns + Math.floor(x / side);
        expected[box]! += Math.min(2, Math.max(-2, Math.fround(plane.data[y * width + x]! / 30)));
        many[box]!++;
      }
    }
    expect(counts).toEqual(many);
    // The factor is rounded, too.
    sums.forEach((sum, box) => {
      expect(sum).toBeCloseTo(expected[box]!, 4);
    });
  });
});
