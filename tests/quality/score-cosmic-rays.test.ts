import { expect, test } from 'vitest';
import { scoreCosmicRays } from './score-cosmic-rays.ts';

test('cosmic rays over stars are masked, and little else', () => {
  const score = scoreCosmicRays('survey', 3, 384, 600);
  expect(score.rays).toBeGreaterThan(50);
  expect(score.found / score.rays).toBeGreaterThanOrEqual(0.95);
  expect(score.right / score.masked).toBeGreaterThanOrEqual(0.9);
  expect(score.eaten).toBe(0);
});

test('rays that graze the image edge are masked as well', () => {
  const inner = scoreCosmicRays('easy', 5, 128, 3000);
  expect(inner.rays).toBeGreaterThan(30);
  expect(inner.found / inner.rays).toBeGreaterThanOrEqual(0.95);
});
