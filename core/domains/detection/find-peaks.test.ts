import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plane } from '../../kernels/index.ts';
import { makePlane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/random.ts';
import { findFootprints } from './find-footprints.ts';
import type { Peak } from './find-peaks.ts';
import { findPeaks } from './find-peaks.ts';
import { distanceToStreak, findStreaks } from './find-streaks.ts';
import { measurePosition } from './measure-position.ts';

const RULES = { thresholdSigma: 5, wingFraction: 0.04, saddleFraction: 0.15, fwhmPx: 3 };

/** A score image with Gaussian bumps of a point source's width (sqrt(2) x PSF). */
function drawBumps(size: number, bumps: readonly (readonly [number, number, number])[]): Plane {
  const plane = makePlane(size, size);
  const sigma2 = 2 * (3 / 2.3548) ** 2;
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++, i++) {
      for (const [bx, by, height] of bumps) {
        plane.data[i] += height * Math.exp((-0.5 * ((x - bx) ** 2 + (y - by) ** 2)) / sigma2);
      }
    }
  }
  return plane;
}

function peaksOf(score: Plane): readonly Peak[] {
  return findFootprints(score, 5, 2).flatMap((footprint) => findPeaks(score, footprint, RULES));
}

describe('findFootprints', () => {
  it('leaves every pixel over threshold in exactly one footprint', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
        const random = createRandom(seed);
        const plane = makePlane(40, 30);
        for (let i = 0; i < plane.data.length; i++) plane.data[i] = 3 * random.normal();
        const found = findFootprints(plane, 5, 2).flatMap((footprint) => [...footprint.core]);
        const wanted = [...plane.data.keys()].filter((i) => Math.abs(plane.data[i]!) >= 5);
        expect(found.sort((a, b) => a - b)).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });

  it('joins the lobes of a dipole and keeps distant sources apart', () => {
    expect(
      findFootprints(
        drawBumps(60, [
          [20, 30, 20],
          [27, 30, -20],
        ]),
        5,
        2,
      ),
    ).toHaveLength(1);
    expect(
      findFootprints(
        drawBumps(60, [
          [15, 30, 20],
          [42, 30, 20],
        ]),
        5,
        2,
      ),
    ).toHaveLength(2);
  });

  it('tells long from round', () => {
    const row = Array.from({ length: 14 }, (_, i) => [8 + 3 * i, 30, 12] as const);
    const [streak] = findFootprints(drawBumps(60, row), 5, 2);
    const [round] = findFootprints(drawBumps(60, [[30, 30, 30]]), 5, 2);
    expect(streak!.elongation).toBeGreaterThan(5);
    expect(streak!.lengthPx).toBeGreaterThan(38);
    expect(round!.elongation).toBeLessThan(1.05);
  });
});

describe('findPeaks', () => {
  it('separates two sources whose images overlap', () => {
    expect(
      peaksOf(
        drawBumps(60, [
          [25, 30, 30],
          [33, 30, 20],
        ]),
      ),
    ).toHaveLength(2);
  });

  it('takes a faint peak in the wings of a bright one for part of it', () => {
    expect(
      peaksOf(
        drawBumps(60, [
          [25, 30, 300],
          [33, 30, 8],
        ]),
      ),
    ).toHaveLength(1);
  });

  it('gives both lobes of a dipole', () => {
    const peaks = peaksOf(
      drawBumps(60, [
        [27, 30, 20],
        [32, 30, -20],
      ]),
    );
    expect(peaks.map((peak) => Math.sign(peak.score)).sort()).toEqual([-1, 1]);
    expect(peaks.every((peak) => peak.siblings === 2)).toBe(true);
  });
});

describe('measurePosition', () => {
  it('finds the centre and height of a bump between pixels', () => {
    for (const [x, y] of [
      [30.4, 29.7],
      [30.5, 30.5],
      [29.8, 30.1],
    ] as const) {
      const flux = drawBumps(60, [[x, y, 1000]]);
      const errors = makePlane(60, 60);
      errors.data.fill(7);
      const point = measurePosition(flux, errors, Math.round(x), Math.round(y), 1);
      // Exact for a Gaussian but for float32.
      expect(Math.hypot(point.xPx - x, point.yPx - y)).toBeLessThan(1e-3);
      expect(Math.abs(point.fluxE / 1000 - 1)).toBeLessThan(1e-4);
      expect(point.fluxErrE).toBeCloseTo(7, 5);
    }
  });
});

describe('findStreaks', () => {
  const random = createRandom(6);
  const noise = (plane: Plane): Plane => {
    plane.data.forEach((_, i) => {
      plane.data[i] += random.normal();
    });
    return plane;
  };

  it('finds a faint track that broke into peaks, and where it lies', () => {
    const track = Array.from(
      { length: 60 },
      (_, i) => [20 + 4 * i, 40 + 2 * i, 3 + 4 * random.uniform()] as const,
    );
    const score = noise(drawBumps(280, track));
    const streaks = findStreaks(score, peaksOf(score), 3);
    expect(streaks).toHaveLength(1);
    expect(distanceToStreak(streaks[0]!, 100, 80)).toBeLessThan(2);
    expect(streaks[0]!.medianScore).toBeGreaterThan(2);
  });

  it('does not take sources that happen to lie in a row for one', () => {
    const row = Array.from({ length: 7 }, (_, i) => [30 + 30 * i, 50 + 20 * i, 20] as const);
    const score = noise(drawBumps(280, row));
    const peaks = peaksOf(score);
    expect(peaks.length).toBeGreaterThanOrEqual(7);
    expect(findStreaks(score, peaks, 3)).toEqual([]);
  });
});
