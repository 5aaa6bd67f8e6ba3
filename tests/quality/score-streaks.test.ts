import { describe, expect, test } from 'vitest';
import { type DrawnTrail, scoreStreaks } from './score-streaks.ts';

const SIZE = 384;
const across = { x0: -40, y0: 61, x1: 430, y1: 290 } as const;

/** Fraction of the trail that was masked, and of the clean sky. */
function mask(trails: readonly DrawnTrail[], seed = 7): { readonly trail: number; readonly clean: number } {
  const score = scoreStreaks('survey', seed, SIZE, trails, { badColumns: 0 });
  return { trail: score.masked / score.trailPixels, clean: score.falselyMasked / score.cleanPixels };
}

describe('satellites over a survey field', () => {
  test.each<readonly [string, readonly DrawnTrail[]]>([
    ['bright, from border to border', [{ ...across, peakSigma: 30 }]],
    ['as faint as the noise of a pixel', [{ ...across, peakSigma: 1 }]],
    [
      'three at once',
      [
        { ...across, peakSigma: 3 },
        { x0: 380, y0: -20, x1: 20, y1: 400, peakSigma: 3 },
        { x0: 100, y0: -20, x1: 130, y1: 400, peakSigma: 3 },
      ],
    ],
    ['one that ends in the frame', [{ x0: -20, y0: 300, x1: 230, y1: 120, peakSigma: 4 }]],
    ['a short one', [{ x0: 120, y0: 200, x1: 240, y1: 260, peakSigma: 6 }]],
    ['dashed', [{ ...across, peakSigma: 6, dashPx: 20 }]],
    ['tumbling', [{ ...across, peakSigma: 6, tumblePx: 90 }]],
    ['along the border', [{ x0: -20, y0: 4, x1: 400, y1: 7, peakSigma: 4 }]],
    ['out of focus', [{ ...across, peakSigma: 3, width: 3 }]],
  ])('%s: nine tenths are masked, and next to nothing else', (_name, trails) => {
    const { trail, clean } = mask(trails);
    expect(trail).toBeGreaterThanOrEqual(0.9);
    expect(clean).toBeLessThan(0.005);
  });

  test('one that shares its footprint with stars is masked in a field full of them', () => {
    const score = scoreStreaks('hard', 302, 1024, [{ x0: -20, y0: 90, x1: 130, y1: -40, peakSigma: 5 }]);
    expect(score.masked / score.trailPixels).toBeGreaterThanOrEqual(0.9);
    expect(score.falselyMasked / score.cleanPixels).toBeLessThan(0.005);
  });

  test('where there is none, none is masked', () => {
    for (const seed of [1, 2, 3, 4]) {
      expect(scoreStreaks('survey', seed, SIZE, []).falselyMasked).toBe(0);
      expect(scoreStreaks('hard', seed, SIZE, []).falselyMasked).toBe(0);
    }
  });
});
