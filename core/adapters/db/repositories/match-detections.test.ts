import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchDetections, type Place } from './match-detections.ts';

const place = fc.record({
  xPx: fc.double({ min: -5, max: 30, noNaN: true }),
  yPx: fc.double({ min: -5, max: 30, noNaN: true }),
  isNegative: fc.boolean(),
});
const distance = (a: Place, b: Place): number => Math.hypot(a.xPx - b.xPx, a.yPx - b.yPx);

test('pairs are near, of one sign and used once, and no free pair is left over', () => {
  fc.assert(
    fc.property(fc.array(place, { maxLength: 40 }), fc.array(place, { maxLength: 40 }), (now, earlier) => {
      const matched = matchDetections(now, earlier, 2);
      const used = matched.filter((position) => position !== undefined);
      expect(new Set(used).size).toBe(used.length);
      for (const [n, position] of matched.entries()) {
        if (position !== undefined) {
          expect(distance(now[n]!, earlier[position]!)).toBeLessThanOrEqual(2);
          expect(now[n]!.isNegative).toBe(earlier[position]!.isNegative);
          continue;
        }
        const free = earlier.some(
          (other, m) =>
            !used.includes(m) && other.isNegative === now[n]!.isNegative && distance(now[n]!, other) <= 2,
        );
        expect(free).toBe(false);
      }
    }),
  );
});

test('the nearest pair is made first', () => {
  const at = (xPx: number): Place => ({ xPx, yPx: 0, isNegative: false });
  expect(matchDetections([at(0), at(1)], [at(0.9)], 2)).toEqual([undefined, 0]);
});
