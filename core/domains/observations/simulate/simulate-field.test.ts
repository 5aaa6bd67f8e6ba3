import { describe, expect, it } from 'vitest';
import { expectSnr, fluxForSnr, makeSnrKernels } from './expect-snr.ts';
import { psfComponentsAt } from './model-psf.ts';
import { SKY_RECIPES } from './presets.ts';
import { renderSource } from './render-source.ts';
import { simulateField } from './simulate-field.ts';
import { gridToSky, makeSkyGrid, skyToGrid } from './sky-grid.ts';

const small = { sizePx: 320, transients: 8 } as const;

describe('simulateField', () => {
  it('gives the same pixels for the same seed and others for another', () => {
    const a = simulateField({ ...small, seed: 5 });
    const b = simulateField({ ...small, seed: 5 });
    const c = simulateField({ ...small, seed: 6 });
    expect(a.science.pixels.data).toEqual(b.science.pixels.data);
    expect(a.template.pixels.data).toEqual(b.template.pixels.data);
    expect(a.truth).toEqual(b.truth);
    expect(a.science.pixels.data).not.toEqual(c.science.pixels.data);
  });

  it('draws spikes with the light that vanes take, and nothing else changes', () => {
    const config = { sizePx: 400, seed: 7, transients: 0, stars: 30, difficulty: 'easy' } as const;
    const spikes = { lightFraction: 0.02, arms: 4, halfLengthPx: 10 };
    const plain = simulateField({ ...config, recipe: { starCountSlope: 0.02 } });
    const spiked = simulateField({ ...config, recipe: { starCountSlope: 0.02, spikes } });
    expect(spiked.sources).toEqual(plain.sources);
    const light = spiked.science.pixels.data.reduce(
      (sum, value, k) => sum + 1.6 * (value - plain.science.pixels.data[k]!),
      0,
    );
    const all = plain.sources.reduce((sum, { fluxE }) => sum + fluxE, 0);
    // Full wells and the image's edges take some.
    expect(light / (0.02 * all)).toBeGreaterThan(0.6);
    expect(light / (0.02 * all)).toBeLessThan(1.05);
  });

  it('exposes the same sky once more: other photons, all else the same', () => {
    const config = { sizePx: 256, seed: 5, transients: 4, difficulty: 'survey' } as const;
    const [first, again] = [simulateField(config), simulateField({ ...config, exposure: 1 })];
    expect(again.truth).toEqual(first.truth);
    expect(again.sources).toEqual(first.sources);
    expect(simulateField({ ...config, exposure: 0 }).science.pixels).toEqual(first.science.pixels);
    const [a, b] = [first.science.pixels.data, again.science.pixels.data];
    const differences = a.map((value, k) => value - b[k]!).sort();
    // The noise of two exposures: sky of 900 e- and read noise of 6 e- at 1.6 e- per ADU.
    const spread =
      (differences[Math.floor(0.841 * a.length)]! - differences[Math.floor(0.159 * a.length)]!) / 2;
    expect(spread / (Math.sqrt(2 * (900 + 36)) / 1.6)).toBeGreaterThan(0.95);
    expect(spread / (Math.sqrt(2 * (900 + 36)) / 1.6)).toBeLessThan(1.1);
  });

  it('keeps the sky when the number of transients changes', () => {
    const none = simulateField({ ...small, seed: 2, transients: 0 });
    const some = simulateField({ ...small, seed: 2 });
    expect(none.sources).toEqual(some.sources);
    expect(none.truth).toHaveLength(0);
    expect(some.truth).toHaveLength(8);
  });

  it('puts the rest on empty sky when more stars are to vary than there are', () => {
    const { truth } = simulateField({ sizePx: 256, transients: 40, seed: 3, stars: 2, difficulty: 'easy' });
    expect(truth).toHaveLength(40);
    const places = new Set(truth.map(({ xPx, yPx }) => `${xPx} ${yPx}`));
    expect(places.size).toBe(40);
    // Six of forty are wished to be; no star varies twice.
    const variables = truth.filter(({ kind }) => kind === 'variable');
    expect(variables.length).toBeGreaterThan(0);
    expect(variables.length).toBeLessThan(6);
  });

  it.each(['easy', 'survey', 'hard'] as const)('writes whole ADU that fit 16 bits (%s)', (difficulty) => {
    const field = simulateField({ ...small, difficulty });
    for (const image of [field.science, field.template]) {
      expect(image.pixels.data.every((v) => Number.isInteger(v) && v >= 0 && v <= 65535)).toBe(true);
    }
  });

  it('draws sky noise that counts electrons', () => {
    const camera = SKY_RECIPES.easy.science;
    const field = simulateField({
      sizePx: 256,
      transients: 0,
      stars: 0,
      difficulty: 'easy',
      recipe: { galaxiesPerMegapixel: 0, science: { ...camera, skyGradient: 0 } },
    });
    const electrons = Array.from(field.science.pixels.data, (adu) => adu * camera.gainEPerAdu);
    const mean = electrons.reduce((s, v) => s + v, 0) / electrons.length;
    const variance = electrons.reduce((s, v) => s + (v - mean) ** 2, 0) / electrons.length;
    // 65536 pixels: the mean is known to 0.12 e-, the variance to 0.6 %.
    expect(Math.abs(mean - camera.skyE)).toBeLessThan(0.6);
    const expected = camera.skyE + camera.readNoiseE ** 2 + camera.gainEPerAdu ** 2 / 12;
    expect(variance / expected).toBeGreaterThan(0.975);
    expect(variance / expected).toBeLessThan(1.025);
  });

  it('puts the injected flux on the science image: aperture photometry finds it', () => {
    const quiet = { ...SKY_RECIPES.easy, galaxiesPerMegapixel: 0, snrRange: [300, 400] as const };
    const field = simulateField({ sizePx: 512, transients: 6, stars: 0, difficulty: 'easy', recipe: quiet });
    const { data, width } = field.science.pixels;
    const positives = field.truth.filter((row) => row.kind === 'hostless' && !row.isNegative);
    expect(positives.length).toBeGreaterThan(1);
    for (const row of positives) {
      let flux = 0;
      let pixels = 0;
      for (let y = Math.round(row.yPx) - 15; y <= Math.round(row.yPx) + 15; y++) {
        for (let x = Math.round(row.xPx) - 15; x <= Math.round(row.xPx) + 15; x++) {
          flux += data[y * width + x]! * 1.6;
          pixels++;
        }
      }
      let sky = 0;
      let ring = 0;
      for (let y = Math.round(row.yPx) - 25; y <= Math.round(row.yPx) + 25; y++) {
        for (let x = Math.round(row.xPx) - 25; x <= Math.round(row.xPx) + 25; x++) {
          if (Math.hypot(x - row.xPx, y - row.yPx) < 22) continue;
          sky += data[y * width + x]! * 1.6;
          ring++;
        }
      }
      flux -= (sky / ring) * pixels;
      // Sky noise over 961 pixels is 1500 e-, a Moffat's light outside the box 0.2 %.
      expect(Math.abs(flux / row.fluxE - 1)).toBeLessThan(0.05);
    }
  });

  it('keeps saturated stars flat at the full well, above SATURATE', () => {
    const field = simulateField({ sizePx: 512, seed: 4, stars: 800, transients: 0 });
    const limit = field.science.header.find((card) => card.keyword === 'SATURATE')!.value as number;
    const bright = field.sources.filter((source) => source.fluxE > 4e6 && source.kind === 'star');
    const inside = bright.filter((s) => s.xPx > 5 && s.yPx > 5 && s.xPx < 506 && s.yPx < 506);
    expect(inside.length).toBeGreaterThan(0);
    for (const star of inside) {
      const i = Math.round(star.yPx) * 512 + Math.round(star.xPx);
      const value = field.science.pixels.data[i]!;
      // Zero where the dead column runs through it.
      expect(value >= limit || value === 0).toBe(true);
    }
  });

  it('keeps every event clear of the edges of both images and of full pixels', () => {
    const field = simulateField({ sizePx: 1024, difficulty: 'hard', seed: 11, transients: 40 });
    const limit = field.science.header.find((card) => card.keyword === 'SATURATE')!.value as number;
    for (const row of field.truth) {
      expect(Math.min(row.xPx, row.yPx, 1023 - row.xPx, 1023 - row.yPx)).toBeGreaterThan(20);
      const peak = field.science.pixels.data[Math.round(row.yPx) * 1024 + Math.round(row.xPx)]!;
      expect(peak).toBeLessThan(limit);
      expect(row.snr).toBeGreaterThan(0);
    }
  });
});

