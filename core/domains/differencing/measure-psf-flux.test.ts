import { expect, it } from 'vitest';
import { makeMaskPlane, makePlane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/index.ts';
import { MaskBit } from '../observations/index.ts';
import { measurePsfFlux } from './measure-psf-flux.ts';
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
