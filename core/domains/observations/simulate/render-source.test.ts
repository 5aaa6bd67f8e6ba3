import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../utils/random.ts';
import type { PsfField } from './model.ts';
import { drawOffsetInGalaxy, galaxyComponents } from './model-galaxy.ts';
import { psfComponentsAt } from './model-psf.ts';
import { renderSource } from './render-source.ts';

const psf: PsfField = {
  widthPx: 201,
  heightPx: 201,
  beta: 3,
  fwhmPx: [3.2, 0.1, 0, 0],
  e1: [0.05, 0, 0],
  e2: [0.1, 0, 0.02],
};

function blank(size: number) {
  return { width: size, height: size, data: new Float32Array(size * size) };
}

function sum(data: Float32Array): number {
  return data.reduce((total, value) => total + value, 0);
}

describe('renderSource', () => {
  it('puts the whole flux on the image wherever the centre falls in a pixel', () => {
    const parts = psfComponentsAt(psf, 100, 100);
    for (const [dx, dy] of [
      [0, 0],
      [0.5, 0.5],
      [0.13, -0.37],
    ] as const) {
      const image = blank(201);
      renderSource(image, 100 + dx, 100 + dy, 1e5, parts, 1e-4);
      // What is left lies beyond the 1e-4 e- floor: under two parts in 1e5.
      expect(sum(image.data) / 1e5).toBeCloseTo(1, 4);
    }
  });

  it('agrees with the Moffat profile integrated over each pixel', () => {
    const round: PsfField = { ...psf, fwhmPx: [3.2, 0, 0, 0], e1: [0, 0, 0], e2: [0, 0, 0] };
    const image = blank(41);
    renderSource(image, 20.3, 19.8, 1, psfComponentsAt(round, 20, 20), 1e-9);
    const alpha = 3.2 / (2 * Math.sqrt(2 ** (1 / 3) - 1));
    const peak = 2 / (Math.PI * alpha * alpha);
    const fine = 20;
    let worst = 0;
    for (let y = 10; y <= 30; y++) {
      for (let x = 10; x <= 30; x++) {
        let truth = 0;
        for (let k = 0; k < fine * fine; k++) {
          const px = x - 0.5 + ((k % fine) + 0.5) / fine - 20.3;
          const py = y - 0.5 + (Math.floor(k / fine) + 0.5) / fine - 19.8;
          truth += (peak * (1 + (px * px + py * py) / (alpha * alpha)) ** -3) / (fine * fine);
        }
        worst = Math.max(worst, Math.abs(image.data[y * 41 + x]! - truth));
      }
    }
    // The pixel as 1/12 px^2 of variance is good to its fourth moment: a thousandth of the peak.
    expect(worst).toBeLessThan(1.5e-3 * peak);
  });

  it('has its centroid where it was told, also when elliptical', () => {
    const image = blank(101);
    renderSource(image, 50.27, 49.61, 1e4, psfComponentsAt(psf, 50, 50), 1e-5);
    let x = 0;
    let y = 0;
    image.data.forEach((value, i) => {
      x += value * (i % 101);
      y += value * Math.floor(i / 101);
    });
    const total = sum(image.data);
    expect(x / total).toBeCloseTo(50.27, 2);
    expect(y / total).toBeCloseTo(49.61, 2);
  });

  it('draws the part of a source that lies on the image and no more', () => {
    const whole = blank(101);
    const corner = blank(60);
    const parts = psfComponentsAt(psf, 50, 50);
    renderSource(whole, 58.2, 3.4, 1e4, parts, 1e-3);
    renderSource(corner, 58.2, 3.4, 1e4, parts, 1e-3);
    for (let y = 0; y < 60; y++) {
      for (let x = 0; x < 60; x++) {
        expect(corner.data[y * 60 + x]!).toBeCloseTo(whole.data[y * 101 + x]!, 3);
      }
    }
  });
});

describe('galaxyComponents', () => {
  it.each(['exponential', 'de-vaucouleurs'] as const)(
    'holds half the light (%s) within its half-light radius',
    (profile) => {
      const shape = { profile, halfLightPx: 20, axisRatio: 1, angleRad: 0 };
      const random = createRandom(3);
      const inside = Array.from({ length: 20000 }, () => {
        const [dx, dy] = drawOffsetInGalaxy(shape, random.uniform, random.normal);
        return Math.hypot(dx, dy) < 20 ? 1 : 0;
      }).reduce<number>((total, hit) => total + hit, 0);
      // Binomial error 0.35 %; the r^(1/4) sum is cut at eight radii and is good to 4 %.
      expect(inside / 20000).toBeGreaterThan(0.45);
      expect(inside / 20000).toBeLessThan(0.57);
    },
  );

  it('keeps the flux when a galaxy is blurred by the PSF', () => {
    const image = blank(301);
    const shape = { profile: 'exponential', halfLightPx: 6, axisRatio: 0.4, angleRad: 0.7 } as const;
    renderSource(image, 150.2, 150.7, 1e6, galaxyComponents(shape, psfComponentsAt(psf, 100, 100)), 1e-4);
    expect(sum(image.data) / 1e6).toBeCloseTo(1, 3);
  });
});
