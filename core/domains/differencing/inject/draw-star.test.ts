import { describe, expect, it } from 'vitest';
import type { SpatialPsf } from '../model.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import { cropPsf } from './crop-pair.ts';
import { addedVariance, drawStar } from './draw-star.ts';
import type { Injection } from './model.ts';

function gaussian(size: number, fwhmPx: number): Float32Array {
  const half = (size - 1) / 2;
  const stamp = new Float32Array(size * size);
  let sum = 0;
  for (let k = 0; k < stamp.length; k++) {
    const r2 = ((k % size) - half) ** 2 + (Math.floor(k / size) - half) ** 2;
    stamp[k] = Math.exp((-4 * Math.LN2 * r2) / fwhmPx ** 2);
    sum += stamp[k]!;
  }
  return stamp.map((value) => value / sum);
}

function makePsf(coefficients: readonly Float32Array[], degree: number): SpatialPsf {
  return {
    size: 21,
    degree,
    imageWidth: 301,
    imageHeight: 201,
    coefficients,
    fwhmPx: 3.5,
    starsUsed: 50,
    heldOutChi2: 1,
    mismatch: 0,
    method: 'pixels',
  };
}

const PSF = makePsf([gaussian(21, 3.5)], 0);
const star = (id: number, fluxE: number): Injection => ({
  id,
  xPx: 100.3,
  yPx: 50.6,
  fluxE,
  snr: 10,
  kind: 'hostless',
  surfaceE: 0,
  pass: 0,
});
const total = (data: Float32Array) => data.reduce((sum, value) => sum + value, 0);

describe('a drawn star', () => {
  it('has its flux on average, and the scatter of counted photons', () => {
    const sums = Array.from({ length: 200 }, (_, id) => total(drawStar(star(id, 400), PSF, 1).data));
    const mean = sums.reduce((sum, value) => sum + value, 0) / 200;
    const variance = sums.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 199;
    // Three sigma: 20 e- of a single star over the root of 200; a variance of 200 deviates to a tenth.
    expect(Math.abs(mean - 400)).toBeLessThan(4.3);
    expect(variance / 400).toBeGreaterThan(0.7);
    expect(variance / 400).toBeLessThan(1.3);
  });

  it('lies where it was placed', () => {
    const { data, size, xPx, yPx } = drawStar(star(1, 1e7), PSF, 1);
    let x = 0;
    let y = 0;
    data.forEach((value, k) => {
      x += value * (xPx + (k % size) - (size - 1) / 2);
      y += value * (yPx + Math.floor(k / size) - (size - 1) / 2);
    });
    // Unweighted moments: ripples of 1e-5 in the wings, ten pixels out, are a hundredth of a pixel.
    expect(Math.abs(x / total(data) - 100.3)).toBeLessThan(0.02);
    expect(Math.abs(y / total(data) - 50.6)).toBeLessThan(0.02);
  });

  it('has the same photons for the same seed, others for another, and is the negative of its twin when it faded', () => {
    expect(drawStar(star(3, 500), PSF, 8)).toEqual(drawStar(star(3, 500), PSF, 8));
    expect(drawStar(star(3, 500), PSF, 9).data).not.toEqual(drawStar(star(3, 500), PSF, 8).data);
    const faded = drawStar(star(3, -500), PSF, 8).data;
    const bright = drawStar(star(3, 500), PSF, 8).data;
    expect(faded.every((value, k) => value + bright[k]! === 0)).toBe(true);
  });

  it('adds the variance that calibration would have given its light', () => {
    expect(addedVariance(30, 12)).toBe(12);
    expect(addedVariance(-30, 12)).toBe(0);
    expect(addedVariance(-5, 12)).toBe(7);
    expect(addedVariance(30, -12)).toBe(12);
  });
});

describe('a point-spread function cut to a part of its image', () => {
  it('is that of the same sky', () => {
    const base = gaussian(21, 3.5);
    const terms = [
      base,
      ...[1, 2, 3, 4, 5].map((k) => base.map((value, i) => value * Math.sin(k * i) * 0.1)),
    ];
    const psf = makePsf(terms, 2);
    const part = cropPsf(psf, { x: 40, y: 90, width: 81, height: 60 });
    for (const [x, y] of [
      [40, 90],
      [77, 101],
      [120, 149],
    ] as const) {
      const whole = evaluatePsf(psf, x, y).data;
      evaluatePsf(part, x - 40, y - 90).data.forEach((value, k) => {
        expect(Math.abs(value - whole[k]!)).toBeLessThan(1e-7);
      });
    }
  });
});
