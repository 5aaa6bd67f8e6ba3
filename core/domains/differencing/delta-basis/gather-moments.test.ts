import { expect, it } from 'vitest';
import { createRandom } from '../../../utils/index.ts';
import { gatherMoments } from './gather-moments.ts';
import { makeDeltaBasis } from './make-delta-basis.ts';

const STAMP_HALF = 5;
const HALF = 2;

it('gives the scalar products of shifted stars that a plain sum gives', () => {
  const random = createRandom(1);
  const wide = 2 * (STAMP_HALF + HALF) + 1;
  const side = 2 * STAMP_HALF + 1;
  const sharp = Float64Array.from({ length: wide * wide }, () => random.normal() + 3);
  const broad = Float64Array.from({ length: side * side }, () => random.normal());
  const { products, weight } = gatherMoments({ x: 0, y: 0, sharp, broad, noise: 4 }, STAMP_HALF, HALF);
  const { functions, size } = makeDeltaBasis(HALF, 0);
  const rows = functions.map((kernel) => {
    const row = new Float64Array(side * side);
    for (let k = 0; k < row.length; k++) {
      for (let j = 0; j < size; j++) {
        for (let i = 0; i < size; i++) {
          // Convolution: the pixel at (i - HALF, j - HALF) of the kernel looks back by as much.
          const x = (k % side) + HALF - (i - HALF);
          const y = Math.floor(k / side) + HALF - (j - HALF);
          row[k] += kernel[j * size + i] * sharp[y * wide + x];
        }
      }
    }
    return row;
  });
  rows.push(new Float64Array(side * side).fill(1), broad);
  expect(weight).toBe(0.25);
  expect(products).toHaveLength(rows.length ** 2);
  let worst = 0;
  rows.forEach((a, i) => {
    rows.forEach((b, j) => {
      const expected = a.reduce((sum, value, k) => sum + value * b[k], 0);
      worst = Math.max(worst, Math.abs(products[i * rows.length + j] - expected));
    });
  });
  // Sums of a hundred products of order ten, in another order.
  expect(worst).toBeLessThan(1e-9);
});

it('keeps the kernel sum in the first function alone', () => {
  const { functions } = makeDeltaBasis(HALF, 0);
  const sums = functions.map((kernel) => kernel.reduce((sum, value) => sum + value, 0));
  expect(sums[0]).toBe(1);
  expect(sums.slice(1).every((sum) => sum === 0)).toBe(true);
});
