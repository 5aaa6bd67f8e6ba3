import { describe, expect, test } from 'vitest';
import { drawStarField, type StarField } from '../../../../tests/support/draw-star-field.ts';
import { headerNumber, pixelToSky, skyToPixel, writeWcsCards } from '../../observations/index.ts';
import { selectReference } from '../select-reference.ts';
import { starsInCone } from '../tile-sky.ts';
import { coneOfHint, type FieldHint, hintOfWcs, solveField } from './solve-field.ts';

/** Largest distance of the solution from the truth on a grid over the image, px. */
function worstErrorPx(field: StarField, wcs: ReturnType<typeof solveField>['wcs']): number {
  let worst = 0;
  for (let j = 0; j <= 4; j++)
    for (let i = 0; i <= 4; i++) {
      const [x, y] = [(i / 4) * (field.widthPx - 1), (j / 4) * (field.heightPx - 1)];
      const back = skyToPixel(wcs, ...field.toSky(x, y));
      worst = Math.max(worst, back === undefined ? 1e9 : Math.hypot(back.xPx - x, back.yPx - y));
    }
  return worst;
}

function solve(field: StarField, sky: StarField, hint: FieldHint, extra: object = {}) {
  const stars = selectReference(sky.stars, starsInCone(sky.stars, coneOfHint(hint, field)));
  return solveField({ name: 'a field', ...field, stars, hint, ...extra });
}

function hintNear(field: StarField, scaleFactor = 1, northArcmin = 0): FieldHint {
  const decDeg = Math.max(-90, Math.min(90, field.decDeg + northArcmin / 60));
  const scale = field.scaleArcsec * scaleFactor;
  return { raDeg: field.raDeg, decDeg, radiusDeg: 0.1, scaleArcsec: [scale / 1.26, scale * 1.26] };
}

describe('solving a field from a hint', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    'finds it at any rotation and parity, five arcmin and a quarter of the scale off (seed %i)',
    (seed) => {
      const field = drawStarField({ seed, sources: 400 });
      const solution = solve(
        field,
        field,
        hintNear(field, seed % 2 === 0 ? 0.81 : 1.24, seed % 3 === 0 ? -5 : 5),
      );
      expect(solution.method).toBe('hint');
      // 400 stars of 0.05 px leave 0.01 px in the middle and a few hundredths in a corner that a cubic must reach.
      expect(worstErrorPx(field, solution.wcs)).toBeLessThan(0.1);
      expect(Math.hypot(solution.offsetXPx, solution.offsetYPx)).toBeLessThan(0.02);
      expect(solution.rmsXPx).toBeLessThan(0.08);
      expect(solution.log10Odds).toBeGreaterThan(9);
      expect(solution.quadrants.map(({ count }) => count > 20)).toEqual([true, true, true, true]);
    },
  );

  test('follows distortion, and takes no order that the stars do not ask for', () => {
    const bent = drawStarField({ seed: 11, sources: 600, sizePx: 1500, distortionPx: 12 });
    const bentSolution = solve(bent, bent, hintNear(bent));
    expect(bentSolution.order).toBeGreaterThanOrEqual(3);
    expect(worstErrorPx(bent, bentSolution.wcs)).toBeLessThan(0.1);
    const straight = drawStarField({ seed: 12, sources: 600, distortionPx: 0 });
    expect(solve(straight, straight, hintNear(straight)).order).toBe(1);
  });

  test('writes a header whose inverse polynomials lead back to within a hundredth of a pixel', () => {
    const field = drawStarField({ seed: 13, sources: 500, sizePx: 1024, distortionPx: 8 });
    const { wcs, inverseErrorPx } = solve(field, field, hintNear(field));
    expect(inverseErrorPx).toBeLessThan(0.01);
    const cards = writeWcsCards(wcs);
    const number = (keyword: string): number => headerNumber(cards, keyword) ?? 0;
    const polynomial = (letter: string, u: number, v: number): number => {
      let sum = 0;
      for (let i = 0; i <= number(`${letter}_ORDER`); i++)
        for (let j = 0; i + j <= number(`${letter}_ORDER`); j++)
          sum += number(`${letter}_${i}_${j}`) * u ** i * v ** j;
      return sum;
    };
    for (const [x, y] of [
      [0, 0],
      [1023, 0],
      [512, 700],
      [1023, 1023],
    ] as const) {
      const [u, v] = [x + 1 - number('CRPIX1'), y + 1 - number('CRPIX2')];
      const [U, V] = [u + polynomial('A', u, v), v + polynomial('B', u, v)];
      expect(Math.hypot(U + polynomial('AP', U, V) - u, V + polynomial('BP', U, V) - v)).toBeLessThan(0.01);
    }
  });

  test('works around the pole', () => {
    // Seeds place fields anywhere: this one is moved to 2 arcmin from the pole.
    const field = drawStarField({ seed: 21, sources: 300, decDeg: 89.97 });
    const solution = solve(field, field, {
      ...hintNear(field),
      raDeg: (field.raDeg + 60) % 360,
      decDeg: 89.95,
    });
    expect(worstErrorPx(field, solution.wcs)).toBeLessThan(0.1);
  });

  test('refuses another field, and says what was tried', () => {
    for (const seed of [31, 32, 33]) {
      const field = drawStarField({ seed, sources: 200 });
      const sky = drawStarField({ seed: seed + 500, sources: 200 });
      expect(() => solve(field, sky, hintNear(sky))).toThrow(
        expect.objectContaining({
          code: 'catalog/no-solution',
          details: expect.objectContaining({ name: 'a field' }),
        }),
      );
    }
  });

  test('wants a handful of stars on both sides', () => {
    const field = drawStarField({ seed: 41, sources: 200 });
    const few = { ...field, sources: field.sources.slice(0, 4) };
    expect(() => solve(few, field, hintNear(field))).toThrow(
      expect.objectContaining({ code: 'catalog/too-few-stars' }),
    );
  });

  test('gives the same answer for the same lists', () => {
    const field = drawStarField({ seed: 51, sources: 150 });
    expect(solve(field, field, hintNear(field))).toEqual(solve(field, field, hintNear(field)));
  });
});

describe('checking a header', () => {
  test('believes a WCS that the stars bear out, and not one that is a field away', () => {
    const field = drawStarField({ seed: 61, sources: 300 });
    const { wcs } = solve(field, field, hintNear(field));
    const hint = hintOfWcs(wcs, field)!;
    expect(solve(field, field, hint, { wcs }).method).toBe('wcs');
    const shifted = { ...wcs, xRefPx: wcs.xRefPx + 150 };
    expect(solve(field, field, hint, { wcs: shifted }).method).toBe('hint');
  });

  test('follows a header that is a few pixels off', () => {
    const field = drawStarField({ seed: 62, sources: 300 });
    const { wcs } = solve(field, field, hintNear(field));
    const near = { ...wcs, xRefPx: wcs.xRefPx + 2.5, yRefPx: wcs.yRefPx - 1.5 };
    const solution = solve(field, field, hintOfWcs(wcs, field)!, { wcs: near });
    expect(solution.method).toBe('wcs');
    expect(worstErrorPx(field, solution.wcs)).toBeLessThan(0.1);
    const centre = pixelToSky(solution.wcs, (field.widthPx - 1) / 2, (field.heightPx - 1) / 2);
    expect(centre.decDeg).toBeCloseTo(field.toSky((field.widthPx - 1) / 2, (field.heightPx - 1) / 2)[1], 5);
  });
});
