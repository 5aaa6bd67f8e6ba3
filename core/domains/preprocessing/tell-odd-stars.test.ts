import { describe, expect, test } from 'vitest';
import { makePlane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/random.ts';
import type { StruckPixel } from './judge-struck-star.ts';
import { areStarsOdd } from './tell-odd-stars.ts';

const SIZE = 400;
const STEP = 20;
const FWHM = 3.2;

/** Stars of many brightnesses on a grid, of which each has one pixel with more than its light at an offset. */
function strike(
  choose: (
    uniform: () => number,
    peak: number,
  ) => { readonly dx: number; readonly dy: number; readonly e: number },
): boolean {
  const random = createRandom(8);
  const uniform = (): number => random.uniform();
  const science = makePlane(SIZE, SIZE);
  const struck: StruckPixel[] = [];
  for (let y = STEP / 2; y < SIZE; y += STEP) {
    for (let x = STEP / 2; x < SIZE; x += STEP) {
      const peak = 300 * 100 ** uniform();
      for (let dy = -6; dy <= 6; dy++)
        for (let dx = -6; dx <= 6; dx++)
          science.data[(y + dy) * SIZE + x + dx] = peak * (1 + (dx * dx + dy * dy) / FWHM ** 2) ** -3;
      if (uniform() < 0.7) continue;
      const { dx, dy, e } = choose(uniform, peak);
      const at = (y + dy) * SIZE + x + dx;
      struck.push({ at, lightE: science.data[at]! });
      science.data[at]! += e;
    }
  }
  return areStarsOdd(science, struck, FWHM);
}

describe('what is found on many stars', () => {
  test('is the rays that struck them where it lies anywhere and is of any charge', () => {
    const isOdd = strike((uniform) => ({
      dx: Math.floor(9 * uniform()) - 4,
      dy: Math.floor(9 * uniform()) - 4,
      e: 600 * Math.exp(2 * uniform() - 1),
    }));
    expect(isOdd).toBe(false);
  });

  test('is the stars own where it lies at one offset, as of stars that a jump of the telescope doubled', () => {
    expect(strike((uniform, peak) => ({ dx: 3, dy: uniform() < 0.5 ? 1 : 2, e: 0.2 * peak }))).toBe(true);
  });

  test('is the stars own where it lies in their cores', () => {
    expect(strike((uniform, peak) => ({ dx: uniform() < 0.5 ? 0 : 1, dy: 0, e: 0.1 * peak }))).toBe(true);
  });
});
