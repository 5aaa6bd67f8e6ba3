import { describe, expect, it } from 'vitest';
import {
  drawScene,
  type SceneStar,
  scatterStars,
  trueMatch,
  truePsf,
  wholeTile,
} from '../../../../tests/golden/zogy-scene.ts';
import { createInlineRunner, createRandom } from '../../../utils/index.ts';
import { MaskBit, type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import { fitAlardLupton } from '../alard-lupton/fit-alard-lupton.ts';
import { subtractWithAlardLupton } from '../alard-lupton/subtract-with-alard-lupton.ts';
import { DEFAULT_DIFFERENCING_CONFIG } from '../config.ts';
import { subtractWithDeltaBasis } from '../delta-basis/subtract-with-delta-basis.ts';
import type { Engine, MeasuredPair } from '../engine.ts';
import { judgeProduct } from '../judge/judge-product.ts';
import type { Difference, MeasuredStar } from '../model.ts';
import { surveyCores } from '../saturated/find-cores.ts';
import { makeCanvas } from '../tiles/assemble-difference.ts';
import { largestCorrelation, sumNoiseOfRows } from '../zogy/measure-correlation.ts';
import { subtractWithZogy } from '../zogy/subtract-with-zogy.ts';
import { planKernel } from './plan-kernel.ts';
import { subtractTileWithKernel } from './subtract-tile-with-kernel.ts';

const SIDE = 448;
const SCIENCE = { fwhmPx: 3.2, beta: 3, sigma: 30 };
const TEMPLATE = { fwhmPx: 2.4, beta: 3, sigma: 22 };
/** Template electrons for one science electron. */
const THROUGHPUT = 2;
const STARS = scatterStars(230, SIDE, SIDE, 1000, 11);
/** New sources of 4 to 20 sigma, away from bright stars. */
const EVENTS: readonly SceneStar[] = (() => {
  const random = createRandom(12);
  return Array.from({ length: 50 }, () => ({
    x: 20 + random.uniform() * (SIDE - 40),
    y: 20 + random.uniform() * (SIDE - 40),
    flux: 1000 * 5 ** random.uniform(),
  })).filter((event) =>
    STARS.every((star) => star.flux < 2e4 || Math.hypot(star.x - event.x, star.y - event.y) > 15),
  );
})();

type Profile = typeof SCIENCE;
/** A pair whose pixels are at hand. */
type PairInMemory = MeasuredPair & { readonly science: MaskedImage; readonly template: MaskedImage };

interface Scene {
  readonly science?: Profile;
  readonly template?: Profile;
  readonly shift?: number;
  /** Given for the true ones. */
  readonly change?: Partial<PairInMemory>;
  readonly spoil?: (image: MaskedImage) => void;
}

function makePair({
  science = SCIENCE,
  template = TEMPLATE,
  shift = 0,
  change,
  spoil,
}: Scene = {}): PairInMemory {
  const scienceImage = drawScene(SIDE, SIDE, {
    ...science,
    throughput: 1,
    stars: [...STARS, ...EVENTS],
    seed: 1,
  });
  const templateImage = drawScene(SIDE, SIDE, {
    ...template,
    throughput: THROUGHPUT,
    stars: STARS,
    shift: [shift, 0],
    seed: 2,
  });
  spoil?.(scienceImage);
  const measured = (throughput: number): MeasuredStar[] =>
    STARS.map((star) => ({
      xPx: star.x,
      yPx: star.y,
      fluxE: throughput * star.flux,
      fluxErrE: Math.sqrt(throughput * star.flux),
      positionErrPx: 0.01,
      isClean: true,
    }));
  return {
    name: 'science.fits',
    science: scienceImage,
    template: templateImage,
    sciencePsf: truePsf(science.fwhmPx, science.beta, SIDE, SIDE),
    templatePsf: truePsf(template.fwhmPx, template.beta, SIDE, SIDE),
    stars: {
      science: measured(1),
      template: measured(THROUGHPUT),
      saturated: surveyCores({ science: scienceImage, template: templateImage }),
    },
    constantStars: measured(1).filter((star) => star.fluxE > 4000),
    match: trueMatch(1 / THROUGHPUT),
    sigmaXPx: 0.03,
    sigmaYPx: 0.03,
    noiseCorrelationFactor: 1,
    ...change,
  };
}

async function subtract(engine: Engine, pair: MeasuredPair, tileSidePx = 1024): Promise<Difference> {
  const config = { ...DEFAULT_DIFFERENCING_CONFIG, tileSidePx };
  const runner = createInlineRunner();
  return judgeProduct(await engine(pair, config, runner, {}), pair, config, runner, {});
}

function judge({ score, flux, fluxErr, mask }: Difference) {
  const bestNear = ({ x, y }: SceneStar) => {
    let best = Math.round(y) * SIDE + Math.round(x);
    for (let v = -1; v <= 1; v++) {
      for (let u = -1; u <= 1; u++) {
        const k = (Math.round(y) + v) * SIDE + Math.round(x) + u;
        if (score.data[k] > score.data[best]) best = k;
      }
    }
    return best;
  };
  const peaks = EVENTS.map(bestNear);
  let falsePeaks = 0;
  for (let k = SIDE + 1; k < score.data.length - SIDE - 1; k++) {
    const value = Math.abs(score.data[k]);
    if (value < 5 || (mask.data[k] & UNUSABLE) !== 0) continue;
    if ([-1, 1, -SIDE, SIDE].some((step) => Math.abs(score.data[k + step]) > value)) continue;
    const x = k % SIDE;
    const y = Math.floor(k / SIDE);
    if (EVENTS.every((event) => Math.hypot(event.x - x, event.y - y) > 6)) falsePeaks++;
  }
  return {
    found: peaks.filter((k) => score.data[k] > 5).length,
    falsePeaks,
    pulls: EVENTS.map(({ flux: truth }, i) => (flux.data[peaks[i]] - truth) / fluxErr.data[peaks[i]]),
  };
}

it('whitens what the convolution correlates, before any correlation is measured', () => {
  // As noisy as the science image: what is convolved counts.
  const pair = makePair({ template: { ...TEMPLATE, sigma: THROUGHPUT * SCIENCE.sigma } });
  const { kernel } = fitAlardLupton({
    ...pair,
    stars: pair.constantStars,
    plan: planKernel(pair),
    config: DEFAULT_DIFFERENCING_CONFIG.kernel,
  });
  const canvas = makeCanvas(SIDE, SIDE);
  subtractTileWithKernel({
    ...pair,
    canvas,
    kernel,
    tile: wholeTile(pair.science, pair.template, 28),
    brightStars: { science: [], template: [] },
    saturationGrowthPx: 3,
  });
  // Unwhitened it is 0.06 here, whitened 0.004.
  const noise = sumNoiseOfRows(canvas, canvas.mask, { first: 0, end: SIDE });
  expect(largestCorrelation(noise)).toBeLessThan(0.02);
});

const PERTURBATIONS: readonly (readonly [string, Scene])[] = [
  ['a shift of 0.1 px that nobody knows of', { shift: 0.1 }],
  ['a shift of 0.3 px that nobody knows of', { shift: 0.3 }],
  [
    'a PSF 6 % too broad',
    { change: { sciencePsf: truePsf(1.06 * SCIENCE.fwhmPx, SCIENCE.beta, SIDE, SIDE) } },
  ],
  [
    'a PSF 6 % too narrow',
    { change: { sciencePsf: truePsf(0.94 * SCIENCE.fwhmPx, SCIENCE.beta, SIDE, SIDE) } },
  ],
  ['a flux ratio 3 % too high', { change: { match: trueMatch(1.03 / THROUGHPUT) } }],
  ['a flux ratio 3 % too low', { change: { match: trueMatch(0.97 / THROUGHPUT) } }],
];

describe.each([
  ['Alard-Lupton', subtractWithAlardLupton],
  ['the delta basis', subtractWithDeltaBasis],
])('%s', async (_, engine) => {
  const truth = await subtract(engine, makePair());
  const outcome = judge(truth);

  it('gives a white difference, a score of unit noise and honest fluxes', () => {
    expect(truth.metrics.whiteness).toBeLessThan(0.02);
    expect(Math.abs(truth.metrics.scorrMadStd - 1)).toBeLessThan(0.04);
    expect(Math.abs(truth.metrics.scorrMedian)).toBeLessThan(0.05);
    expect(outcome.falsePeaks).toBe(0);
    expect(outcome.found).toBeGreaterThan(0.6 * EVENTS.length);
    const mean = outcome.pulls.reduce((sum, pull) => sum + pull, 0) / outcome.pulls.length;
    const spread = Math.sqrt(
      outcome.pulls.reduce((sum, pull) => sum + (pull - mean) ** 2, 0) / outcome.pulls.length,
    );
    // Peaks of 3 x 3 pixels: between pixels a few percent of a star are lost, and noise picks the highest.
    expect(Math.abs(mean)).toBeLessThan(0.4);
    expect(Math.abs(spread - 1)).toBeLessThan(0.25);
  });

  it('scores as ZOGY does, which knows both profiles exactly', async () => {
    const zogy = await subtract(subtractWithZogy, makePair());
    let worst = 0;
    let sum = 0;
    for (const event of EVENTS) {
      const k = Math.round(event.y) * SIDE + Math.round(event.x);
      const deviation = truth.score.data[k] - zogy.score.data[k];
      worst = Math.max(worst, Math.abs(deviation));
      sum += deviation;
    }
    // The kernel's own noise, that of fitting fifty stars.
    expect(worst).toBeLessThan(0.5);
    expect(Math.abs(sum / EVENTS.length)).toBeLessThan(0.1);
  });

  it.each(PERTURBATIONS)('loses and invents nothing by %s', async (_name, scene) => {
    const difference = await subtract(engine, makePair(scene));
    const { found, falsePeaks } = judge(difference);
    // A fifth of a megapixel.
    expect(falsePeaks).toBe(0);
    expect(found).toBeGreaterThanOrEqual(outcome.found - 3);
    expect(Math.abs(difference.metrics.scorrMadStd - 1)).toBeLessThan(0.06);
  });

  it('convolves the science image where that is the sharper one, and stays on its flux scale', async () => {
    const difference = await subtract(engine, makePair({ science: TEMPLATE, template: SCIENCE }));
    expect(truth.metrics.kernel?.convolved).toBe('template');
    expect(difference.metrics.kernel?.convolved).toBe('science');
    expect(difference.metrics.whiteness).toBeLessThan(0.02);
    const { found, falsePeaks, pulls } = judge(difference);
    expect(falsePeaks).toBe(0);
    // Sharper and less noisy, the science image shows more.
    expect(found).toBeGreaterThanOrEqual(outcome.found);
    expect(Math.abs(pulls.reduce((sum, pull) => sum + pull, 0) / pulls.length)).toBeLessThan(0.6);
    expect(difference.fluxRatio).toBeGreaterThan(0.98 / THROUGHPUT);
    expect(difference.fluxRatio).toBeLessThan(1.02 / THROUGHPUT);
  });

  it('shows no trace of what a masked pixel held', async () => {
    const spoilWith = (value: number) => (image: MaskedImage) => {
      for (let y = 100; y < 300; y++) {
        const k = y * SIDE + 222;
        image.science.data[k] = value;
        image.mask.data[k] |= MaskBit.BAD;
      }
    };
    const [first, second] = [
      await subtract(engine, makePair({ spoil: spoilWith(0) })),
      await subtract(engine, makePair({ spoil: spoilWith(1e7) })),
    ];
    expect(second.score.data).toEqual(first.score.data);
    expect(second.difference.data).toEqual(first.difference.data);
    expect(judge(second).falsePeaks).toBe(0);
  });

  it('shows no seam between tiles', async () => {
    const pieces = await subtract(engine, makePair(), 150);
    let worst = 0;
    for (let k = 0; k < pieces.score.data.length; k++) {
      if ((truth.mask.data[k] & UNUSABLE) !== 0) continue;
      worst = Math.max(worst, Math.abs(pieces.score.data[k] - truth.score.data[k]));
    }
    // The sky's noise is measured tile by tile, to half a percent.
    expect(worst).toBeLessThan(0.15);
  });
});
