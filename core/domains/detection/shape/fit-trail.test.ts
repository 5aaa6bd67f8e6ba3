import { describe, expect, it } from 'vitest';
import {
  type Light,
  makeSmallDifference,
  SMALL_FWHM_PX,
} from '../../../../tests/sky/make-small-difference.ts';
import { detectOnDifference } from '../detect-on-difference.ts';
import { DEFAULT_SHAPE_CONFIG } from './config.ts';
import { fitTrail } from './fit-trail.ts';

/** A source that moved evenly along a line while the shutter was open. */
function drawMover(xPx: number, yPx: number, lengthPx: number, angleRad: number, fluxE: number): Light[] {
  const steps = 81;
  return Array.from({ length: steps }, (_, k) => {
    const along = lengthPx * ((k + 0.5) / steps - 0.5);
    return {
      xPx: xPx + along * Math.cos(angleRad),
      yPx: yPx + along * Math.sin(angleRad),
      fluxE: fluxE / steps,
    };
  });
}

/** Difference of two angles of lines. */
function turnBetween(a: number, b: number): number {
  return a - b - Math.PI * Math.round((a - b) / Math.PI);
}

describe('fitTrail', () => {
  for (const lengthFwhm of [1, 2, 3, 5]) {
    it(`recovers a trail of ${lengthFwhm} FWHM at any angle, wherever on it it was detected`, () => {
      const lengthPx = lengthFwhm * SMALL_FWHM_PX;
      const fluxE = 9000 * Math.sqrt(1 + lengthFwhm);
      const trials = 14;
      const pulls: number[] = [];
      let mean = 0;
      for (let trial = 0; trial < trials; trial++) {
        const angleRad = (Math.PI * trial) / trials - Math.PI / 2;
        const [x, y] = [40 + 0.4 * Math.sin(trial), 40 + 0.4 * Math.cos(2 * trial)];
        const input = makeSmallDifference({
          science: drawMover(x, y, lengthPx, angleRad, fluxE),
          template: [],
          seed: 50 + trial,
        });
        const off = ((trial % 3) - 1) * 0.3 * lengthPx;
        const point = {
          xPx: x + off * Math.cos(angleRad),
          yPx: y + off * Math.sin(angleRad),
          fluxE: fluxE / 2,
        };
        const fit = fitTrail(input.difference, point, DEFAULT_SHAPE_CONFIG)!;
        mean += fit.lengthPx / trials;
        pulls.push((fit.lengthPx - lengthPx) / fit.lengthErrPx);
        expect(Math.abs(turnBetween(fit.angleRad, angleRad))).toBeLessThan(4 * fit.angleErrRad);
        expect(Math.abs(fit.fluxE - fluxE)).toBeLessThan(4 * fit.fluxErrE);
        expect(Math.hypot(fit.xPx - x, fit.yPx - y)).toBeLessThan(1);
        expect(fit.significance).toBeGreaterThan(lengthFwhm === 1 ? 2 : 10);
      }
      expect(Math.abs(mean / lengthPx - 1)).toBeLessThan(0.04);
      const rms = Math.sqrt(pulls.reduce((sum, pull) => sum + pull * pull, 0) / trials);
      // The rms of 14 pulls scatters by 19 %.
      expect(rms).toBeGreaterThan(0.5);
      expect(rms).toBeLessThan(1.5);
    });
  }

  it('finds no length in a point source', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const star = { xPx: 40.3, yPx: 39.8, fluxE: 15_000 };
      const input = makeSmallDifference({ science: [star], template: [], seed });
      const fit = fitTrail(input.difference, star, DEFAULT_SHAPE_CONFIG);
      expect(fit?.significance ?? 0).toBeLessThan(3);
    }
  });
});

describe('detections', () => {
  it('of a mover carry its trail and say so; those of a star do not', () => {
    const mover = drawMover(40, 40, 2.5 * SMALL_FWHM_PX, 0.5, 16_000);
    const [trailed] = detectOnDifference(makeSmallDifference({ science: mover, template: [], seed: 3 }));
    expect(trailed!.flags).toContain('trailed');
    expect(Math.abs(trailed!.features.trailLengthPx! - 2.5 * SMALL_FWHM_PX)).toBeLessThan(1);
    expect(Math.abs(trailed!.features.trailAngleRad! - 0.5)).toBeLessThan(0.15);
    expect(trailed!.features.trailLengthErrPx).toBeGreaterThan(0);
    const star = { xPx: 40, yPx: 40, fluxE: 16_000 };
    const [point] = detectOnDifference(makeSmallDifference({ science: [star], template: [], seed: 3 }));
    expect(point!.features.trailLengthPx).toBeUndefined();
    expect(point!.flags).not.toContain('trailed');
  });

  it('of a star that moved carry the separation of its lobes', () => {
    const input = makeSmallDifference({
      science: [{ xPx: 40.4, yPx: 40, fluxE: 60_000 }],
      template: [{ xPx: 39.6, yPx: 40, fluxE: 60_000 }],
      seed: 4,
    });
    const found = detectOnDifference(input).filter(({ features }) => features.isDipole === 1);
    expect(found.length).toBeGreaterThan(0);
    for (const { features, vetoes } of found) {
      expect(Math.abs(features.dipoleSeparationPx! - 0.8)).toBeLessThan(0.06);
      expect(Math.abs(features.dipoleAngleRad!)).toBeLessThan(0.1);
      expect(vetoes.map(({ rule }) => rule)).toContain('dipole');
    }
  });
});
