import { expect, test } from 'vitest';
import { scoreCosmicRays } from './score-cosmic-rays.ts';

test('cosmic rays are masked, and little else', () => {
  const score = scoreCosmicRays({ difficulty: 'survey', seed: 3, sizePx: 384, raysPerMegapixel: 600 });
  expect(score.rays).toBeGreaterThan(50);
  expect(score.found / score.rays).toBeGreaterThanOrEqual(0.95);
  expect(score.right / score.masked).toBeGreaterThanOrEqual(0.9);
  expect(score.eaten + score.eatenGalaxies).toBe(0);
});

test('cosmic rays on top of stars are masked as well, and no star is', () => {
  const score = scoreCosmicRays({
    difficulty: 'survey',
    seed: 12,
    sizePx: 512,
    raysPerMegapixel: 300,
    aimedPerMegapixel: 15_000,
  });
  expect(score.raysOnSources).toBeGreaterThan(15);
  // L.A.Cosmic alone finds about six of ten.
  expect(score.foundOnSources / score.raysOnSources).toBeGreaterThanOrEqual(0.85);
  expect(score.rightOnSources / score.maskedOnSources).toBeGreaterThanOrEqual(0.9);
  expect(score.eaten + score.eatenGalaxies).toBe(0);
});

test('rays that graze the image edge are masked as well', () => {
  const inner = scoreCosmicRays({ difficulty: 'easy', seed: 5, sizePx: 128, raysPerMegapixel: 3000 });
  expect(inner.rays).toBeGreaterThan(30);
  expect(inner.found / inner.rays).toBeGreaterThanOrEqual(0.95);
});
