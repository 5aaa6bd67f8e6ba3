import { describe, expect, test } from 'vitest';
import { createRandom } from '../../utils/random.ts';
import { selectRanks } from './select-ranks.ts';

describe('selectRanks', () => {
  const random = createRandom(2);
  const draw = (kind: number): number =>
    kind === 0
      ? random.normal()
      : kind === 1
        ? Math.round(2 * random.normal())
        : Math.exp(9 * random.normal());

  test.each([1, 2, 33, 4096])('gives what sorting %d numbers would', (length) => {
    for (const kind of [0, 1, 2]) {
      const numbers = Float64Array.from({ length }, () => draw(kind));
      const ranks = [0, length >> 2, length >> 1, length - 1];
      const sorted = numbers.toSorted();
      expect(selectRanks(numbers, ranks)).toEqual(ranks.map((rank) => sorted[rank]));
    }
  });

  test('gives equal numbers back', () => {
    expect(selectRanks(new Float64Array(9).fill(4), [0, 8])).toEqual([4, 4]);
  });
});
