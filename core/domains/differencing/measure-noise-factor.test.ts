import { expect, it } from 'vitest';
import { makeTwinDifference } from '../../../tests/sky/make-twin-difference.ts';
import { convolve } from '../../kernels/index.ts';
import { measureNoiseFactor } from './measure-noise-factor.ts';
import { DEFAULT_FORCED_FLUX_CONFIG, measurePsfFlux } from './measure-psf-flux.ts';

const { input } = makeTwinDifference({ sizePx: 512, seed: 4, transients: 10 });
const { difference } = input;

it('is one where the noise is white', () => {
  // 1500 places know the scatter to 3 %.
  expect(Math.abs(measureNoiseFactor(difference, DEFAULT_FORCED_FLUX_CONFIG) - 1)).toBeLessThan(0.08);
});

it('makes errors true where neighbouring pixels share their noise', () => {
  // A quarter of each pixel in its four neighbours: single pixels lose a third of their noise, sums none.
  const taps = { width: 3, height: 3, data: Float32Array.of(0, 0.1, 0, 0.1, 0.6, 0.1, 0, 0.1, 0) };
  const power = taps.data.reduce((sum, tap) => sum + tap * tap, 0);
  const smooth = convolve(difference.difference, taps);
  const variance = {
    ...difference.variance,
    data: difference.variance.data.map((value) => value * power),
  };
  const shared = { ...difference, difference: smooth, variance };
  const noiseFactor = measureNoiseFactor(shared, DEFAULT_FORCED_FLUX_CONFIG);
  expect(noiseFactor).toBeGreaterThan(1.2);
  const config = { ...DEFAULT_FORCED_FLUX_CONFIG, noiseFactor };
  const image = { science: smooth, variance, mask: difference.mask };
  // Other places than those of the lattice.
  const places = Array.from({ length: 900 }, (_, k) => ({
    xPx: 23.3 + (k % 30) * 15.7,
    yPx: 22.1 + Math.floor(k / 30) * 15.7,
  })).filter(
    ({ xPx, yPx }) =>
      Math.abs(difference.score.data[Math.round(yPx) * 512 + Math.round(xPx)]!) < 5 &&
      !input.science.sources.some((star) => Math.hypot(star.xPx - xPx, star.yPx - yPx) < 12),
  );
  expect(places.length).toBeGreaterThan(400);
  const pulls = measurePsfFlux(image, difference.psf, places, config).map((f) => f.fluxE / f.fluxErrE);
  const rms = Math.sqrt(pulls.reduce((sum, pull) => sum + pull * pull, 0) / pulls.length);
  expect(Math.abs(rms - 1)).toBeLessThan(0.1);
});
