import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import {
  madStandardDeviation,
  measureCore,
  selectMedian,
  selectQuantile,
  sigmaClippedStatistics,
} from './index.ts';

const floats = fc.float32Array({ minLength: 1, maxLength: 300 });

function sortedNumbers(data: Float32Array): number[] {
  return [...data].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
}

function slowQuantile(sorted: readonly number[], fraction: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = fraction * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(position)]!, sorted[Math.ceil(position)]!];
  return low === high ? low : low + (high - low) * (position - Math.floor(position));
}

function slowClip(data: Float32Array, sigma: number, iterations: number): number[] {
  let kept = sortedNumbers(data);
  for (let round = 0; ; round++) {
    const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
    const std = Math.sqrt(kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / kept.length);
    const median = slowQuantile(kept, 0.5);
    const next = kept.filter((value) => Math.abs(value - median) <= sigma * std);
    if (round === iterations || next.length === kept.length) return [mean, median, std, kept.length];
    kept = next;
  }
}

describe('selectQuantile', () => {
  it('finds what sorting finds, for any floats', () => {
    fc.assert(
      fc.property(floats, fc.double({ min: 0, max: 1, noNaN: true }), (data, fraction) => {
        const before = Float32Array.from(data);
        const expected = slowQuantile(sortedNumbers(data), fraction);
        // Zeros of both signs are one value to a quantile.
        expect(selectQuantile(data, fraction) + 0).toEqual(expected + 0);
        expect(data).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  it('finds what sorting finds among many values, however they are spread', () => {
    const random = createRandom(3);
    const spreads: Record<string, (i: number, count: number) => number> = {
      normal: () => 1000 + random.normal(),
      constant: () => 7,
      sorted: (i) => i,
      twoValued: () => (random.uniform() < 0.5 ? 1 : 2),
      mostlyNaN: () => (random.uniform() < 0.9 ? Number.NaN : random.normal()),
      falling: (i) => -i,
      periodic: (i, count) => i % Math.floor(count / 256),
      rareInfinite: () => (random.uniform() < 0.01 ? Number.NEGATIVE_INFINITY : random.uniform()),
    };
    // On both sides of where few become many.
    for (const count of [511, 513, 4096, 65_535, 70_001]) {
      for (const value of Object.values(spreads)) {
        const data = Float32Array.from({ length: count }, (_, i) => value(i, count));
        const sorted = sortedNumbers(data);
        for (const fraction of [0, 0.001, 0.25, 0.5, 0.99, 1]) {
          expect(selectQuantile(data, fraction)).toBe(slowQuantile(sorted, fraction));
        }
      }
    }
  });

  it('finds the median of an even and of an odd count, with repeats', () => {
    expect(selectMedian(Float32Array.of(3, 1, 2))).toBe(2);
    expect(selectMedian(Float32Array.of(4, 1, 2, 3))).toBe(2.5);
    expect(selectMedian(Float32Array.of(7, 7, 7, 9))).toBe(7);
    expect(selectMedian(Float32Array.of(Number.NaN, -1, Number.NaN, 5))).toBe(2);
  });

  it('is NaN when there are no numbers', () => {
    expect(selectMedian(new Float32Array(0))).toBeNaN();
    expect(selectMedian(Float32Array.of(Number.NaN))).toBeNaN();
    expect(madStandardDeviation(new Float32Array(0))).toBeNaN();
  });

  it('refuses fractions outside 0..1', () => {
    expect(() => selectQuantile(Float32Array.of(1), 1.1)).toThrow(RangeError);
    expect(() => selectQuantile(Float32Array.of(1), Number.NaN)).toThrow(RangeError);
  });
});

describe('madStandardDeviation', () => {
  it('is 1.4826 times the median distance from the median', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 99 }),
        (values) => {
          const data = Float32Array.from(values);
          const centre = slowQuantile(sortedNumbers(data), 0.5);
          const expected =
            1.482602218505602 * slowQuantile(sortedNumbers(data.map((v) => Math.abs(v - centre))), 0.5);
          expect(madStandardDeviation(data)).toBeCloseTo(expected, 9);
        },
      ),
    );
  });

  it('measures a normal core through a tenth of outliers', () => {
    const random = createRandom(5);
    const data = Float32Array.from({ length: 100_000 }, (_, i) =>
      i % 10 === 0 ? 1e6 * random.uniform() : 1000 + 3 * random.normal(),
    );
    // A tenth of outliers on one side widens a MAD by about 14 %.
    expect(madStandardDeviation(data) / 3).toBeGreaterThan(1.05);
    expect(madStandardDeviation(data) / 3).toBeLessThan(1.2);
  });
});

