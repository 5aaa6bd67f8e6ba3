import fc from 'fast-check';
import { expect, it } from 'vitest';
import { truePsf } from '../../../../tests/golden/zogy-scene.ts';
import { DEFAULT_DIFFERENCING_CONFIG } from '../config.ts';
import { planSmallTiles, planTiles, planTilesFor } from './plan-tiles.ts';

it('covers every pixel once, with tiles no larger than asked', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 16, max: 300 }),
      (width, height, side) => {
        const seen = new Uint8Array(width * height);
        for (const tile of planTiles(width, height, side, 8)) {
          expect(tile.width).toBeLessThanOrEqual(side);
          expect(tile.height).toBeLessThanOrEqual(side);
          for (let y = tile.y; y < tile.y + tile.height; y++) {
            for (let x = tile.x; x < tile.x + tile.width; x++) seen[y * width + x]++;
          }
        }
        expect(seen.every((count) => count === 1)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

it('cuts tiles of nearly equal size', () => {
  const sides = planTiles(1030, 1030, 512, 8).map((tile) => tile.width);
  expect(Math.max(...sides) - Math.min(...sides)).toBeLessThanOrEqual(1);
});

it('cuts wide tiles where profiles do not vary, and learns from small ones there', () => {
  const [width, height] = [3000, 1200];
  const constant = truePsf(3, 3, width, height);
  const varying = { ...constant, degree: 1, coefficients: [1, 2, 3].map(() => constant.coefficients[0]!) };
  const plan = (psf: typeof constant) => planTilesFor(width, height, [psf, psf], DEFAULT_DIFFERENCING_CONFIG);
  const widest = (tiles: readonly { readonly width: number }[]) =>
    Math.max(...tiles.map((tile) => tile.width));
  const wide = plan(constant);
  expect(widest(wide)).toBe(1500);
  const small = planSmallTiles(wide, width, height, DEFAULT_DIFFERENCING_CONFIG);
  expect(widest(small)).toBe(500);
  expect(small[0]!.border).toBe(wide[0]!.border);
  const square = plan(varying);
  expect(widest(square)).toBe(500);
  expect(planSmallTiles(square, width, height, DEFAULT_DIFFERENCING_CONFIG)).toBe(square);
});
