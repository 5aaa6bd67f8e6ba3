import { describe, expect, it } from 'vitest';
import {
  addProductSpectra,
  irfft2,
  type LatentPlane,
  makePlane,
  makeSubtractionFilters,
  multiplySpectra,
  type Plane,
  type PlanePair,
  rfft2,
  rfft2OfStamp,
  spreadVariances,
  subtractPlanes,
  takeRows,
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

/** All rows, in two goes. */
function develop(latent: LatentPlane): Plane {
  const plane = makePlane(latent.width, latent.height);
  takeRows(latent, 0, 7, plane, 0);
  takeRows(latent, 7, plane.height - 7, plane, 7);
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
        withArena((arena) => {
          const out = subtractPlanes(images, { ...options, profiles, correlation, shiftX: 0, shiftY: 0 });
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
          expect(develop(out.difference).data).toEqual(difference.data);
          expect(develop(out.scoreScience).data).toEqual(
            irfft2(multiplySpectra(n, filters.scoreScience)).data,
          );
          expect(develop(out.scoreTemplate).data).toEqual(
            irfft2(multiplySpectra(r, filters.scoreTemplate)).data,
          );
        });
      }
    },
  );

  it('moves the template first, and a move by whole pixels is one', () => {
    const [width, height] = [40, 36];
    const images = { science: wave(width, height, 1.3), template: wave(width, height, 0.7) };
    const [still, moved] = [
      [0, 0],
      [3, -2],
    ].map(([shiftX, shiftY]) =>
      withArena(() => {
        const out = subtractPlanes(images, { ...options, profiles, shiftX: shiftX!, shiftY: shiftY! });
        return { scoreScience: develop(out.scoreScience), scoreTemplate: develop(out.scoreTemplate) };
      }),
    );
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
    });
    const large = planes(40, 36);
    const subtract = (images: PlanePair) => withArena(() => subtractPlanes(images, subtraction));
    expect(() => subtract({ ...large, template: makePlane(36, 40) })).toThrow(RangeError);
    expect(() => subtract(planes(44, 36))).toThrow(RangeError);
  });

  it('gives no rows that a plane has not', () => {
    withArena(() => {
      const images = { science: makePlane(40, 36), template: makePlane(40, 36) };
      const { difference } = subtractPlanes(images, { ...options, profiles, shiftX: 0, shiftY: 0 });
      expect(() => takeRows(difference, 35, 2, makePlane(40, 2), 0)).toThrow(RangeError);
      expect(() => takeRows(difference, 0, 3, makePlane(40, 3), 1)).toThrow(RangeError);
      expect(() => takeRows(difference, 0, 3, makePlane(44, 3), 0)).toThrow(RangeError);
    });
  });
});

describe('spreadVariances', () => {
  it.each(SIZES)('adds up both images through their kernels, twice, to the bit: %i x %i', (width, height) => {
    const variances = { science: wave(width, height, 2.1), template: wave(width, height, 0.3) };
    const kernels = [
      { science: gaussian(15, 1.1), template: gaussian(15, 2.2) },
      { science: gaussian(9, 0.8), template: gaussian(15, 1.7) },
    ] as const;
    const sums = withArena(() => spreadVariances(variances, kernels).map(develop));
    kernels.forEach(({ science, template }, k) => {
      const sum = addProductSpectra(
        rfft2(variances.science),
        rfft2OfStamp(science, width, height),
        rfft2(variances.template),
        rfft2OfStamp(template, width, height),
      );
      expect(sums[k]!.data).toEqual(irfft2(sum).data);
    });
  });
});
