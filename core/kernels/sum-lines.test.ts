import { describe, expect, test } from 'vitest';
import { createRandom } from '../utils/random.ts';
import type { Plane } from './index.ts';
import { sumLines } from './index.ts';

/** Row of pixel `k` of the discrete line of `length` pixels that rises by `rise`: halves of halves. */
function rowOf(k: number, rise: number, length: number): number {
  if (length === 1) return 0;
  const half = length / 2;
  const part = Math.floor(rise / 2);
  return k < half ? rowOf(k, part, half) : Math.ceil(rise / 2) + rowOf(k - half, part, half);
}

describe('sums along lines', () => {
  test.each([
    [24, 19, false, false],
    [24, 19, true, false],
    [16, 33, false, true],
    [37, 21, true, true],
  ])(
    'are those of each line by itself, %d x %d, transposed %s, mirrored %s',
    (width, height, isTransposed, isMirrored) => {
      const random = createRandom(5);
      // Small integers: sums are exact in any order.
      const data = Float32Array.from({ length: width * height }, () => Math.round(3 * random.normal()));
      const plane: Plane = { width, height, data };
      const columns = isTransposed ? height : width;
      const rows = isTransposed ? width : height;
      const at = (x: number, y: number): number => {
        const row = isMirrored ? rows - 1 - y : y;
        return x >= columns ? 0 : isTransposed ? data[x * width + row]! : data[row * width + x]!;
      };
      const lengths: number[] = [];
      sumLines(plane, { minLength: 4, samples: 1e9, isTransposed, isMirrored }, (sums) => {
        const { length, blocks } = sums;
        lengths.push(length);
        expect([sums.columns, sums.rows]).toEqual([columns, rows]);
        const all: number[] = [];
        let block = 0;
        for (let x = 0; x + length / 2 <= columns; x += length) {
          const used = Math.min(length, columns - x);
          for (let top = 0; top < rows; top += length, block++) {
            let best = Number.NEGATIVE_INFINITY;
            let place = 0;
            for (let rise = 0; rise < length; rise++) {
              for (let y = top; y < Math.min(rows - rise, top + length); y++) {
                let sum = 0;
                for (let k = 0; k < length; k++) sum += at(x + k, y + rowOf(k, rise, length));
                all.push(sum / Math.sqrt(used));
                if (sum <= best) continue;
                best = sum;
                place = (x + rise) * rows + y;
              }
            }
            expect(sums.peaks[block]).toBe(best);
            if (Number.isFinite(best)) expect(sums.places[block]).toBe(place);
          }
        }
        expect(sums.peaks.length).toBe(block);
        expect(blocks).toBe(Math.ceil(rows / length));
        expect(sums.samples.length).toBe(all.length);
        // Once is divided, once multiplied by one over it.
        all.forEach((sample, k) => {
          expect(sums.samples[k]).toBeCloseTo(sample, 12);
        });
      });
      expect(lengths[0]).toBe(4);
      expect(lengths.at(-1)).toBe(2 ** Math.ceil(Math.log2(columns)));
    },
  );

  test('are sampled evenly where there are many', () => {
    const plane: Plane = {
      width: 64,
      height: 64,
      data: Float32Array.from({ length: 4096 }, (_, i) => i % 64),
    };
    sumLines(plane, { minLength: 2, samples: 100, isTransposed: true, isMirrored: false }, ({ samples }) => {
      expect(samples.length).toBeGreaterThan(30);
      expect(samples.length).toBeLessThanOrEqual(101);
    });
  });
});
