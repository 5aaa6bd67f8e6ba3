import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../utils/index.ts';
import type { MeasuredStar } from '../model.ts';
import { evaluatePolynomial } from './image-match.ts';
import { matchImages, pairStars } from './match-images.ts';

const SIDE = 1000;
const CONFIG = { maxMatchDegree: 2 };

interface Field {
  readonly stars: number;
  readonly seed: number;
  readonly ratio?: (x: number, y: number) => number;
  readonly shift?: readonly [number, number];
  /** Fraction of stars that faded or flared by a random factor. */
  readonly variable?: number;
  /** Scatter of fluxes beyond the noise, fraction. */
  readonly scatter?: number;
}

function drawField({ stars, seed, ratio = () => 0.5, shift = [0, 0], variable = 0, scatter = 0 }: Field) {
  const random = createRandom(seed);
  const science: MeasuredStar[] = [];
  const template: MeasuredStar[] = [];
  for (let k = 0; k < stars; k++) {
    const xPx = random.uniform() * SIDE;
    const yPx = random.uniform() * SIDE;
    const flux = 5000 * (1 - random.uniform()) ** -1;
    const factor = random.uniform() < variable ? 0.5 + 3 * random.uniform() : 1;
    const measure = (light: number, dx: number, dy: number): MeasuredStar => {
      const fluxErrE = Math.sqrt(light + 4e4);
      const positionErrPx = fluxErrE / light;
      return {
        xPx: xPx + dx + positionErrPx * random.normal(),
        yPx: yPx + dy + positionErrPx * random.normal(),
        fluxE: light + fluxErrE * random.normal(),
        fluxErrE,
        positionErrPx,
        isClean: true,
      };
    };
    science.push(measure(flux * factor * (1 + scatter * random.normal()), 0, 0));
    template.push(measure(flux / ratio(xPx, yPx), -shift[0], -shift[1]));
  }
  return { science, template: template.reverse() };
}

