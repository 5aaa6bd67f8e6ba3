import { expect, it } from 'vitest';
import { meanOfBlocks } from './mean-of-blocks.ts';

const NAN = Number.NaN;

it('each block is the mean of its finite pixels, cut at the rim, and NaN where there are none', () => {
  const pixels = Float32Array.of(1, 3, NAN, 5, 7, Number.POSITIVE_INFINITY, NAN, NAN, NAN);
  expect(meanOfBlocks(pixels, 3, 3, 2)).toEqual(Float32Array.of(4, NAN, NAN, NAN));
  expect(meanOfBlocks(pixels, 3, 3, 4)).toEqual(Float32Array.of(4));
});
