import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { sortFloats } from './index.ts';

describe('sortFloats', () => {
  it.each([0, 1, 2, 1000, 70_000])('sorts %d numbers of any sign and size as the engine does', (length) => {
    const random = createRandom(length);
    const numbers = Float32Array.from({ length }, (_, i) =>
      i % 5 === 0 ? Math.round(random.normal()) : random.normal() * 10 ** (20 * random.normal()),
    );
    if (length > 2) numbers.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 1);
    const before = numbers.slice();
    const sorted = sortFloats(numbers);
    expect(sorted).toEqual(before.toSorted());
    expect(numbers).toEqual(before);
  });
});
