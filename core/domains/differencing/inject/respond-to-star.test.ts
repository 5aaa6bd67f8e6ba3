import { describe, expect, it } from 'vitest';
import {
  drawScene,
  scatterStars,
  trueMatch,
  truePsf,
  wholeTile,
} from '../../../../tests/golden/zogy-scene.ts';
import type { MaskedImage } from '../../observations/index.ts';
import type { Difference } from '../model.ts';
import { makeCanvas } from '../tiles/assemble-difference.ts';
import type { TileInput } from '../tiles/subtracted-tile.ts';
import { planTiles } from '../zogy/plan-tiles.ts';
import { subtractTile } from '../zogy/subtract-tile.ts';
import { drawStar } from './draw-star.ts';
import { injectStars } from './inject-stars.ts';
import type { Injection } from './model.ts';
import { makeStarResponder } from './respond-to-star.ts';

const SIDE = 256;
const SIGMA_PX = 0.2;
const SCIENCE = { fwhmPx: 3.2, beta: 3, sigma: 30 };
const TEMPLATE = { fwhmPx: 2.6, beta: 3, sigma: 24 };
const stars = scatterStars(80, SIDE, SIDE, 1500, 3);
const science = drawScene(SIDE, SIDE, { ...SCIENCE, throughput: 1, stars, seed: 11 });
const template = drawScene(SIDE, SIDE, { ...TEMPLATE, throughput: 2, stars, seed: 12 });
const sciencePsf = truePsf(SCIENCE.fwhmPx, SCIENCE.beta, SIDE, SIDE);
const templatePsf = truePsf(TEMPLATE.fwhmPx, TEMPLATE.beta, SIDE, SIDE);

/** Subtract in four tiles with everything known beforehand. */
function subtract(image: MaskedImage): Difference {
  const canvas = makeCanvas(SIDE, SIDE);
  const input: Omit<TileInput, 'tile'> = {
    canvas,
    science: image,
    template,
    sciencePsf,
    templatePsf,
    match: { ...trueMatch(0.5), fluxRatioErr: 0.002 },
    brightStars: { science: [], template: [] },
    noiseCorrelationFactor: 1,
    sigmaXPx: SIGMA_PX,
    sigmaYPx: SIGMA_PX,
    saturationGrowthPx: 3,
  };
  // Four cells with filters of their own.
  const { cell } = wholeTile(image, template, 40);
  const cells = [0, 1, 2, 3].map((k) => ({
    ...cell,
    x: 128 * (k % 2),
    y: 128 * (k >> 1),
    width: 128,
    height: 128,
  }));
  const tiles = planTiles(cells, 128, 40).map((tile) => subtractTile({ ...input, tile }));
  const { difference, variance, score, fluxErr, mask } = canvas;
  const flux = { ...score, data: score.data.map((value, k) => value * fluxErr.data[k]) };
  return {
    method: 'zogy',
    difference,
    variance,
    score,
    flux,
    fluxErr,
    mask,
    psf: sciencePsf,
    sciencePsf,
    templatePsf,
    responses: tiles.map(({ response }) => response),
    fluxRatio: 0.5,
    grade: 'green',
    gradeReasons: [],
    metrics: {
      fluxRatio: 0.5,
      fluxRatioErr: 0.002,
      astrometricSigmaXPx: SIGMA_PX,
      astrometricSigmaYPx: SIGMA_PX,
      modelError: 0,
      scorrRescale: 1,
    } as Difference['metrics'],
  };
}

const before = subtract(science);
const brightest = stars
  .filter(({ x, y }) => Math.min(x, y, SIDE - x, SIDE - y) > 70 && Math.abs(x - 128) > 20)
  .sort((a, b) => b.flux - a.flux)[0]!;

describe('a star put into a finished difference', () => {
  it.each([
    ['on the sky', 80.3, 90.7, 2500],
    ['where four tiles meet', 127.6, 128.4, 2500],
    ['beside a bright star', brightest.x + 4.2, brightest.y - 2.1, 4000],
    ['that faded', 180.2, 60.4, -2500],
  ])('%s changes it as subtracting again does', (_where, xPx, yPx, fluxE) => {
    const injection: Injection = {
      id: 5,
      xPx,
      yPx,
      fluxE,
      snr: 10,
      kind: 'hostless',
      surfaceE: 0,
      pass: 0,
    };
    const responder = makeStarResponder({ science, template, difference: before });
    const part = responder.respond(drawStar(injection, sciencePsf, 1), 60);
    const injected = injectStars(science, sciencePsf, [injection], 1);
    const after = subtract(injected);
    const { box } = part;
    const worst = { difference: 0, score: 0, fluxErr: 0, variance: 0, science: 0 };
    const note = (name: keyof typeof worst, value: number): void => {
      worst[name] = Math.max(worst[name], Math.abs(value));
    };
    for (let y = 0; y < box.height; y++) {
      for (let x = 0; x < box.width; x++) {
        const here = y * box.width + x;
        const there = (y + box.y) * SIDE + x + box.x;
        const sigma = Math.sqrt(after.variance.data[there]!);
        note('difference', (part.difference.difference.data[here]! - after.difference.data[there]!) / sigma);
        note('score', part.difference.score.data[here]! - after.score.data[there]!);
        note('fluxErr', part.difference.fluxErr.data[here]! / after.fluxErr.data[there]! - 1);
        note('variance', part.difference.variance.data[here]! / after.variance.data[there]! - 1);
        note('science', part.science.science.data[here]! - injected.science.data[there]!);
      }
    }
    // Kernels are cut where the tiles' borders end; terms of the slope are followed within the star's stamp.
    expect(worst.science).toBe(0);
    expect(worst.difference).toBeLessThan(0.01);
    expect(worst.score).toBeLessThan(0.03);
    expect(worst.fluxErr).toBeLessThan(0.003);
    expect(worst.variance).toBeLessThan(0.003);
  });

  it('answers with its own flux, at its own place', () => {
    const responder = makeStarResponder({ science, template, difference: before });
    expect(responder.unitAnswer(70, 70).flux).toBeCloseTo(1, 3);
    expect(responder.pixelAnswer(70, 70)).toBeCloseTo(1, 2);
    // Half a pixel off its middle a matched-filtered star, nearly a Gaussian of sqrt(2) 3.3 px, has lost 3 %.
    expect(Math.abs(responder.pixelAnswer(70.5, 70) - 0.97)).toBeLessThan(0.01);
  });
});
