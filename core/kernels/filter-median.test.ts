import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { laplacianPositive, makePlane, medianFilter, type Plane, separableMedianFilter } from './index.ts';

interface Golden {
  readonly width: number;
  readonly height: number;
  readonly plane: number[];
  readonly median: Record<string, number[]>;
  readonly separableMedian: Record<string, number[]>;
  readonly laplacianPositive: number[];
}
// Made by tests/golden/make-kernels.py with the astroscrappy that it names.
const golden = JSON.parse(
  readFileSync(new URL('../../tests/golden/kernels.json', import.meta.url), 'utf8'),
) as Golden;
const goldenPlane = makePlane(golden.width, golden.height);
goldenPlane.data.set(golden.plane);

/** Noise with repeated values, some infinities and, when asked, some NaN. */
function roughPlane(width: number, height: number, seed: number, nanFraction: number): Plane {
  const random = createRandom(seed);
  const plane = makePlane(width, height);
  for (let i = 0; i < plane.data.length; i++) {
    const draw = random.uniform();
    if (draw < nanFraction) plane.data[i] = Number.NaN;
    else if (draw > 0.98) plane.data[i] = Number.POSITIVE_INFINITY;
    else plane.data[i] = Math.round(5 * random.normal()) + 0;
  }
  return plane;
}

function slowMedian(plane: Plane, sizeX: number, sizeY: number): Plane {
  const { width, height, data } = plane;
  const out = makePlane(width, height);
  out.data.set(data);
  const [rx, ry] = [sizeX >> 1, sizeY >> 1];
  for (let y = ry; y < height - ry; y++) {
    for (let x = rx; x < width - rx; x++) {
      const values: number[] = [];
      for (let j = -ry; j <= ry; j++) {
        for (let i = -rx; i <= rx; i++) values.push(data[(y + j) * width + x + i]!);
      }
      const numbers = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
      const half = numbers.length >> 1;
      const [low, high] = [numbers[numbers.length % 2 === 1 ? half : half - 1], numbers[half]];
      out.data[y * width + x] =
        low === undefined || high === undefined ? Number.NaN : low === high ? low : (low + high) / 2;
    }
  }
  return out;
}

function keepBorder(filtered: Plane, plane: Plane, radius: number): Plane {
  const { width, height } = plane;
  const out = makePlane(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const border = x < radius || y < radius || x >= width - radius || y >= height - radius;
      out.data[y * width + x] = (border ? plane : filtered).data[y * width + x]!;
    }
  }
  return out;
}

const side = fc.integer({ min: 1, max: 90 });
const nan = fc.constantFrom(0, 0.01, 0.3, 1);

describe('medianFilter', () => {
  it.each([3, 5, 7] as const)('is the middle of the sorted window, size %i', (size) => {
    fc.assert(
      fc.property(side, fc.integer({ min: 1, max: 25 }), nan, (width, height, nanFraction) => {
        const plane = roughPlane(width, height, width * height, nanFraction);
        expect(medianFilter(plane, size).data).toEqual(slowMedian(plane, size, size).data);
      }),
      { numRuns: 40 },
    );
  });

  it('joins its bands without a seam', () => {
    const plane = roughPlane(2000, 150, 3, 0);
    expect(medianFilter(plane, 3).data).toEqual(slowMedian(plane, 3, 3).data);
  });

  it.each([3, 5, 7] as const)('agrees with astroscrappy to the bit, edges too, size %i', (size) => {
    expect([...medianFilter(goldenPlane, size).data]).toEqual(golden.median[size]);
  });

  it('refuses other sizes', () => {
    expect(() => medianFilter(goldenPlane, 9 as 7)).toThrow(RangeError);
  });
});

describe('separableMedianFilter', () => {
  it.each([5, 7, 9] as const)('is the median of row medians, size %i', (size) => {
    fc.assert(
      fc.property(side, fc.integer({ min: 1, max: 25 }), nan, (width, height, nanFraction) => {
        const plane = roughPlane(width, height, width * height, nanFraction);
        const expected = keepBorder(slowMedian(slowMedian(plane, size, 1), 1, size), plane, size >> 1);
        expect(separableMedianFilter(plane, size).data).toEqual(expected.data);
      }),
      { numRuns: 40 },
    );
  });

  it.each([5, 7, 9] as const)('agrees with astroscrappy to the bit, edges too, size %i', (size) => {
    expect([...separableMedianFilter(goldenPlane, size).data]).toEqual(golden.separableMedian[size]);
  });

  it('refuses other sizes', () => {
    expect(() => separableMedianFilter(goldenPlane, 3 as 5)).toThrow(RangeError);
  });
});

describe('laplacianPositive', () => {
  it('agrees with astroscrappy to rounding, edges too', () => {
    const actual = laplacianPositive(goldenPlane).data;
    golden.laplacianPositive.forEach((value, i) => {
      // Differences of values near 500 in float32: an ulp is 3e-5.
      expect(Math.abs(actual[i]! - value)).toBeLessThan(2e-4);
    });
  });

  it('is the written-out sequence of steps in float64', () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        const random = createRandom(width);
        const plane = makePlane(width, height);
        for (let i = 0; i < plane.data.length; i++) plane.data[i] = random.normal();
        const at = (x: number, y: number): number =>
          x < 0 || y < 0 || x >= 2 * width || y >= 2 * height ? 0 : plane.data[(y >> 1) * width + (x >> 1)]!;
        const actual = laplacianPositive(plane).data;
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            let sum = 0;
            for (const [u, v] of [
              [2 * x, 2 * y],
              [2 * x + 1, 2 * y],
              [2 * x, 2 * y + 1],
              [2 * x + 1, 2 * y + 1],
            ] as const) {
              const laplacian = 4 * at(u, v) - at(u - 1, v) - at(u + 1, v) - at(u, v - 1) - at(u, v + 1);
              sum += Math.max(0, laplacian);
            }
            expect(Math.abs(actual[y * width + x]! - sum / 4)).toBeLessThan(2e-6);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it('makes a NaN and its four neighbours NaN', () => {
    const plane = makePlane(10, 8);
    plane.data[3 * 10 + 4] = Number.NaN;
    const nans = [...laplacianPositive(plane).data.entries()]
      .filter(([, v]) => Number.isNaN(v))
      .map(([i]) => i);
    expect(nans).toEqual([24, 33, 34, 35, 44]);
  });
});
