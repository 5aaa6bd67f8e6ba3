import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planTiles } from './plan-tiles.ts';

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
