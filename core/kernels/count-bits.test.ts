import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { countBits, listFillings, makeMaskPlane, makePlane } from './index.ts';

describe('countBits', () => {
  it.each([1, 7, 8, 4099, 140_001])('counts each of sixteen bits among %d words', (width) => {
    const random = createRandom(9);
    const mask = makeMaskPlane(width, 1);
    for (let i = 0; i < width; i++) {
      if (random.uniform() < 0.4) mask.data[i] = i % 3 === 0 ? 0xffff : random.integer(0x10000);
    }
    const wanted = Int32Array.from({ length: 16 }, (_, bit) =>
      mask.data.reduce((sum, word) => sum + ((word >> bit) & 1), 0),
    );
    expect(countBits(mask)).toEqual(wanted);
  });
});

describe('listFillings', () => {
  it.each([5, 66, 200_000])('finds the lowest of %d numbers, and where it and zero are', (width) => {
    const random = createRandom(4);
    const plane = makePlane(width, 1);
    for (let i = 0; i < width; i++) {
      plane.data[i] = i % 11 === 3 ? 0 : i % 13 === 2 ? Number.NaN : random.normal() - i / width;
    }
    const numbers = plane.data.filter((value) => !Number.isNaN(value));
    const lowest = numbers.reduce((least, value) => Math.min(least, value));
    plane.data[4] = lowest;
    plane.data[width - 1] = lowest;
    const places = (wanted: number): Int32Array =>
      Int32Array.from([...plane.data.keys()].filter((at) => plane.data[at] === wanted));
    expect(listFillings(plane)).toEqual({ lowest, lows: places(lowest), zeros: places(0) });
  });

  it('knows no lowest of what is not a number', () => {
    const plane = makePlane(9, 1);
    plane.data.fill(Number.NaN);
    expect(listFillings(plane)).toEqual({
      lowest: Number.POSITIVE_INFINITY,
      lows: new Int32Array(0),
      zeros: new Int32Array(0),
    });
  });
});
