import { describe, expect, it } from 'vitest';
import {
  addProductSpectra,
  irfft2,
  makePlane,
  makeSubtractionFilters,
  multiplySpectra,
  type Plane,
  rfft2,
  rfft2OfStamp,
  spreadVariances,
  subtractPlanes,
  withArena,
} from './index.ts';

// The last block of the first size has one column, that of the second nine.
const SIZES = [
  [64, 36],
  [48, 80],
] as const;

function wave(width: number, height: number, seed: number): Plane {
  const plane = makePlane(width, height);
  for (let k = 0; k < plane.data.length; k++) plane.data[k] = 100 * Math.sin(seed * k + k * k);
  return plane;
}

function gaussian(size: number, sigma: number): Plane {
  const plane = makePlane(size, size);
  const half = (size - 1) / 2;
  for (let k = 0; k < plane.data.length; k++) {
    const u = (k % size) - half;
    const v = Math.floor(k / size) - half;
    plane.data[k] =
      Math.exp(-(u * u + 0.8 * v * v + 0.1 * u * v) / (2 * sigma ** 2)) / (2 * Math.PI * sigma ** 2);
  }
  return plane;
}

const options = { scienceVariance: 9, templateVariance: 4, leastPower: 0.01, floor: 3e-4, scale: 13 };
const profiles = { science: gaussian(13, 1.8), template: gaussian(11, 1.3) };

describe('subtractPlanes', () => {
  it.each(SIZES)(
    'is filters, products and transforms one after the other, to the bit: %i x %i',
    (width, height) => {
      const images = { science: wave(width, height, 1.3), template: wave(width, height, 0.7) };
      for (const correlation of [undefined, gaussian(3, 0.6)]) {
        const out = {
          difference: makePlane(width, height),
          scoreScience: makePlane(width, height),
          scoreTemplate: makePlane(width, height),
        };
        subtractPlanes(images, { ...options, profiles, correlation, shiftX: 0, shiftY: 0 }, out);
        withArena((arena) => {
          const spectrum = () => arena.spectrum(width, height);
          const filters = {
            scoreScience: spectrum(),
            scoreTemplate: spectrum(),
            differenceScience: spectrum(),
            differenceTemplate: spectrum(),
          };
          makeSubtractionFilters(
            rfft2OfStamp(profiles.science, width, height, spectrum()),
            rfft2OfStamp(profiles.template, width, height, spectrum()),
            { ...options, noise: correlation && rfft2OfStamp(correlation, width, height, spectrum()) },
            filters,
          );
          const n = rfft2(images.science);
          const r = rfft2(images.template);
          const { differenceScience, differenceTemplate } = filters;
          const difference = irfft2(addProductSpectra(n, differenceScience, r, differenceTemplate, -1));
          expect(out.difference.data).toEqual(difference.data);
          expect(out.scoreScience.data).toEqual(irfft2(multiplySpectra(n, filters.scoreScience)).data);
          expect(out.scoreTemplate.data).toEqual(irfft2(multiplySpectra(r, filters.scoreTemplate)).data);
        });
      }
    },
  );

  it('moves the template first, and a move by whole pixels is one', () => {
    const [width, height] = [40, 36];
    const images = { science: wave(width, height, 1.3), template: wave(width, height, 0.7) };
    const make = () => makePlane(width, height);
    const [still, moved] = [
      [0, 0],
      [3, -2],
    ].map(([shiftX, shiftY]) => {
      const out = { difference: make(), scoreScience: make(), scoreTemplate: make() };
      subtractPlanes(images, { ...options, profiles, shiftX: shiftX!, shiftY: shiftY! }, out);
      return out;
    });
    expect(moved!.scoreScience.data).toEqual(still!.scoreScience.data);
    const largest = Math.max(...still!.scoreTemplate.data.map(Math.abs));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = ((y + 2) % height) * width + ((x - 3 + width) % width);
        const apart = moved!.scoreTemplate.data[y * width + x]! - still!.scoreTemplate.data[from]!;
        // Turned in float32.
        expect(Math.abs(apart)).toBeLessThan(2e-6 * largest);
      }
    }
  });

  it('refuses planes of several sizes, and sizes that no transform takes', () => {
    const subtraction = { ...options, profiles, shiftX: 0, shiftY: 0 };
    const planes = (width: number, height: number) => ({
      science: makePlane(width, height),
      template: makePlane(width, height),
      difference: makePlane(width, height),
      scoreScience: makePlane(width, height),
      scoreTemplate: makePlane(width, height),
    });
    const large = planes(40, 36);
    expect(() => subtractPlanes(large, subtraction, { ...large, difference: makePlane(36, 40) })).toThrow(
      RangeError,
    );
    const odd = planes(44, 36);
    expect(() => subtractPlanes(odd, subtraction, odd)).toThrow(RangeError);
  });
});

describe('spreadVariances', () => {
  it.each(SIZES)('adds up both images through their kernels, twice, to the bit: %i x %i', (width, height) => {
    const variances = { science: wave(width, height, 2.1), template: wave(width, height, 0.3) };
    const kernels = [
      { science: gaussian(15, 1.1), template: gaussian(15, 2.2), out: makePlane(width, height) },
      { science: gaussian(9, 0.8), template: gaussian(15, 1.7), out: makePlane(width, height) },
    ] as const;
    spreadVariances(variances, kernels);
    for (const { science, template, out } of kernels) {
      const sum = addProductSpectra(
        rfft2(variances.science),
        rfft2OfStamp(science, width, height),
        rfft2(variances.template),
        rfft2OfStamp(template, width, height),
      );
      expect(out.data).toEqual(irfft2(sum).data);
    }
  });
});