describe('expectSnr', () => {
  const psf = {
    widthPx: 64,
    heightPx: 64,
    beta: 3,
    fwhmPx: [3, 0, 0, 0],
    e1: [0, 0, 0],
    e2: [0, 0, 0],
  } as const;
  const sharp = { ...psf, fwhmPx: [2.4, 0, 0, 0] } as const;

  it('is F sqrt(sum P^2) / sigma when the template has no noise', () => {
    const kernels = makeSnrKernels(psf, sharp, 32, 32, 30, 1e-3, 1);
    const image = { width: 65, height: 65, data: new Float32Array(65 * 65) };
    renderSource(image, 32, 32, 1, psfComponentsAt(psf, 32, 32), 1e-9);
    const sumSquares = image.data.reduce((s, v) => s + v * v, 0);
    const snr = expectSnr(
      kernels,
      2000,
      () => 900,
      () => 1e-6,
    );
    expect(snr / ((2000 * Math.sqrt(sumSquares)) / 30)).toBeCloseTo(1, 3);
  });

  it('loses sqrt(2) when both images are equally sharp and noisy', () => {
    const deep = expectSnr(
      makeSnrKernels(psf, psf, 32, 32, 30, 1e-3, 1),
      2000,
      () => 900,
      () => 1e-6,
    );
    const equal = expectSnr(
      makeSnrKernels(psf, psf, 32, 32, 30, 30, 1),
      2000,
      () => 900,
      () => 900,
    );
    expect(deep / equal).toBeCloseTo(Math.SQRT2, 3);
  });

  it('is inverted by fluxForSnr, its own photons included', () => {
    const kernels = makeSnrKernels(psf, sharp, 32, 32, 30, 40, 2);
    const flux = fluxForSnr(
      kernels,
      12,
      false,
      () => 900,
      () => 1600,
    );
    const image = { width: 65, height: 65, data: new Float32Array(65 * 65) };
    renderSource(image, 32, 32, flux, psfComponentsAt(psf, 32, 32), 1e-6);
    const snr = expectSnr(
      kernels,
      flux,
      (dx, dy) => 900 + image.data[(32 + dy) * 65 + 32 + dx]!,
      () => 1600,
    );
    expect(snr).toBeCloseTo(12, 2);
  });
});

describe('sky grid', () => {
  it('goes to the sky and back', () => {
    const grid = makeSkyGrid(359.9, 71, 500, 700, 0.5, 33);
    const [ra, dec] = gridToSky(grid, 12.5, 1980.25);
    const [x, y] = skyToGrid(grid, ra, dec);
    expect(x).toBeCloseTo(12.5, 8);
    expect(y).toBeCloseTo(1980.25, 8);
  });
});
