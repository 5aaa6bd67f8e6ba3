import { describe, expect, it } from 'vitest';
import {
  addProductSpectra,
  irfft2,
  type LatentPlane,
  makePlane,
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

const kernels = {
  scoreScience: gaussian(15, 2.2),
  scoreTemplate: gaussian(13, 1.8),
  differenceScience: gaussian(9, 0.8),
  differenceTemplate: gaussian(15, 1.3),
};

describe('subtractPlanes', () => {
  it.each(SIZES)('is products and transforms one after the other, to the bit: %i x %i', (width, height) => {
    const images = { science: wave(width, height, 1.3), template: wave(width, height, 0.7) };
    withArena(() => {
      const out = subtractPlanes(images, kernels);
      const n = rfft2(images.science);
      const r = rfft2(images.template);
      const filter = (stamp: Plane) => rfft2OfStamp(stamp, width, height);
      const { scoreScience, scoreTemplate, differenceScience, differenceTemplate } = kernels;
      const difference = addProductSpectra(n, filter(differenceScience), r, filter(differenceTemplate), -1);
      expect(develop(out.difference).data).toEqual(irfft2(difference).data);
      expect(develop(out.scoreScience).data).toEqual(irfft2(multiplySpectra(n, filter(scoreScience))).data);
      expect(develop(out.scoreTemplate).data).toEqual(irfft2(multiplySpectra(r, filter(scoreTemplate))).data);
    });
  });

  it('refuses planes of several sizes, and sizes that no transform takes', () => {
    const planes = (width: number, height: number) => ({
      science: makePlane(width, height),
      template: makePlane(width, height),
    });
    const large = planes(40, 36);
    const subtract = (images: PlanePair) => withArena(() => subtractPlanes(images, kernels));
    expect(() => subtract({ ...large, template: makePlane(36, 40) })).toThrow(RangeError);
    expect(() => subtract(planes(44, 36))).toThrow(RangeError);
  });

  it('gives no rows that a plane has not', () => {
    withArena(() => {
      const { difference } = subtractPlanes(
        { science: makePlane(40, 36), template: makePlane(40, 36) },
        kernels,
      );
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
