import { describe, expect, it } from 'vitest';
import {
  drawScene,
  scatterStars,
  trueMatch,
  truePsf,
  wholeTile,
} from '../../../../tests/golden/zogy-scene.ts';
import type { MaskedImage } from '../../observations/index.ts';
import { MaskBit, UNUSABLE } from '../../observations/index.ts';
import { makeCanvas } from '../tiles/assemble-difference.ts';
import { measureSkyVariance } from '../tiles/measure-cells.ts';
import type { TileInput } from '../tiles/subtracted-tile.ts';
import { planCells, planTiles, type Tile } from './plan-tiles.ts';
import { subtractTile } from './subtract-tile.ts';

const SIDE = 320;
const BORDER = 28;
const SCIENCE = { fwhmPx: 3.2, beta: 3, sigma: 30 };
const TEMPLATE = { fwhmPx: 2.6, beta: 3, sigma: 24 };

function drawPair(seed: number, stars = scatterStars(150, SIDE, SIDE, 1500, seed)) {
  return {
    stars,
    science: drawScene(SIDE, SIDE, { ...SCIENCE, throughput: 1, stars, seed: seed + 10 }),
    template: drawScene(SIDE, SIDE, { ...TEMPLATE, throughput: 2, stars, seed: seed + 20 }),
  };
}

type Input = Omit<TileInput, 'tile' | 'canvas'> & {
  readonly science: MaskedImage;
  readonly template: MaskedImage;
};

function makeInput(pair: { science: MaskedImage; template: MaskedImage }): Input {
  return {
    science: pair.science,
    template: pair.template,
    sciencePsf: truePsf(SCIENCE.fwhmPx, SCIENCE.beta, SIDE, SIDE),
    templatePsf: truePsf(TEMPLATE.fwhmPx, TEMPLATE.beta, SIDE, SIDE),
    match: trueMatch(0.5),
    brightStars: { science: [], template: [] },
    noiseCorrelationFactor: 1,
    sigmaXPx: 0.03,
    sigmaYPx: 0.03,
    saturationGrowthPx: 3,
  };
}

/** Subtract in tiles, and give the canvas. */
function subtract(input: Input, tiles: readonly Tile[] = [wholeTile(input.science, input.template, BORDER)]) {
  const canvas = makeCanvas(SIDE, SIDE);
  for (const tile of tiles) subtractTile({ ...input, canvas, tile });
  return canvas;
}

describe('subtractTile', () => {
  it('joins cells with filters of their own without a seam', () => {
    const input = makeInput(drawPair(1));
    const whole = subtract(input);
    const { cell } = wholeTile(input.science, input.template, BORDER);
    const boxes = planCells(SIDE, SIDE, [], { cellSidePx: 110, cellWidthPx: 110 });
    const cells = boxes.map((box) => ({
      ...box,
      skyVariance: {
        science: measureSkyVariance(input.science, box),
        template: measureSkyVariance(input.template, box),
      },
    }));
    expect(cells[0]!.skyVariance).not.toEqual(cell.skyVariance);
    const pieces = subtract(input, planTiles(cells, 110, BORDER));
    let worst = 0;
    for (let k = 0; k < pieces.score.data.length; k++) {
      worst = Math.max(worst, Math.abs(pieces.score.data[k] - whole.score.data[k]));
    }
    expect(cells.length).toBe(9);
    expect(worst).toBeLessThan(0.1);
  });

  it('does not ring at the rim of the image, and flags the pixels that see a mirrored world', () => {
    const { score, mask } = subtract(makeInput(drawPair(2)));
    let power = 0;
    let count = 0;
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const rim = Math.min(x, y, SIDE - 1 - x, SIDE - 1 - y);
        const value = score.data[y * SIDE + x];
        if (rim < 3) expect(mask.data[y * SIDE + x] & MaskBit.EDGE).not.toBe(0);
        if (rim < 3 || rim > 12) continue;
        expect(Math.abs(value)).toBeLessThan(5.5);
        power += value * value;
        count++;
      }
    }
    expect(Math.sqrt(power / count)).toBeLessThan(1.1);
  });

  it('does not care where a gain or an exposure time went: the ratio holds both', () => {
    const pair = drawPair(3);
    const plain = subtract(makeInput(pair));
    const brighter = scaled(pair.template, 7);
    const scaledOne = subtract({
      ...makeInput({ science: pair.science, template: brighter }),
      match: trueMatch(0.5 / 7),
    });
    let worst = 0;
    for (let k = 0; k < plain.score.data.length; k++) {
      worst = Math.max(worst, Math.abs(plain.score.data[k] - scaledOne.score.data[k]));
    }
    expect(worst).toBeLessThan(1e-2);
  });

  it('counts light that a variance below zero would make imaginary', () => {
    const pair = drawPair(4);
    for (let k = 0; k < pair.science.variance.data.length; k += 211) pair.science.variance.data[k] = 0;
    const { score, fluxErr } = subtract(makeInput(pair));
    expect(score.data.every(Number.isFinite)).toBe(true);
    expect(fluxErr.data.every((value) => value > 0)).toBe(true);
  });

  it('gives a whitened difference whose pixels scatter as its variance says', () => {
    const pair = drawPair(5, []);
    const { difference, variance } = subtract(makeInput(pair));
    let power = 0;
    for (let k = 0; k < difference.data.length; k++) power += difference.data[k] ** 2 / variance.data[k];
    expect(Math.abs(Math.sqrt(power / difference.data.length) - 1)).toBeLessThan(0.02);
  });

  it('works where a mask leaves hardly anything', () => {
    const pair = drawPair(6);
    pair.science.mask.data.fill(MaskBit.NO_DATA);
    for (let y = 100; y < 140; y++) {
      for (let x = 100; x < 140; x++) pair.science.mask.data[y * SIDE + x] = 0;
    }
    const { score, mask } = subtract(makeInput(pair));
    expect(score.data.every(Number.isFinite)).toBe(true);
    expect(score.data[20 * SIDE + 20]).toBe(0);
    expect(mask.data[120 * SIDE + 120] & UNUSABLE).toBe(0);
  });

  it('fills columns that are spoiled in both images, and leaves no stripe beside them', () => {
    const pair = drawPair(7);
    for (let y = 0; y < SIDE; y++) {
      for (const x of [150, 151]) {
        for (const image of [pair.science, pair.template]) {
          image.science.data[y * SIDE + x] = 3e5;
          image.mask.data[y * SIDE + x] = MaskBit.BAD;
        }
      }
    }
    const bright = (throughput: number) =>
      pair.stars.map((star) => ({
        ...star,
        flux: throughput * star.flux,
        background: 0,
        coreRadius: 0,
        isPoint: true,
      }));
    const { score, mask } = subtract({
      ...makeInput(pair),
      brightStars: { science: bright(1), template: bright(2) },
    });
    let worst = 0;
    for (let k = 0; k < score.data.length; k++) {
      if ((mask.data[k] & UNUSABLE) === 0) worst = Math.max(worst, Math.abs(score.data[k]));
    }
    expect(worst).toBeLessThan(5.5);
  });
});

function scaled(image: MaskedImage, factor: number): MaskedImage {
  const times = (data: Float32Array, by: number) => data.map((value) => value * by);
  return {
    science: { ...image.science, data: times(image.science.data, factor) },
    variance: { ...image.variance, data: times(image.variance.data, factor ** 2) },
    mask: image.mask,
  };
}
