import { expect, it } from 'vitest';
import { cutKernel, makePlane } from './index.ts';

it('cuts what is wrapped around the first pixel, whole in the middle and zero at its reach', () => {
  const plane = makePlane(20, 16);
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 20; x++)
      plane.data[y * 20 + x] = 1 + (x < 10 ? x : x - 20) + 100 * (y < 8 ? y : y - 16);
  }
  const { width, height, data } = cutKernel(plane, 5, 3);
  expect([width, height]).toEqual([11, 11]);
  expect(data[5 * 11 + 5]).toBe(1);
  expect(data[3 * 11 + 7]).toBe(1 + 2 - 200);
  // Half way between 3 and 6.
  expect(Math.abs(data[5 * 11 + 1]! / (1 - 4))).toBeCloseTo(0.75, 6);
  expect(data[0]).toBeCloseTo(0, 10);
  expect(cutKernel(plane, 5).data[0]).toBe(1 - 5 - 500);
  expect(() => cutKernel(plane, 8, 3)).toThrow(RangeError);
});
