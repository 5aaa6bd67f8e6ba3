import { describe, expect, it } from 'vitest';
import { createRandom } from '../../utils/random.ts';
import { ditherOfTile } from './dither-pixels.ts';
import { measureNoise, quantiseTile } from './quantise-pixels.ts';

describe('The dither', () => {
  it('ends its sequence with the seed that the standard gives as a check', () => {
    // Tile 0 with seed 1 starts at the first number times 500, which is 0: ten thousand numbers are all of them.
    const numbers = ditherOfTile(0, 1, 10_000);
    expect(numbers[0]).toBe(Math.fround(16807 / 2147483647));
    expect(numbers[9_999]).toBe(Math.fround(1043618065 / 2147483647));
  });
  it('goes on in a tile longer than the sequence from the next starting place', () => {
    const numbers = ditherOfTile(0, 1, 10_003);
    const next = ditherOfTile(1, 1, 3);
    expect(numbers.subarray(10_000)).toEqual(next);
  });
});

describe('The noise of a line', () => {
  it('is that of its pixels, whatever the slope beneath', () => {
    const random = createRandom(4);
    const line = Float32Array.from({ length: 4000 }, (_, i) => 1e4 + 3 * i + 7 * random.normal());
    // The median of 4000 differences of three pixels has a relative deviation near 2 %.
    expect(measureNoise(line) / 7).toBeGreaterThan(0.94);
    expect(measureNoise(line) / 7).toBeLessThan(1.06);
  });
  it('is zero where most neighbours are alike, and then nothing is quantised', () => {
    const line = new Float32Array(50).fill(3);
    expect(measureNoise(line)).toBe(0);
    expect(quantiseTile(line, 4, 'none', 0, 1)).toBeUndefined();
  });
  it('leaves out pixels without a value', () => {
    const line = Float32Array.of(1, 2, Number.NaN, 1, 2, 1, 3, Number.NaN, 0);
    expect(measureNoise(line)).toBe(measureNoise(line.filter((value) => !Number.isNaN(value))));
    expect(measureNoise(Float32Array.of(1, 2, Number.NaN, Number.NaN, 3))).toBe(0);
  });
});
