import { describe, expect, it } from 'vitest';
import { drawScene, type SceneStar, trueMatch, truePsf } from '../../../../tests/golden/zogy-scene.ts';
import { createInlineRunner } from '../../../utils/index.ts';
import { MaskBit, type MaskedImage } from '../../observations/index.ts';
import type { MeasuredStar } from '../model.ts';
import { surveyCores } from '../saturated/find-cores.ts';
import { findBrightStars } from './find-bright-stars.ts';

const SIDE = 160;
/** Template electrons for one of the science image. */
const THROUGHPUT = 2;

function draw(fwhmPx: number, throughput: number, stars: readonly SceneStar[], seed: number): MaskedImage {
  return drawScene(SIDE, SIDE, { fwhmPx, beta: 3, sigma: 20, throughput, stars, seed, reachFwhm: 10 });
}

function saturate({ science, mask }: MaskedImage, levelE: number): void {
  for (let k = 0; k < science.data.length; k++) {
    if (science.data[k] < levelE) continue;
    science.data[k] = levelE;
    mask.data[k] |= MaskBit.SAT;
  }
}

const measured = (x: number, y: number, fluxE: number, isClean = true): MeasuredStar => ({
  xPx: x,
  yPx: y,
  fluxE,
  fluxErrE: Math.sqrt(fluxE),
  positionErrPx: 0.01,
  isClean,
});

function find(
  science: MaskedImage,
  template: MaskedImage,
  stars: { science: readonly MeasuredStar[]; template: readonly MeasuredStar[] },
) {
  const input = {
    science,
    template,
    sciencePsf: truePsf(3.4, 3, SIDE, SIDE),
    templatePsf: truePsf(2.6, 3, SIDE, SIDE),
    match: { ...trueMatch(1 / THROUGHPUT), fluxRatioScatter: 0.01 },
  };
  const saturated = surveyCores({ science, template });
  return findBrightStars(input, { ...stars, saturated }, createInlineRunner(), {});
}

describe('findBrightStars', () => {
  it('lists a star once that is saturated in the template alone: its halo is taken off once', async () => {
    const star = { x: 80.3, y: 79.6, flux: 3e6 };
    const science = draw(3.4, 1, [star], 1);
    const template = draw(2.6, THROUGHPUT, [star], 2);
    saturate(template, 2e5);
    const found = await find(science, template, { science: [measured(80.3, 79.6, 3e6)], template: [] });
    expect(found.science).toHaveLength(1);
    expect(found.template).toHaveLength(1);
    expect(found.science[0]!.coreRadius).toBeGreaterThan(0.5);
    // The science image sees the core; what the cut profile lacks of the wings is less than a percent.
    expect(Math.abs(found.science[0]!.flux / 3e6 - 1)).toBeLessThan(0.01);
    expect(found.template[0]!.flux / found.science[0]!.flux).toBeCloseTo(THROUGHPUT, 6);
  });

  it('gives a constant star one flux in both images, and a variable one its own in each', async () => {
    const sky = [draw(3.4, 1, [], 3), draw(2.6, THROUGHPUT, [], 4)] as const;
    const found = await find(...sky, {
      science: [measured(40, 40, 101_000), measured(100, 100, 101_000)],
      template: [measured(40, 40, 198_000), measured(100, 100, 300_000)],
    });
    expect(found.science.map(({ flux, isPoint }) => [flux, isPoint])).toEqual([
      [100_000, true],
      [101_000, false],
    ]);
    expect(found.template.map(({ flux, isPoint }) => [flux, isPoint])).toEqual([
      [200_000, true],
      [300_000, false],
    ]);
  });

  it('believes the image that sees a star, where bad rows of the other cover its core', async () => {
    const science = draw(3.4, 1, [], 5);
    const template = draw(2.6, THROUGHPUT, [], 6);
    for (let k = 76 * SIDE; k < 84 * SIDE; k++) template.mask.data[k] |= MaskBit.BAD;
    const seen = measured(80.2, 79.7, 50_000, false);
    const guessed = measured(80.3, 80.8, 400_000, false);
    const found = await find(science, template, { science: [seen], template: [guessed] });
    expect(found.science[0]).toMatchObject({ x: 80.2, y: 79.7, flux: 50_000 });
    expect(found.template[0]).toMatchObject({ x: 80.2, y: 79.7, flux: 100_000 });
  });
});