describe('matchImages', () => {
  it('finds the flux ratio within its own error, whatever a fifth of the stars do', () => {
    const pulls = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      const { science, template } = drawField({ stars: 80, seed, variable: 0.2 });
      const { match } = matchImages(science, template, SIDE, SIDE, CONFIG)!;
      return (
        (evaluatePolynomial(match.fluxRatio, 500, 500, SIDE, SIDE) / 0.5 - 1) / (match.fluxRatioErr / 0.5)
      );
    });
    const rms = Math.sqrt(pulls.reduce((sum, pull) => sum + pull * pull, 0) / pulls.length);
    // The rms of eight pulls itself scatters by a quarter.
    expect(rms).toBeLessThan(1.8);
  });

  it('sees a ratio that changes over the field, and none where there is none', () => {
    const sloped = drawField({
      stars: 200,
      seed: 3,
      ratio: (x) => 0.5 * (1 + (0.04 * (2 * x - SIDE)) / SIDE),
    });
    const { match } = matchImages(sloped.science, sloped.template, SIDE, SIDE, CONFIG)!;
    expect(match.fluxRatio.length).toBeGreaterThan(1);
    expect(evaluatePolynomial(match.fluxRatio, 950, 500, SIDE, SIDE) / 0.518).toBeCloseTo(1, 2);
    expect(evaluatePolynomial(match.fluxRatio, 50, 500, SIDE, SIDE) / 0.482).toBeCloseTo(1, 2);
    const flat = drawField({ stars: 200, seed: 4 });
    expect(matchImages(flat.science, flat.template, SIDE, SIDE, CONFIG)!.match.fluxRatio).toHaveLength(1);
  });

  it('measures how much stars scatter beyond their noise', () => {
    const { science, template } = drawField({ stars: 300, seed: 5, scatter: 0.03 });
    const { match } = matchImages(science, template, SIDE, SIDE, CONFIG)!;
    expect(match.fluxRatioScatter).toBeGreaterThan(0.02);
    expect(match.fluxRatioScatter).toBeLessThan(0.04);
    const quiet = drawField({ stars: 300, seed: 6 });
    expect(
      matchImages(quiet.science, quiet.template, SIDE, SIDE, CONFIG)!.match.fluxRatioScatter,
    ).toBeLessThan(0.01);
  });

  it.each([0, 0.3])(
    'sees a shift that grows over the field, where a part of %s of the stars has no fitted place',
    (part) => {
      const random = createRandom(17);
      const { science, template } = drawField({ stars: 200, seed: 8 });
      const worse = science.map((star) =>
        random.uniform() < part
          ? { ...star, xPx: star.xPx + 0.2, positionErrPx: Number.POSITIVE_INFINITY }
          : star,
      );
      const tilted = worse.map((star) => ({ ...star, xPx: star.xPx + (0.2 * (2 * star.xPx - SIDE)) / SIDE }));
      const { match } = matchImages(tilted, template, SIDE, SIDE, CONFIG)!;
      expect(match.shiftX).toHaveLength(3);
      expect(evaluatePolynomial(match.shiftX, 950, 500, SIDE, SIDE)).toBeCloseTo(0.18, 1);
      expect(match.sigmaXPx).toBeLessThan(0.01);
      expect(matchImages(worse, template, SIDE, SIDE, CONFIG)!.match.shiftX).toHaveLength(1);
    },
  );

  it('sees it also where crowding throws a third of the stars off by more than their errors', () => {
    const random = createRandom(18);
    const { science, template } = drawField({ stars: 400, seed: 9 });
    const crowded = science.map((star) => ({
      ...star,
      xPx: star.xPx + (random.uniform() < 0.3 ? 0.15 : 0.03) * random.normal(),
    }));
    const tilted = crowded.map((star) => ({ ...star, xPx: star.xPx + (0.2 * (2 * star.xPx - SIDE)) / SIDE }));
    expect(matchImages(tilted, template, SIDE, SIDE, CONFIG)!.match.shiftX).toHaveLength(3);
    expect(matchImages(crowded, template, SIDE, SIDE, CONFIG)!.match.shiftX).toHaveLength(1);
  });

  it('takes positions that were not fitted where there are no others', () => {
    const { science, template } = drawField({ stars: 4, seed: 10, shift: [0.2, 0] });
    const unfitted = science.map((star) => ({ ...star, positionErrPx: Number.POSITIVE_INFINITY }));
    const { match } = matchImages(unfitted, template, SIDE, SIDE, CONFIG)!;
    expect(match.shiftX[0]).toBeCloseTo(0.2, 1);
    expect(match.starsUsed).toBe(4);
  });

  it('finds the shift to a hundredth of a pixel', () => {
    const { science, template } = drawField({ stars: 100, seed: 7, shift: [0.21, -0.13] });
    const { match } = matchImages(science, template, SIDE, SIDE, CONFIG)!;
    expect(Math.abs(match.shiftX[0] - 0.21)).toBeLessThan(0.01);
    expect(Math.abs(match.shiftY[0] + 0.13)).toBeLessThan(0.01);
    expect(match.sigmaXPx).toBeLessThan(0.02);
  });

  it('tells constant stars from variable ones', () => {
    const { science, template } = drawField({ stars: 100, seed: 8, variable: 0.3 });
    const { constantStars } = matchImages(science, template, SIDE, SIDE, CONFIG)!;
    expect(constantStars.length).toBeGreaterThan(60);
    expect(constantStars.length).toBeLessThan(85);
  });

  it('takes one star for what it is worth', () => {
    const { science, template } = drawField({ stars: 1, seed: 9 });
    const { match } = matchImages(science, template, SIDE, SIDE, CONFIG)!;
    expect(match.starsUsed).toBe(1);
    expect(Math.abs(match.fluxRatio[0] / 0.5 - 1)).toBeLessThan(0.2);
  });

  it('does not compare two fields that share nothing', () => {
    const here = drawField({ stars: 100, seed: 10 });
    const there = drawField({ stars: 100, seed: 11 });
    expect(matchImages(here.science, there.template, SIDE, SIDE, CONFIG)).toBeUndefined();
    expect(matchImages(here.science, [], SIDE, SIDE, CONFIG)).toBeUndefined();
  });
});

describe('pairStars', () => {
  it('pairs each star with its nearest, and only if that is mutual', () => {
    const star = (xPx: number): MeasuredStar => ({
      xPx,
      yPx: 10,
      fluxE: 1,
      fluxErrE: 0.1,
      positionErrPx: 0.01,
      isClean: true,
    });
    const pairs = pairStars([star(10), star(10.8), star(50)], [star(10.1), star(52)]);
    expect(pairs).toHaveLength(1);
    expect(pairs[0].science.xPx).toBe(10);
  });
});
