import fc from 'fast-check';
import { expect, it } from 'vitest';
import { madStd, madStdNear, median } from './robust-statistics.ts';

it('gives the same median as sorting does, for any numbers, ties included', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -3, max: 3 }),
  );
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 400 }), (values) => {
      const sorted = [...values].sort((a, b) => a - b);
      const n = sorted.length;
      const expected = n % 2 === 1 ? sorted[(n - 1) / 2]! : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2;
      // -0 and 0 are the same number.
      expect(median(values) + 0).toBe(expected + 0);
    }),
    { numRuns: 300 },
  );
});

it('leaves its input alone, and has no median of nothing', () => {
  const values = [3, 1, 2];
  expect(median(values)).toBe(2);
  expect(values).toEqual([3, 1, 2]);
  expect(median([])).toBeNaN();
});

it('estimates a standard deviation that one wild number does not move', () => {
  expect(madStd([1, 2, 3, 4, 5, 1e9])).toBeCloseTo(1.482602 * 1.5, 6);
});

it('finds the same from an estimate, however right or wrong that is', () => {
  const number = fc.float({ noNaN: true, min: -1e6, max: 1e6 });
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(1, 1 + 1e-7, 1 - 4e-6, 0.9, 0, 30),
      (numbers, wrong) => {
        const values = Float32Array.from(numbers);
        const right = madStd(values);
        expect(madStdNear(values, median(values), right * wrong)).toBe(right);
      },
    ),
    { numRuns: 300 },
  );
});
