import { beforeAll, describe, expect, test } from 'vitest';
import { drawSkyRegion, type RegionImage, takeImage } from '../../../../tests/support/draw-sky-region.ts';
import { pixelToSky } from '../../observations/index.ts';
import { selectReference } from '../select-reference.ts';
import { starsInCone } from '../tile-sky.ts';
import { buildQuadIndex, type QuadIndex } from './build-quad-index.ts';
import { encodeQuad } from './encode-quad.ts';
import { proposeFields } from './propose-fields.ts';
import { solveBlind } from './solve-blind.ts';
import { coneOfHint } from './solve-field.ts';

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, k) => value - b[k]!));
}

describe('a figure of four stars', () => {
  const x = Float64Array.of(10, 110, 40, 70);
  const y = Float64Array.of(20, 25, 60, 5);

  test('has the same code in any order, at any rotation and scale', () => {
    const quad = encodeQuad(x, y, [0, 1, 2, 3], false)!;
    const turned = [
      x.map((value, k) => 3 * y[k]! - value + 7),
      x.map((value, k) => -3 * value - y[k]! + 9),
    ] as const;
    for (const points of [
      [3, 1, 0, 2],
      [2, 3, 1, 0],
    ] as const) {
      const other = encodeQuad(turned[0], turned[1], points, false)!;
      expect(distance(other.code, quad.code)).toBeLessThan(1e-12);
      expect(other.stars).toEqual(quad.stars);
      expect(other.size / quad.size).toBeCloseTo(Math.sqrt(10), 12);
    }
  });

  test('seen from behind is the figure of a mirror', () => {
    const behind = encodeQuad(
      x.map((value) => -value),
      y,
      [0, 1, 2, 3],
      true,
    )!;
    const before = encodeQuad(x, y, [0, 1, 2, 3], false)!;
    expect(distance(before.code, behind.code)).toBeLessThan(1e-12);
  });
});

describe('an image of which nothing is known', () => {
  const region = drawSkyRegion(3, 2.5, 2000);
  let index: QuadIndex;
  beforeAll(() => {
    index = buildQuadIndex(region.stars);
  });

  const solve = (image: RegionImage, from = index) =>
    solveBlind({ name: 'image', ...image }, from, async (hint) =>
      selectReference(region.stars, starsInCone(region.stars, coneOfHint(hint, image))),
    );

  test.each([1, 2, 3, 4])(
    'is found on the imported sky at any rotation, parity and scale (seed %i)',
    async (seed) => {
      const image = takeImage(region, seed);
      const solution = await solve(image);
      expect(solution.method).toBe('blind');
      expect(solution.log10Odds).toBeGreaterThan(9);
      const found = pixelToSky(solution.wcs, (image.widthPx - 1) / 2, (image.heightPx - 1) / 2);
      const dRa = (found.raDeg - image.raDeg) * Math.cos((image.decDeg * Math.PI) / 180);
      // A tenth of a pixel is the noise of a few faint stars.
      expect((3600 * Math.hypot(dRa, found.decDeg - image.decDeg)) / image.scaleArcsec).toBeLessThan(0.1);
    },
  );

  test('of elsewhere is refused', async () => {
    const other = takeImage(drawSkyRegion(77, 2.5, 2000), 5);
    await expect(solve(other)).rejects.toMatchObject({ code: 'catalog/no-solution' });
  });

  test('is looked for only at the scales that are believed', () => {
    const image = takeImage(region, 1);
    const { scaleArcsec } = image;
    const [right] = proposeFields(index, image.sources, image, [0.8 * scaleArcsec, 1.2 * scaleArcsec]);
    expect(right!.votes).toBeGreaterThan(3);
    const wrong = proposeFields(index, image.sources, image, [3 * scaleArcsec, 4 * scaleArcsec]);
    expect(wrong[0]?.votes ?? 0).toBeLessThan(right!.votes);
  });

  test('finds nothing in the index of an empty sky', async () => {
    const empty = buildQuadIndex(selectReference(region.stars, []));
    expect(empty.sizesArcsec.length).toBe(0);
    await expect(solve(takeImage(region, 1), empty)).rejects.toMatchObject({ code: 'catalog/no-solution' });
  });
});
