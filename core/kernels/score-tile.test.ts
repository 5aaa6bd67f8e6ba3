import { describe, expect, it } from 'vitest';
import { type Arena, withArena } from './arena.ts';
import { makeMaskPlane, makePlane, type Plane } from './plane.ts';
import { scoreTile, writeQuietPulls } from './score-tile.ts';

function draw(width: number, height: number, value: (x: number, y: number) => number): Plane {
  const plane = makePlane(width, height);
  for (let k = 0; k < plane.data.length; k++) plane.data[k] = value(k % width, Math.floor(k / width));
  return plane;
}

function scoredIn(arena: Arena, width: number, height: number) {
  const plane = () => arena.plane(width, height);
  return {
    score: plane(),
    shared: plane(),
    fluxErr: plane(),
    difference: plane(),
    variance: plane(),
  };
}

const TERMS = {
  leastNoise: 2,
  astrometricX: 0.03,
  astrometricY: 0.05,
  ratioError: 0.02,
  fluxScale: 0.4,
  leastVariance: 1.5,
};

describe('scoreTile', () => {
  it.each([
    [13, 9, 7, 5],
    [12, 8, 8, 4],
    [9, 9, 3, 4],
  ])(
    'of %i x %i keeps %i x %i and equals the formula in each pixel',
    (fullWidth, fullHeight, width, height) => {
      const [left, bottom] = [2, 1];
      const sn = draw(fullWidth, fullHeight, (x, y) => 5 * Math.sin(x * x + 3 * y));
      const sr = draw(fullWidth, fullHeight, (x, y) => 4 * Math.cos(x + y * y));
      const images = {
        scoreScience: sn,
        scoreTemplate: sr,
        scoreVariance: draw(fullWidth, fullHeight, (x, y) => (x * y) % 7),
        difference: draw(fullWidth, fullHeight, (x, y) => x - y),
        variance: draw(fullWidth, fullHeight, (x, y) => (x + y) % 5),
      };
      withArena((arena) => {
        const out = scoredIn(arena, width, height);
        scoreTile(images, left, bottom, TERMS, out);
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const k = (y + bottom) * fullWidth + x + left;
            const slope2 = ({ data }: Plane, step: number) => ((data[k + step]! - data[k - step]!) / 2) ** 2;
            const light = Math.max(0, Math.min(sn.data[k]!, sr.data[k]!));
            const sigma = Math.sqrt(
              Math.max(images.scoreVariance.data[k]!, TERMS.leastNoise) +
                TERMS.astrometricX * (slope2(sn, 1) + slope2(sr, 1)) +
                TERMS.astrometricY * (slope2(sn, fullWidth) + slope2(sr, fullWidth)) +
                (TERMS.ratioError * light) ** 2,
            );
            const s = sn.data[k]! - sr.data[k]!;
            const to = y * width + x;
            // A dozen float32 operations on numbers below ten.
            expect(out.score.data[to]).toBeCloseTo(s / sigma, 5);
            expect(out.shared.data[to]).toBeCloseTo(light / sigma, 5);
            expect(out.score.data[to] * out.fluxErr.data[to]).toBeCloseTo(s / TERMS.fluxScale, 4);
            expect(out.fluxErr.data[to]).toBeCloseTo(sigma / TERMS.fluxScale, 5);
            expect(out.difference.data[to]).toBe(images.difference.data[k]);
            expect(out.variance.data[to]).toBe(Math.max(images.variance.data[k]!, TERMS.leastVariance));
          }
        }
      });
    },
  );

  it('refuses a part without a pixel around it', () => {
    const plane = makePlane(8, 8);
    const images = {
      scoreScience: plane,
      scoreTemplate: plane,
      scoreVariance: plane,
      difference: plane,
      variance: plane,
    };
    withArena((arena) => {
      expect(() => scoreTile(images, 0, 1, TERMS, scoredIn(arena, 4, 4))).toThrow(RangeError);
      expect(() => scoreTile(images, 4, 1, TERMS, scoredIn(arena, 4, 4))).toThrow(RangeError);
    });
  });
});

describe('writeQuietPulls', () => {
  it('leaves out what is masked, bright, changed or far off, and takes the mean of each cell off the rest', () => {
    const [width, height] = [11, 6];
    const difference = draw(
      width,
      height,
      (x, y) => 3 + ((x * 7 + y * 5) % 4) + (x === 6 && y === 2 ? 90 : 0),
    );
    const variance = draw(width, height, (x) => 4 + (x % 3));
    const score = draw(width, height, (x, y) => (x === 9 && y === 5 ? -6 : 1));
    const shared = draw(width, height, (x, y) => (x === 1 && y === 0 ? 21 : 0));
    const mask = makeMaskPlane(width, height);
    mask.data[3 * width + 10] = 4;
    mask.data[3 * width + 2] = 8;
    const limits = { spoiled: 4, mostShared: 20, mostScore: 5, mostPull: 10, cellPx: 8 };
    const loud = new Set([2 * width + 6, 5 * width + 9, 1, 3 * width + 10]);
    const pulls = withArena((arena) =>
      Float64Array.from(
        writeQuietPulls({ difference, variance, score, shared }, mask, limits, arena.plane(width, height))
          .data,
      ),
    );
    for (const x0 of [0, 8]) {
      const cell = Array.from({ length: width * height }, (_, k) => k).filter(
        (k) => Math.floor((k % width) / 8) === x0 / 8,
      );
      const quiet = cell.filter((k) => !loud.has(k));
      const pull = (k: number) => difference.data[k]! / Math.sqrt(variance.data[k]!);
      const mean = quiet.reduce((sum, k) => sum + pull(k), 0) / quiet.length;
      for (const k of cell) {
        if (loud.has(k)) expect(pulls[k]).toBeNaN();
        else expect(pulls[k]).toBeCloseTo(pull(k) - mean, 5);
      }
    }
  });
});
