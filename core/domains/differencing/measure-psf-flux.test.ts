import { expect, it } from 'vitest';
import { makeMaskPlane, makePlane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/index.ts';
import { MaskBit } from '../observations/index.ts';
import { DEFAULT_FORCED_FLUX_CONFIG, measurePsfFlux } from './measure-psf-flux.ts';
import type { SpatialPsf } from './model.ts';

const SIZE = 25;
const SIGMA = 1.5;

/** A Gaussian PSF, unit sum. */
function makePsf(width: number): SpatialPsf {
  const stamp = new Float32Array(SIZE * SIZE);
  let sum = 0;
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const value = Math.exp(-((x - 12) ** 2 + (y - 12) ** 2) / (2 * SIGMA ** 2));
      stamp[y * SIZE + x] = value;
      sum += value;
    }
  }
  return {
    size: SIZE,
    degree: 0,
    imageWidth: width,
    imageHeight: width,
    coefficients: [stamp.map((value) => value / sum)],
    fwhmPx: SIGMA * 2.3548,
    starsUsed: 1,
    heldOutChi2: 1,
    mismatch: 0,
    method: 'pixels',
  };
}

function makeImage(
  width: number,
  stars: readonly (readonly [x: number, y: number, flux: number])[],
  noise: number,
) {
  const random = createRandom(3);
  const science = makePlane(width, width);
  const variance = makePlane(width, width);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      let value = noise * random.normal();
      for (const [sx, sy, flux] of stars) {
        value +=
          (flux * Math.exp(-((x - sx) ** 2 + (y - sy) ** 2) / (2 * SIGMA ** 2))) / (2 * Math.PI * SIGMA ** 2);
      }
      science.data[y * width + x] = value;
      variance.data[y * width + x] = noise ** 2;
    }
  }
  return { science, variance, mask: makeMaskPlane(width, width) };
}

it('gives the flux that was put in, at any fraction of a pixel', () => {
  const stars = [
    [20, 20, 1000],
    [40.3, 21.7, 500],
    [30.5, 44.5, 2000],
  ] as const;
  const image = makeImage(64, stars, 1e-3);
  const fluxes = measurePsfFlux(
    image,
    makePsf(64),
    stars.map(([xPx, yPx]) => ({ xPx, yPx })),
  );
  // 0.5 %: Lanczos interpolation of a PSF of 3.5 px FWHM.
  for (const [index, { fluxE }] of fluxes.entries()) {
    expect(Math.abs(fluxE / stars[index]![2] - 1)).toBeLessThan(0.005);
  }
});

it('gives errors that are true: pulls over empty sky have unit width', () => {
  const image = makeImage(256, [], 3);
  const positions = Array.from({ length: 400 }, (_, k) => ({
    xPx: 12 + (k % 20) * 12,
    yPx: 12 + Math.floor(k / 20) * 12,
  }));
  const pulls = measurePsfFlux(image, makePsf(256), positions).map(({ fluxE, fluxErrE }) => fluxE / fluxErrE);
  const rms = Math.sqrt(pulls.reduce((sum, pull) => sum + pull ** 2, 0) / pulls.length);
  // 400 positions: the rms itself scatters by 3.5 %; three times that.
  expect(Math.abs(rms - 1)).toBeLessThan(0.11);
});

it('leaves masked pixels out, and says NaN where nothing is left', () => {
  const image = makeImage(64, [[30, 30, 1000]], 1e-3);
  image.science.data[30 * 64 + 30] = 60_000;
  image.mask.data[30 * 64 + 30] = MaskBit.CR;
  const [flux] = measurePsfFlux(image, makePsf(64), [{ xPx: 30, yPx: 30 }]);
  expect(Math.abs(flux!.fluxE / 1000 - 1)).toBeLessThan(0.005);
  image.mask.data.fill(MaskBit.NO_DATA);
  expect(measurePsfFlux(image, makePsf(64), [{ xPx: 30, yPx: 30 }])[0]!.fluxE).toBeNaN();
});

it('reports fluxes below zero as they are, with the part of the pixels that is', () => {
  const image = makeImage(64, [[30.4, 30.2, -1000]], 1e-3);
  const [flux] = measurePsfFlux(image, makePsf(64), [{ xPx: 30.4, yPx: 30.2 }]);
  expect(Math.abs(flux!.fluxE / -1000 - 1)).toBeLessThan(0.005);
  expect(flux!.negativeFraction).toBe(1);
});

it('leaves a level around the source out of its flux where a local background is asked for', () => {
  const image = makeImage(64, [[30.4, 30.2, 1000]], 1e-3);
  for (let k = 0; k < image.science.data.length; k++) image.science.data[k]! += 25;
  const position = { xPx: 30.4, yPx: 30.2 };
  const [plain] = measurePsfFlux(image, makePsf(64), [position]);
  const [local] = measurePsfFlux(image, makePsf(64), [position], {
    ...DEFAULT_FORCED_FLUX_CONFIG,
    background: 'constant',
  });
  expect(plain!.fluxE).toBeGreaterThan(1300);
  expect(Math.abs(local!.fluxE / 1000 - 1)).toBeLessThan(0.005);
  expect(local!.backgroundE).toBeCloseTo(25, 1);
  expect(local!.fluxErrE).toBeGreaterThan(plain!.fluxErrE);
});

it('says which part of the weight is masked, and multiplies errors by the noise factor', () => {
  const image = makeImage(64, [], 3);
  for (let y = 0; y < 64; y++) for (let x = 30; x < 64; x++) image.mask.data[y * 64 + x] = MaskBit.BAD;
  const at = [{ xPx: 29.5, yPx: 30 }];
  const [half] = measurePsfFlux(image, makePsf(64), at);
  expect(half!.maskedFraction).toBeCloseTo(0.5, 2);
  const [louder] = measurePsfFlux(image, makePsf(64), at, {
    ...DEFAULT_FORCED_FLUX_CONFIG,
    noiseFactor: 1.5,
  });
  expect(louder!.fluxErrE / half!.fluxErrE).toBeCloseTo(1.5, 10);
  expect(louder!.fluxE).toBe(half!.fluxE);
});

it('gives NaN off the image and for what is no position, and goes on', () => {
  const image = makeImage(64, [[30, 30, 1000]], 1e-3);
  const fluxes = measurePsfFlux(image, makePsf(64), [
    { xPx: Number.NaN, yPx: 3 },
    { xPx: 300, yPx: 3 },
    { xPx: 30, yPx: 30 },
  ]);
  expect(fluxes.map(({ fluxE }) => Number.isNaN(fluxE))).toEqual([true, true, false]);
  expect(fluxes[0]!.maskedFraction).toBe(1);
});
