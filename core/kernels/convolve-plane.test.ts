import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { convolve, convolveSeparable, makePlane, type Plane } from './index.ts';

function noise(width: number, height: number, seed = 1): Plane {
  const random = createRandom(seed);
  const plane = makePlane(width, height);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = 100 + 10 * random.normal();
  return plane;
}

function slowConvolve(plane: Plane, kernel: Plane): Float64Array {
  const { width, height, data } = plane;
  const out = new Float64Array(width * height);
  const clamp = (value: number, side: number): number => Math.min(Math.max(value, 0), side - 1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let j = 0; j < kernel.height; j++) {
        for (let i = 0; i < kernel.width; i++) {
          const from =
            clamp(y - (j - (kernel.height >> 1)), height) * width +
            clamp(x - (i - (kernel.width >> 1)), width);
          out[y * width + x] += kernel.data[j * kernel.width + i]! * data[from]!;
        }
      }
    }
  }
  return out;
}

const odd = (max: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: (max - 1) / 2 }).map((r) => 2 * r + 1);
const side = fc.integer({ min: 1, max: 70 });

describe('convolve', () => {
  it('is the definition in float64 for any size of plane and kernel', () => {
    fc.assert(
      fc.property(side, side, odd(9), odd(9), (width, height, kernelWidth, kernelHeight) => {
        const plane = noise(width, height, width);
        const kernel = noise(kernelWidth, kernelHeight, height);
        const expected = slowConvolve(plane, kernel);
        const actual = convolve(plane, kernel).data;
        for (let i = 0; i < expected.length; i++) {
          expect(Math.abs(actual[i]! / expected[i]! - 1)).toBeLessThan(1e-6);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('joins its bands without a seam', () => {
    const plane = noise(3000, 200);
    const kernel = noise(3, 15);
    const expected = slowConvolve(plane, kernel);
    const actual = convolve(plane, kernel).data;
    let worst = 0;
    for (let i = 0; i < expected.length; i++)
      worst = Math.max(worst, Math.abs(actual[i]! / expected[i]! - 1));
    expect(worst).toBeLessThan(1e-6);
  });

  it('puts the kernel, not its mirror image, where an impulse was', () => {
    const plane = makePlane(9, 9);
    plane.data[4 * 9 + 4] = 1;
    const kernel = noise(3, 5);
    const out = convolve(plane, kernel);
    for (let j = 0; j < 5; j++) {
      for (let i = 0; i < 3; i++) expect(out.data[(2 + j) * 9 + 3 + i]).toBe(kernel.data[j * 3 + i]);
    }
  });

  it('keeps a NaN to the pixels within reach, also under taps of zero', () => {
    const plane = noise(40, 30);
    plane.data[10 * 40 + 20] = Number.NaN;
    const kernel = makePlane(5, 3);
    kernel.data[7] = 1;
    const out = convolve(plane, kernel);
    for (let y = 0; y < 30; y++) {
      for (let x = 0; x < 40; x++) {
        const near = Math.abs(x - 20) <= 2 && Math.abs(y - 10) <= 1;
        expect(Number.isNaN(out.data[y * 40 + x])).toBe(near);
      }
    }
  });

  it('refuses a kernel with an even side', () => {
    expect(() => convolve(noise(8, 8), makePlane(4, 3))).toThrow(RangeError);
    expect(() => convolveSeparable(noise(8, 8), new Float32Array(2), new Float32Array(3))).toThrow(
      RangeError,
    );
  });
});

describe('convolveSeparable', () => {
  it('is the convolution with the product of the two kernels', () => {
    fc.assert(
      fc.property(side, side, odd(11), odd(11), (width, height, nx, ny) => {
        const plane = noise(width, height, width);
        const kx = noise(nx, 1, 2).data;
        const ky = noise(ny, 1, 3).data;
        const kernel = makePlane(nx, ny);
        for (let j = 0; j < ny; j++) for (let i = 0; i < nx; i++) kernel.data[j * nx + i] = kx[i]! * ky[j]!;
        const expected = slowConvolve(plane, kernel);
        const actual = convolveSeparable(plane, kx, ky).data;
        for (let i = 0; i < expected.length; i++) {
          expect(Math.abs(actual[i]! / expected[i]! - 1)).toBeLessThan(2e-6);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('joins its bands without a seam', () => {
    const plane = noise(3000, 130);
    const taps = Float32Array.of(0.25, 0.5, 0.25);
    const kernel = makePlane(3, 3);
    for (let i = 0; i < 9; i++) kernel.data[i] = taps[i % 3]! * taps[Math.floor(i / 3)]!;
    const expected = slowConvolve(plane, kernel);
    const actual = convolveSeparable(plane, taps, taps).data;
    let worst = 0;
    for (let i = 0; i < expected.length; i++)
      worst = Math.max(worst, Math.abs(actual[i]! / expected[i]! - 1));
    expect(worst).toBeLessThan(1e-6);
  });
});

describe('neighbourhood kernels', () => {
  it('refuse to write over their own input', () => {
    const plane = noise(8, 8);
    expect(() => convolve(plane, noise(3, 3), plane)).toThrow(RangeError);
  });
});
