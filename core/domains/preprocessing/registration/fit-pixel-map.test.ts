import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../utils/index.ts';
import { MaskBit, makeTanWcs, pixelsToPixels } from '../../observations/index.ts';
import type { PixelMap, Source } from '../model.ts';
import { DEFAULT_PIXEL_MAP, fitPixelMap } from './fit-pixel-map.ts';
import { mapPixel, unmapPixel } from './map-pixels.ts';

const star = (xPx: number, yPx: number, snr: number, extra: Partial<Source> = {}): Source => ({
  xPx,
  yPx,
  fluxE: snr * 100,
  fluxErrE: 100,
  peakE: snr * 8,
  snr,
  aPx: 1.5,
  bPx: 1.4,
  thetaRad: 0,
  fwhmPx: 3.4,
  halfLightRadiusPx: 1.7,
  kronRadius: 2.5,
  areaPx: 30,
  flags: 0,
  maskBits: 0,
  ...extra,
});

type Point = readonly [number, number];

/** Matched stars of a 1000 px image under a map, each with the noise its signal-to-noise brings. */
function scatter(seed: number, count: number, map: (x: number, y: number) => Point, reach = 1000) {
  const random = createRandom(seed);
  const science: Source[] = [];
  const template: Source[] = [];
  for (let k = 0; k < count; k++) {
    const [x, y] = [random.uniform() * reach, random.uniform() * reach];
    const [u, v] = map(x, y);
    const snr = 20 + 400 * random.uniform() ** 3;
    const error = (0.6 * 3.4) / snr;
    science.push(star(x + error * random.normal(), y + error * random.normal(), snr));
    template.push(star(u + error * random.normal(), v + error * random.normal(), snr));
  }
  const indices = science.map((_, k) => k);
  return { science, template, pairs: { science: indices, template: indices }, random };
}

/** Largest distance between a fitted map and the truth over the image. */
function worstError(map: PixelMap, truth: (x: number, y: number) => Point, reach = 1000): number {
  let worst = 0;
  for (let k = 0; k < 121; k++) {
    const [x, y] = [((k % 11) / 10) * reach, (Math.floor(k / 11) / 10) * reach];
    const { xPx, yPx } = mapPixel(map, x, y);
    const [u, v] = truth(x, y);
    worst = Math.max(worst, Math.hypot(xPx - u, yPx - v));
  }
  return worst;
}

const turned = (x: number, y: number): Point => [0.9 * y + 30, -0.9 * x + 950];
const bent =
  (strength: number) =>
  (x: number, y: number): Point => {
    const [a, b] = [(x - 500) / 500, (y - 480) / 500];
    const square = a * a + b * b;
    return turned(x + strength * a * square, y + strength * b * square);
  };

