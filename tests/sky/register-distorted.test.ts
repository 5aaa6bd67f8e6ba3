import { describe, expect, test } from 'vitest';
import { registerTemplate } from '../../core/domains/preprocessing/index.ts';
import { drawPair, type PairRecipe } from './distorted-pair.ts';
import { fitBestPolynomial, measureError, toExposure } from './judge-registration.ts';

// `npm run quality:registration` tries many seeds of many more cases.
const SURVEY: PairRecipe = {
  stars: 3000,
  overlap: [0.5, 0.95],
  scale: [0.95, 1.05],
  rotationDeg: 180,
  flips: 0,
  distortionPx: 3,
  depthRatio: [0.7, 1.5],
  seeingPx: [2.5, 4],
  spurious: 0.05,
  wcs: 'none',
  wcsErrorPx: 0,
};

function register(recipe: PairRecipe, seed: number) {
  const pair = drawPair(recipe, seed);
  const registration = registerTemplate(toExposure('a', pair.science), toExposure('b', pair.template));
  return { registration, pair, errorPx: measureError(registration.map, pair) };
}

describe('registration against the truth', () => {
  test.each([
    ['two distorted survey images without coordinates', SURVEY],
    [
      'a mirrored template of twice the scale that shares a third',
      { ...SURVEY, flips: 1, scale: [1.9, 2], overlap: [0.3, 0.35] },
    ],
    ['a template of half the scale', { ...SURVEY, scale: [0.5, 0.55], overlap: [0.7, 0.9] }],
    ['lenses that bend by ten pixels at the corners', { ...SURVEY, distortionPx: 10 }],
    ['headers with the lens in them but pointing wrong', { ...SURVEY, wcs: 'sip', wcsErrorPx: 50 }],
  ] as const)('%s: 0.05 px rms', (_, recipe) => {
    for (let seed = 1; seed <= 3; seed++)
      expect(register(recipe, seed).errorPx, `seed ${seed}`).toBeLessThan(0.05);
  });

  test('a ripple that no polynomial follows is followed by splines', () => {
    const { registration, pair, errorPx } = register({ ...SURVEY, stars: 8000, wavePx: 0.3 }, 4);
    expect(registration.map.kind === 'polynomial' && registration.map.plane.ripple).toBeTruthy();
    // Half of what the best polynomial of order six leaves, fitted by someone who knows the pairs.
    expect(errorPx).toBeLessThan(0.5 * fitBestPolynomial(pair).bestPx);
  });

  test('a hundred stars under strong lenses are found into the corners, where the map must not run away', () => {
    const few = { ...SURVEY, stars: 300, distortionPx: 5, wcs: 'no-distortion', wcsErrorPx: 30 } as const;
    // With this seed a polynomial of the stars around the middle was 37 px off in a corner.
    expect(register(few, 1008).errorPx).toBeLessThan(0.25);
    for (let seed = 1; seed <= 3; seed++)
      expect(register(few, seed).errorPx, `seed ${seed}`).toBeLessThan(0.25);
  });

  test('fifteen to forty common stars do as well as their noise allows', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const sparse = { ...SURVEY, stars: 70, overlap: [0.6, 0.9] as const, distortionPx: 0.3, spurious: 0.3 };
      const { pair, errorPx } = register(sparse, seed);
      expect(errorPx, `seed ${seed}`).toBeLessThan(1.3 * fitBestPolynomial(pair).bestPx + 0.01);
    }
  });

  test('unrelated images are refused, with and without coordinates', () => {
    for (const wcs of ['none', 'sip'] as const) {
      const science = drawPair({ ...SURVEY, wcs }, 1).science;
      const template = drawPair({ ...SURVEY, wcs }, 101).template;
      expect(() => registerTemplate(toExposure('a', science), toExposure('b', template))).toThrowError(
        expect.objectContaining({ code: 'preprocessing/no-overlap' }),
      );
    }
  });
});
