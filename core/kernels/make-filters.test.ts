import { describe, expect, it } from 'vitest';
import { withArena } from './arena.ts';
import { makeSubtractionFilters } from './make-filters.ts';
import { makePlane } from './plane.ts';
import { makeSpectrum } from './spectrum.ts';
import { rfft2, rfft2OfStamp } from './transform-plane.ts';

const SIDE = 20;

function gaussian(size: number, sigma: number) {
  const stamp = makePlane(size, size);
  const half = (size - 1) / 2;
  for (let k = 0; k < stamp.data.length; k++) {
    const u = (k % size) - half;
    const v = Math.floor(k / size) - half - 0.2;
    stamp.data[k] = Math.exp(-(u * u + 1.2 * v * v) / (2 * sigma * sigma)) / (2 * Math.PI * sigma * sigma);
  }
  return stamp;
}

describe('makeSubtractionFilters', () => {
  it('equals the formulas number by number, also where both transforms vanish', () => {
    withArena((arena) => {
      const spectrum = () => arena.spectrum(SIDE, SIDE);
      const floor = 3e-3;
      const pn = rfft2OfStamp(gaussian(13, 1.8), SIDE, SIDE, spectrum());
      const pr = rfft2OfStamp(gaussian(11, 1.4), SIDE, SIDE, spectrum());
      const noise = rfft2OfStamp(gaussian(3, 0.6), SIDE, SIDE, spectrum());
      const before = [pn, pr, noise].map(({ data }) => Float64Array.from(data));
      const out = {
        scoreScience: spectrum(),
        scoreTemplate: spectrum(),
        differenceScience: spectrum(),
        differenceTemplate: spectrum(),
      };
      const options = { scienceVariance: 9, templateVariance: 4, noise, leastPower: 0.3, floor, scale: 7 };
      makeSubtractionFilters(pn, pr, options, out);
      let lifted = 0;
      const [n, r, w] = before;
      for (let k = 0; k < n!.length; k += 2) {
        let [nRe, nIm, rRe, rIm] = [n![k]!, n![k + 1]!, r![k]!, r![k + 1]!];
        const power = nRe ** 2 + nIm ** 2 + rRe ** 2 + rIm ** 2;
        if (power < 50 * floor ** 2) {
          const lift = floor * Math.exp(-power / (2 * floor ** 2));
          nRe += lift;
          rRe += lift;
          lifted++;
        }
        const [n2, r2] = [nRe ** 2 + nIm ** 2, rRe ** 2 + rIm ** 2];
        const over = 1 / ((9 * r2 + 4 * n2) * Math.max(0.3, w![k]!));
        const root = Math.sqrt(7 * over);
        const wanted = [
          [nRe * r2 * over, -nIm * r2 * over],
          [rRe * n2 * over, -rIm * n2 * over],
          [rRe * root, rIm * root],
          [nRe * root, nIm * root],
        ];
        Object.values(out).forEach(({ data }, filter) => {
          const size = Math.hypot(...wanted[filter]!);
          // A handful of float32 operations, each to 6e-8, on numbers of which some are differences.
          expect(Math.abs(data[k]! - wanted[filter]![0]!)).toBeLessThan(1e-5 * size);
          expect(Math.abs(data[k + 1]! - wanted[filter]![1]!)).toBeLessThan(1e-5 * size);
        });
        expect(pn.data[k]).toBeCloseTo(nRe, 7);
      }
      expect(lifted).toBeGreaterThan(20);
    });
  });

  it('refuses spectra outside the arena', () => {
    const outside = makeSpectrum(SIDE, SIDE);
    const options = { scienceVariance: 1, templateVariance: 1, leastPower: 0.01, floor: 1e-3, scale: 1 };
    const filters = {
      scoreScience: outside,
      scoreTemplate: outside,
      differenceScience: outside,
      differenceTemplate: outside,
    };
    expect(() => makeSubtractionFilters(outside, outside, options, filters)).toThrow(RangeError);
  });
});

describe('rfft2OfStamp', () => {
  it.each([
    [24, 18, 7, 5],
    [20, 20, 1, 1],
    [64, 48, 31, 47],
  ])(
    'is the transform of a plane of %i x %i with the stamp of %i x %i around its first pixel',
    (width, height, w, h) => {
      const stamp = makePlane(w, h);
      const plane = makePlane(width, height);
      for (let j = 0; j < h; j++) {
        for (let i = 0; i < w; i++) {
          stamp.data[j * w + i] = Math.cos(3 * i + j * j);
          const x = (i - (w - 1) / 2 + width) % width;
          const y = (j - (h - 1) / 2 + height) % height;
          plane.data[y * width + x] = stamp.data[j * w + i]!;
        }
      }
      const wanted = rfft2(plane).data;
      const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // Other roundings: the first passes along columns are left out.
      rfft2OfStamp(stamp, width, height).data.forEach((value, k) => {
        expect(Math.abs(value - wanted[k]!)).toBeLessThan(1e-6 * largest);
      });
    },
  );

  it('refuses stamps that do not fit or have no middle pixel', () => {
    expect(() => rfft2OfStamp(makePlane(4, 5), 20, 20)).toThrow(RangeError);
    expect(() => rfft2OfStamp(makePlane(21, 5), 20, 20)).toThrow(RangeError);
  });
});