describe('fitPixelMap', () => {
  test('tells of each star where the template has it, on the science grid whatever the template is turned by', () => {
    const places = Array.from({ length: 40 }, (_, k): Point => [40 + 23 * k, 30 + ((k * 389) % 940)]);
    const science = places.map(([x, y]) => star(x, y, 500));
    // Every other star lies 0.02 px to the right on the science grid, the others as much to the left.
    const template = places.map(([x, y], k) => star(...turned(x + (k % 2 === 0 ? 0.02 : -0.02), y), 500));
    const indices = science.map((_, k) => k);
    const { residuals, matched } = fitPixelMap(science, template, { science: indices, template: indices });
    expect(residuals).toHaveLength(matched);
    for (const { xPx, yPx, dxPx, dyPx } of residuals) {
      const k = places.findIndex(([x, y]) => x === xPx && y === yPx);
      // An affine map follows sqrt(3 / 40) of what forty stars scatter by; up to half of it at the corners.
      expect(Math.abs(dxPx - (k % 2 === 0 ? 0.02 : -0.02))).toBeLessThan(0.01);
      expect(Math.abs(dyPx)).toBeLessThan(0.01);
    }
  });

  test('an affine field gets an affine map, to a few hundredths of a pixel, over thirty seeds', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { science, template, pairs } = scatter(seed, 150, turned);
      const fit = fitPixelMap(science, template, pairs);
      expect(fit.order, `seed ${seed}`).toBeLessThanOrEqual(2);
      expect(worstError(fit.map, turned), `seed ${seed}`).toBeLessThan(0.05);
    }
  });

  test('a cubic distortion is followed when the stars can prove it', () => {
    const { science, template, pairs } = scatter(3, 400, bent(2));
    const fit = fitPixelMap(science, template, pairs);
    expect(fit.order).toBeGreaterThanOrEqual(3);
    expect(worstError(fit.map, bent(2))).toBeLessThan(0.1);
    expect(fit.rmsPx).toBeLessThan(0.12);
  });

  test('few stars get a simple map whatever the field', () => {
    const { science, template, pairs } = scatter(4, 12, bent(0.3));
    const fit = fitPixelMap(science, template, pairs);
    expect(fit.order).toBe(1);
    expect(worstError(fit.map, bent(0.3))).toBeLessThan(1.5);
  });

  test('wrong pairs and moving stars do not pull the map', () => {
    const { science, template, pairs, random } = scatter(5, 200, turned);
    const spoiled = template.map((source, k) =>
      k % 5 === 0
        ? { ...source, xPx: source.xPx + 1 + random.uniform(), yPx: source.yPx + random.uniform() }
        : source,
    );
    const fit = fitPixelMap(science, spoiled, pairs);
    expect(worstError(fit.map, turned)).toBeLessThan(0.06);
    expect(fit.matched).toBeGreaterThan(140);
    expect(fit.matched).toBeLessThanOrEqual(160);
  });

  test('saturated stars are left aside while there are enough others', () => {
    const { science, template, pairs } = scatter(6, 120, turned);
    const saturated = { flags: 4, maskBits: MaskBit.SAT, snr: 5000 };
    const spoiled = template.map((source, k) =>
      k < 50 ? { ...source, ...saturated, xPx: source.xPx + 0.8 } : source,
    );
    const fit = fitPixelMap(science, spoiled, pairs);
    expect(fit.matched).toBeLessThanOrEqual(70);
    expect(worstError(fit.map, turned)).toBeLessThan(0.06);
  });

  test('stars of one corner do not get a polynomial that runs away', () => {
    const { science, template, pairs } = scatter(7, 150, bent(0.05), 300);
    // All in a diagonal band of that corner.
    const kept = pairs.science.filter((k) => Math.abs(science[k]!.xPx - science[k]!.yPx) < 30);
    const fit = fitPixelMap(science, template, { science: kept, template: kept });
    expect(fit.order).toBe(1);
  });

  test('images on one grid get exactly that, though their stars scatter', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { science, template, pairs } = scatter(100 + seed, 80, (x, y) => [x, y + 81]);
      const fit = fitPixelMap(science, template, pairs);
      expect(
        worstError(fit.map, (x, y) => [x, y + 81]),
        `seed ${seed}`,
      ).toBeLessThan(0.03);
      if (seed <= 10) expect(fit.order).toBe(-1);
    }
  });

  test('good headers are kept as they are, and an offset of theirs is corrected by no more than an offset', () => {
    const scienceWcs = makeTanWcs({ raDeg: 50, decDeg: 60, xPx: 400, yPx: 600, pixelScaleArcsec: 1.2 });
    const templateWcs = makeTanWcs({
      raDeg: 50.02,
      decDeg: 60.01,
      xPx: 300,
      yPx: 300,
      pixelScaleArcsec: 0.9,
      positionAngleDeg: 130,
    });
    const truth =
      (dx: number, dy: number) =>
      (x: number, y: number): Point => {
        const { xPx, yPx } = pixelsToPixels(
          scienceWcs,
          templateWcs,
          new Float64Array([x]),
          new Float64Array([y]),
        );
        return [xPx[0]! + dx, yPx[0]! + dy];
      };
    const start = { kind: 'wcs', science: scienceWcs, template: templateWcs } as const;
    const good = scatter(8, 100, truth(0, 0));
    const kept = fitPixelMap(good.science, good.template, good.pairs, DEFAULT_PIXEL_MAP, start);
    expect(kept.order).toBe(-1);
    expect(kept.map).toEqual({ ...start, correction: undefined });
    const shifted = scatter(9, 100, truth(0.7, -1.1));
    const corrected = fitPixelMap(shifted.science, shifted.template, shifted.pairs, DEFAULT_PIXEL_MAP, start);
    expect(corrected.order).toBeLessThanOrEqual(1);
    expect(worstError(corrected.map, truth(0.7, -1.1))).toBeLessThan(0.05);
  });

  test('the scatter it reports is the scatter that was put in', () => {
    const { science, template, pairs, random } = scatter(10, 600, turned);
    const shaken = template.map((source) => ({
      ...source,
      snr: 1000,
      xPx: source.xPx + 0.1 * random.normal(),
      yPx: source.yPx + 0.2 * random.normal(),
    }));
    const fit = fitPixelMap(
      science.map((source) => ({ ...source, snr: 1000 })),
      shaken,
      pairs,
    );
    expect(fit.sigmaXPx).toBeGreaterThan(0.09);
    expect(fit.sigmaXPx).toBeLessThan(0.13);
    expect(fit.sigmaYPx).toBeGreaterThan(0.17);
    expect(fit.sigmaYPx).toBeLessThan(0.24);
    expect(fit.rmsPx).toBeGreaterThan(0.2);
    expect(fit.rmsPx).toBeLessThan(0.27);
    expect(Math.abs(fit.offsetXPx)).toBeLessThan(0.02);
  });

  test('stars on a line are refused', () => {
    const science = Array.from({ length: 8 }, (_, k) => star(100 * k, 50 + 20 * k, 100));
    const template = science.map((source) => ({ ...source, xPx: 500 - source.yPx, yPx: source.xPx }));
    const indices = science.map((_, k) => k);
    expect(() => fitPixelMap(science, template, { science: indices, template: indices })).toThrowError(
      expect.objectContaining({ code: 'preprocessing/too-few-stars' }),
    );
  });
});

describe('unmapPixel', () => {
  test('goes back where mapPixel came from', () => {
    const { science, template, pairs } = scatter(11, 400, bent(3));
    const { map } = fitPixelMap(science, template, pairs);
    const there = mapPixel(map, 123.4, 876.5);
    const back = unmapPixel(map, there.xPx, there.yPx, { xPx: 500, yPx: 500 })!;
    expect(Math.hypot(back.xPx - 123.4, back.yPx - 876.5)).toBeLessThan(1e-4);
  });
});
