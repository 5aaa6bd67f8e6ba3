import fc from 'fast-check';
import { expect, it } from 'vitest';
import { truePsf } from '../../../../tests/golden/zogy-scene.ts';
import { DEFAULT_DIFFERENCING_CONFIG } from '../config.ts';
import { type Cell, planCells, planTiles } from './plan-tiles.ts';

const skyVariance = { science: 1, template: 1 };

it('covers every pixel once, with tiles no larger than asked, each in one cell', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 16, max: 300 }),
      fc.integer({ min: 16, max: 300 }),
      (width, height, cellSidePx, side) => {
        const seen = new Uint8Array(width * height);
        const boxes = planCells(width, height, [], { cellSidePx, cellWidthPx: 2 * cellSidePx });
        const cells = boxes.map((box): Cell => ({ ...box, skyVariance }));
        for (const tile of planTiles(cells, side, 8)) {
          const { cell } = tile;
          expect(tile.width).toBeLessThanOrEqual(side);
          expect(tile.height).toBeLessThanOrEqual(side);
          expect(tile.x).toBeGreaterThanOrEqual(cell.x);
          expect(tile.y).toBeGreaterThanOrEqual(cell.y);
          expect(tile.x + tile.width).toBeLessThanOrEqual(cell.x + cell.width);
          expect(tile.y + tile.height).toBeLessThanOrEqual(cell.y + cell.height);
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
  const cell = { x: 3, y: 4, width: 1030, height: 1030, skyVariance };
  const sides = planTiles([cell], 512, 8).map((tile) => tile.width);
  expect(Math.max(...sides) - Math.min(...sides)).toBeLessThanOrEqual(1);
});

it('cuts wide cells where profiles do not vary', () => {
  const [width, height] = [3000, 1200];
  const constant = truePsf(3, 3, width, height);
  const varying = { ...constant, degree: 1, coefficients: [1, 2, 3].map(() => constant.coefficients[0]!) };
  const widest = (psf: typeof constant) =>
    Math.max(
      ...planCells(width, height, [constant, psf], DEFAULT_DIFFERENCING_CONFIG).map((cell) => cell.width),
    );
  expect(widest(constant)).toBe(1500);
  expect(widest(varying)).toBe(500);
});