describe('measureCore', () => {
  it('is what sorting and adding up give, whatever core it is said to be like', () => {
    const random = createRandom(11);
    for (const count of [1, 7, 600, 4096]) {
      const data = Float32Array.from({ length: count }, (_, i) =>
        i % 9 === 0 ? 1e4 * random.uniform() : 50 + 7 * random.normal(),
      );
      const median = selectMedian(data);
      const deviation = madStandardDeviation(data);
      const kept = [...data].filter((value) => Math.abs(value - median) <= 2.5 * deviation);
      const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
      const expected = { median, deviation, mean };
      expect(measureCore(data, 2.5)).toEqual(expected);
      expect(measureCore(data, 2.5, expected)).toEqual(expected);
      for (const [shift, scale] of [
        [0.05, 1],
        [3, 1],
        [-300, 0.01],
        [0, 40],
        [0, 0],
        [Number.NaN, Number.NaN],
      ] as const) {
        const like = { ...expected, median: median + shift * deviation, deviation: scale * deviation };
        expect(measureCore(data, 2.5, like)).toEqual(expected);
      }
    }
  });

  it('leaves NaN out, and knows nothing of nothing', () => {
    expect(measureCore(Float32Array.of(Number.NaN, 1, 3, Number.NaN), 2)).toEqual(
      measureCore(Float32Array.of(1, 3), 2),
    );
    expect(measureCore(new Float32Array(0), 2).mean).toBeNaN();
  });
});

describe('sigmaClippedStatistics', () => {
  it('is the written-out loop in float64', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(0, 1, 2, 5, 100),
        fc.constantFrom(2, 3, 4.5),
        (count, seed, iterations, sigma) => {
          const random = createRandom(seed);
          const data = Float32Array.from({ length: count }, () => {
            const draw = random.uniform();
            return draw < 0.05 ? Number.NaN : draw < 0.2 ? 1e4 * draw : 1000 + 10 * random.normal();
          });
          if (sortedNumbers(data).length === 0) return;
          const actual = sigmaClippedStatistics(data, { sigma, iterations });
          const [mean, median, std, kept] = slowClip(data, sigma, iterations);
          expect(actual.count).toBe(kept);
          expect(actual.median).toBe(median);
          expect(actual.mean).toBeCloseTo(mean!, 7);
          expect(actual.std).toBeCloseTo(std!, 5);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('finds the sky under stars', () => {
    const random = createRandom(9);
    const data = Float32Array.from({ length: 4096 }, (_, i) =>
      i % 20 === 0 ? 1000 + 5000 * random.uniform() : 1000 + 10 * random.normal(),
    );
    const { mean, median, std } = sigmaClippedStatistics(data);
    expect(Math.abs(median - 1000)).toBeLessThan(1);
    expect(Math.abs(mean - 1000)).toBeLessThan(1);
    expect(Math.abs(std - 10)).toBeLessThan(0.5);
  });

  it('keeps a constant whole and counts nothing in nothing', () => {
    expect(sigmaClippedStatistics(new Float32Array(50).fill(7))).toEqual({
      mean: 7,
      median: 7,
      std: 0,
      count: 50,
    });
    const nothing = sigmaClippedStatistics(Float32Array.of(Number.NaN));
    expect(nothing.count).toBe(0);
    expect(nothing.mean).toBeNaN();
  });
});
