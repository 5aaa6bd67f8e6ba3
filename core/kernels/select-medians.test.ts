import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { selectMedians } from './index.ts';

function slowMedian(values: Float32Array): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

describe('selectMedians', () => {
  it.each([1, 2, 9, 56, 64, 65, 130])('finds what sorting finds in groups of up to %d', (stride) => {
    const random = createRandom(stride);
    const groups = 75;
    const values = new Float32Array(groups * stride).map(() =>
      random.uniform() < 0.2
        ? Math.round(3 * random.normal())
        : random.normal() * 10 ** (8 * random.uniform() - 4),
    );
    values[0] = Number.POSITIVE_INFINITY;
    const counts = new Int32Array(groups).map((_, k) =>
      k % 5 === 0 ? stride : Math.floor((stride + 1) * random.uniform()),
    );
    const expected = Array.from(counts, (count, k) =>
      slowMedian(values.subarray(k * stride, k * stride + count)),
    );
    // Zeros of both signs are one value.
    expect(Array.from(selectMedians(values, stride, counts), (median) => median + 0)).toEqual(
      expected.map((median) => median + 0),
    );
  });

  it('leaves the numbers as they were, and has none of no group', () => {
    const values = Float32Array.of(3, 1, 2);
    expect(selectMedians(values, 3, Int32Array.of(3))).toEqual(Float64Array.of(2));
    expect(values).toEqual(Float32Array.of(3, 1, 2));
    expect(selectMedians(values, 3, new Int32Array(0))).toEqual(new Float64Array(0));
  });

  it('refuses counts beyond the groups, and groups beyond the numbers', () => {
    expect(() => selectMedians(new Float32Array(6), 3, Int32Array.of(3, 4))).toThrow(RangeError);
    expect(() => selectMedians(new Float32Array(5), 3, Int32Array.of(3, 2))).toThrow(RangeError);
  });
});
