import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import {
  goodFftSize,
  irfft2,
  makePlane,
  makeSpectrum,
  type Plane,
  rfft2,
  rfft2OfStamp,
  withArena,
} from './index.ts';

function noise(width: number, height: number, seed = 1): Plane {
  const random = createRandom(seed);
  const plane = makePlane(width, height);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = random.normal();
  return plane;
}

/** The definition, in float64: rows, then columns. */
function slowTransform({ width, height, data }: Plane): Float64Array {
  const columns = width / 2 + 1;
  const rows = new Float64Array(columns * height * 2);
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < columns; k++) {
      for (let x = 0; x < width; x++) {
        const angle = (-2 * Math.PI * ((k * x) % width)) / width;
        rows[2 * (y * columns + k)] += data[y * width + x]! * Math.cos(angle);
        rows[2 * (y * columns + k) + 1] += data[y * width + x]! * Math.sin(angle);
      }
    }
  }
  const out = new Float64Array(rows.length);
  for (let j = 0; j < height; j++) {
    for (let y = 0; y < height; y++) {
      const angle = (-2 * Math.PI * ((j * y) % height)) / height;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      for (let k = 0; k < columns; k++) {
        const re = rows[2 * (y * columns + k)]!;
        const im = rows[2 * (y * columns + k) + 1]!;
        out[2 * (j * columns + k)] += re * cos - im * sin;
        out[2 * (j * columns + k) + 1] += re * sin + im * cos;
      }
    }
  }
  return out;
}

function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(difference / size);
}

const smooth = (low: number, high: number): number[] => {
  const sizes: number[] = [];
  for (let n = low; n <= high; n++) {
    let rest = n;
    for (const p of [2, 3, 5]) while (rest % p === 0) rest /= p;
    if (rest === 1) sizes.push(n);
  }
  return sizes;
};

describe('rfft2', () => {
  it.each([
    [2, 1],
    [2, 3],
    [4, 2],
    [6, 5],
    [8, 8],
    [10, 9],
    [12, 27],
    [16, 16],
    [30, 25],
    [32, 4],
    [36, 64],
    [64, 32],
    [48, 128],
    [50, 18],
    [64, 45],
    [90, 60],
    [128, 80],
  ])('is the definition in float64 to a few roundings at %i x %i', (width, height) => {
    const plane = noise(width, height);
    expect(relativeError(rfft2(plane).data, slowTransform(plane))).toBeLessThan(3e-7);
  });

  it('comes back to the plane for every pair of small sizes', () => {
    for (const width of smooth(2, 64).filter((n) => n % 2 === 0)) {
      for (const height of smooth(1, 33)) {
        const plane = noise(width, height, width * 100 + height);
        expect(relativeError(irfft2(rfft2(plane)).data, plane.data)).toBeLessThan(5e-7);
      }
    }
  });

  it('comes back to the plane at sizes of a field', () => {
    for (const [width, height] of [
      [1024, 512],
      [1080, 1000],
    ] as const) {
      const plane = noise(width, height);
      expect(relativeError(irfft2(rfft2(plane)).data, plane.data)).toBeLessThan(5e-7);
    }
  });

  it('conserves energy (Parseval) and is linear', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...smooth(2, 100).filter((n) => n % 2 === 0)),
        fc.constantFrom(...smooth(1, 100)),
        fc.integer({ min: 0, max: 1e6 }),
        (width, height, seed) => {
          const a = noise(width, height, seed);
          const b = noise(width, height, seed + 1);
          const sum = makePlane(width, height);
          for (let i = 0; i < sum.data.length; i++) sum.data[i] = 2 * a.data[i]! - b.data[i]!;
          const [fa, fb, fsum] = [rfft2(a), rfft2(b), rfft2(sum)];
          let energy = 0;
          let spectral = 0;
          for (const value of a.data) energy += value * value;
          const combined = new Float64Array(fa.data.length);
          for (let i = 0; i < fa.data.length; i++) {
            const column = Math.floor((i % (width + 2)) / 2);
            const twice = column > 0 && column < width / 2 ? 2 : 1;
            spectral += (twice * fa.data[i]! ** 2) / (width * height);
            combined[i] = 2 * fa.data[i]! - fb.data[i]!;
          }
          expect(Math.abs(spectral / energy - 1)).toBeLessThan(1e-5);
          expect(relativeError(fsum.data, combined)).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('turns a shifted impulse into the exact phases', () => {
    const plane = makePlane(40, 24);
    plane.data[5 * 40 + 7] = 1;
    const { data } = rfft2(plane);
    for (let j = 0; j < 24; j++) {
      for (let k = 0; k <= 20; k++) {
        const angle = -2 * Math.PI * ((7 * k) / 40 + (5 * j) / 24);
        expect(data[j * 42 + 2 * k]).toBeCloseTo(Math.cos(angle), 6);
        expect(data[j * 42 + 2 * k + 1]).toBeCloseTo(Math.sin(angle), 6);
      }
    }
  });

  it('gives the same bits in the arena, outside it, and again', () => {
    const plane = noise(96, 50);
    const outside = rfft2(plane);
    const back = irfft2(outside);
    withArena((arena) => {
      const held = arena.hold(plane);
      const spectrum = rfft2(held, arena.spectrum(96, 50));
      expect([...spectrum.data]).toEqual([...outside.data]);
      const copy = Float32Array.from(spectrum.data);
      expect([...irfft2(spectrum, arena.plane(96, 50)).data]).toEqual([...back.data]);
      expect([...spectrum.data]).toEqual([...copy]);
      expect([...held.data]).toEqual([...plane.data]);
    });
    expect([...rfft2(plane).data]).toEqual([...outside.data]);
  });

  it('spreads a NaN to every number of the spectrum', () => {
    const plane = noise(16, 8);
    plane.data[3] = Number.NaN;
    const { data } = rfft2(plane);
    for (let k = 0; k < data.length; k += 2) expect(Number.isNaN(data[k]! + data[k + 1]!)).toBe(true);
  });

  it('refuses sizes that it has no transform for, and says which to use', () => {
    expect(() => rfft2(makePlane(14, 8))).toThrow(/goodFftSize\(14\)/);
    expect(() => rfft2(makePlane(15, 8))).toThrow(RangeError);
    expect(() => rfft2(makePlane(8, 7))).toThrow(RangeError);
    expect(() => rfft2(makePlane(0, 0))).toThrow(RangeError);
    expect(() => rfft2(makePlane(8, 8), makeSpectrum(8, 16))).toThrow(RangeError);
    expect(() => irfft2(makeSpectrum(22, 8))).toThrow(RangeError);
  });
});

describe('goodFftSize', () => {
  it('gives the smallest even product of 2, 3 and 5 that is large enough', () => {
    const good = smooth(2, 5000).filter((n) => n % 2 === 0);
    for (let n = 1; n <= 4000; n++) expect(goodFftSize(n)).toBe(good.find((size) => size >= n));
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
