import { describe, expect, it } from 'vitest';
import {
  drawScene,
  scatterStars,
  trueMatch,
  truePsf,
  wholeTile,
} from '../../../../tests/golden/zogy-scene.ts';
import { createInlineRunner, createRandom } from '../../../utils/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import type { MeasuredStar } from '../model.ts';
import { makeCanvas } from '../tiles/assemble-difference.ts';
import type { TileInput } from '../tiles/subtracted-tile.ts';
import { subtractTile } from '../zogy/subtract-tile.ts';
import { calibratePlanes } from './calibrate-planes.ts';

const SIDE = 512;
const SCIENCE = { fwhmPx: 3.2, beta: 3, sigma: 30 };
const TEMPLATE = { fwhmPx: 2.4, beta: 3, sigma: 22 };
const THROUGHPUT = 2;
const STARS = scatterStars(300, SIDE, SIDE, 1000, 11);
/** New sources of 4 to 20 sigma, away from bright stars. */
const EVENTS = (() => {
  const random = createRandom(12);
  return Array.from({ length: 60 }, () => ({
    x: 20 + random.uniform() * (SIDE - 40),
    y: 20 + random.uniform() * (SIDE - 40),
    flux: 1000 * 5 ** random.uniform(),
  })).filter((event) =>
    STARS.every((star) => star.flux < 2e4 || Math.hypot(star.x - event.x, star.y - event.y) > 15),
  );
})();

type Perturbed = Partial<Pick<TileInput, 'sigmaXPx' | 'sigmaYPx' | 'sciencePsf' | 'match'>> & {
  readonly shift?: number;
};

/** Subtract a pair with something wrong; count what is found that is there, and that is not. */
async function subtractWrongly({ shift = 0, ...wrong }: Perturbed) {
  const science = drawScene(SIDE, SIDE, { ...SCIENCE, throughput: 1, stars: [...STARS, ...EVENTS], seed: 1 });
  const template = drawScene(SIDE, SIDE, {
    ...TEMPLATE,
    throughput: THROUGHPUT,
    stars: STARS,
    shift: [shift, 0],
    seed: 2,
  });
  const bright = (throughput: number) =>
    STARS.map((star) => ({
      ...star,
      flux: throughput * star.flux,
      background: 0,
      coreRadius: 0,
      isPoint: true,
    }));
  const canvas = makeCanvas(SIDE, SIDE);
  const tile = subtractTile({
    canvas,
    science,
    template,
    tile: wholeTile(science, template, 32),
    sciencePsf: truePsf(SCIENCE.fwhmPx, SCIENCE.beta, SIDE, SIDE),
    templatePsf: truePsf(TEMPLATE.fwhmPx, TEMPLATE.beta, SIDE, SIDE),
    match: trueMatch(1 / THROUGHPUT),
    brightStars: { science: bright(1), template: bright(THROUGHPUT) },
    noiseCorrelationFactor: 1,
    sigmaXPx: 0.03,
    sigmaYPx: 0.03,
    saturationGrowthPx: 3,
    ...wrong,
  });
  const stars = STARS.map(
    (star): MeasuredStar => ({
      xPx: star.x,
      yPx: star.y,
      fluxE: star.flux,
      fluxErrE: Math.sqrt(star.flux),
      positionErrPx: 0.01,
      isClean: true,
    }),
  );
  const { calibration } = await calibratePlanes(
    {
      canvas,
      tiles: [tile],
      cells: [tile],
      sciencePsf: truePsf(SCIENCE.fwhmPx, SCIENCE.beta, SIDE, SIDE),
      constantStars: stars,
      saturated: [],
      expectedError: 0,
      radiusPx: SCIENCE.fwhmPx,
      backgroundCellPx: 64,
    },
    createInlineRunner(),
    {},
  );
  const { data } = canvas.score;
  const bestNear = (x: number, y: number) => {
    let best = 0;
    for (let v = -1; v <= 1; v++) {
      for (let u = -1; u <= 1; u++)
        best = Math.max(best, data[(Math.round(y) + v) * SIDE + Math.round(x) + u]);
    }
    return best;
  };
  const found = EVENTS.filter((event) => bestNear(event.x, event.y) > 5).length;
  let falsePeaks = 0;
  for (let k = SIDE + 1; k < data.length - SIDE - 1; k++) {
    const value = Math.abs(data[k]);
    if (value < 5 || (canvas.mask.data[k] & UNUSABLE) !== 0) continue;
    if ([-1, 1, -SIDE, SIDE].some((step) => Math.abs(data[k + step]) > value)) continue;
    const x = k % SIDE;
    const y = Math.floor(k / SIDE);
    if (EVENTS.every((event) => Math.hypot(event.x - x, event.y - y) > 6)) falsePeaks++;
  }
  return { calibration, found, falsePeaks };
}

const truth = await subtractWrongly({});

describe('calibratePlanes', () => {
  it('leaves a right subtraction alone', () => {
    expect(truth.calibration.modelError).toBeLessThan(2e-3);
    expect(truth.calibration.wingError).toBeLessThanOrEqual(0.05);
    expect(Math.abs(truth.calibration.madStd - 1)).toBeLessThan(0.04);
    expect(Math.abs(truth.calibration.median)).toBeLessThan(0.05);
    expect(truth.falsePeaks).toBe(0);
    expect(truth.found).toBeGreaterThan(0.6 * EVENTS.length);
  });

  it.each<[string, Perturbed]>([
    ['a shift of 0.1 px that is known as scatter', { shift: 0.1, sigmaXPx: 0.1, sigmaYPx: 0.1 }],
    ['a shift of 0.3 px that is known as scatter', { shift: 0.3, sigmaXPx: 0.3, sigmaYPx: 0.3 }],
    ['a shift of 0.1 px that nobody knows of', { shift: 0.1 }],
    ['a shift of 0.3 px that nobody knows of', { shift: 0.3 }],
    ['a flux ratio 10 % too high', { match: trueMatch(1.1 / THROUGHPUT) }],
    ['a flux ratio 10 % too low', { match: trueMatch(0.9 / THROUGHPUT) }],
    ['a PSF 20 % too narrow', { sciencePsf: truePsf(0.8 * SCIENCE.fwhmPx, SCIENCE.beta, SIDE, SIDE) }],
    ['a PSF 6 % too broad', { sciencePsf: truePsf(1.06 * SCIENCE.fwhmPx, SCIENCE.beta, SIDE, SIDE) }],
    ['a PSF 6 % too narrow', { sciencePsf: truePsf(0.94 * SCIENCE.fwhmPx, SCIENCE.beta, SIDE, SIDE) }],
    ['a flux ratio 3 % too high', { match: trueMatch(1.03 / THROUGHPUT) }],
    ['a flux ratio 3 % too low', { match: trueMatch(0.97 / THROUGHPUT) }],
  ])('makes %s cost neither false sources nor true ones', async (_, wrong) => {
    const { found, falsePeaks, calibration } = await subtractWrongly(wrong);
    // Uncalibrated, these leave 8 to 33 false sources on four times this area.
    // A quarter of a megapixel: one would be four on a whole one.
    expect(falsePeaks).toBe(0);
    expect(found).toBeGreaterThanOrEqual(truth.found - 3);
    expect(Math.abs(calibration.madStd - 1)).toBeLessThan(0.06);
  });
});
