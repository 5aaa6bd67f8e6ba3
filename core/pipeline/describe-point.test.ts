import { describe, expect, test } from 'vitest';
import type { ForcedPhotometry, PsfFlux } from '../domains/differencing/index.ts';
import type { Registration } from '../domains/preprocessing/index.ts';
import type { EpochFacts } from './carry-positions.ts';
import { describePoint, findProblem } from './describe-point.ts';

const psfFlux = (fluxE: number, fluxErrE: number): PsfFlux => ({
  fluxE,
  fluxErrE,
  chi2: 1,
  maskedFraction: 0,
  negativeFraction: 0,
  backgroundE: 0,
});

const forced: ForcedPhotometry = {
  xPx: 50,
  yPx: 60,
  difference: psfFlux(-400, 30),
  science: psfFlux(1000, 50),
  modelErrE: 40,
  fluxRatio: 2,
  noiseFactor: 1.1,
};

const epoch: EpochFacts = {
  path: 'night.fits',
  name: 'night.fits',
  width: 100,
  height: 100,
  fwhmPx: 3,
  registration: { overlap: 0.9, rmsPx: 0.1 } as Registration,
  grade: 'yellow',
  gradeReasons: ['windy'],
  fluxRatioErr: 0.05,
  isTemplate: false,
};

const template = { flux: psfFlux(700, 10), nJyPerE: undefined };

describe('a point of a light curve', () => {
  test('is on the scale of the template, its error that of noise, subtraction and scale', () => {
    const point = describePoint(forced, epoch, template, 'difference');
    expect(point.changeE).toBe(-200);
    expect(point.changeErrE).toBe(25);
    expect(point.changeSnr).toBe(-8);
    expect(point.fluxE).toBe(500);
    expect(point.fluxErrE).toBeCloseTo(Math.hypot(25, 0.05 * 200), 10);
    expect(point.directE).toBe(500);
    expect([point.limit3E, point.limit5E]).toEqual([75, 125]);
    expect(point.mag).toBeUndefined();
    expect(point.quality.flags).toEqual(['yellow']);
    expect(describePoint(forced, epoch, template, 'direct').fluxE).toBe(500);
  });

  test('has nJy and an AB magnitude where the template has a zeropoint, and no magnitude below nothing', () => {
    const point = describePoint(forced, epoch, { ...template, nJyPerE: 7.262 }, 'difference');
    expect(point.fluxNJy).toBeCloseTo(3631, 6);
    // Magnitude 0 is 3631 Jy, and this a factor 1e9 less.
    expect(point.mag).toBeCloseTo(22.5, 2);
    expect(point.magErr).toBeCloseTo((1.0857 * point.fluxErrE) / point.fluxE, 4);
    const faded = { ...forced, difference: psfFlux(-2000, 30) };
    const below = describePoint(faded, epoch, { ...template, nJyPerE: 7.262 }, 'difference');
    expect(below.fluxNJy).toBeLessThan(0);
    expect(below.mag).toBeUndefined();
  });

  test('of the template itself is its own flux, and where that is unknown the change alone', () => {
    const own = describePoint(forced, { ...epoch, isTemplate: true }, template, 'difference');
    expect([own.fluxE, own.changeE, own.changeErrE]).toEqual([700, 0, 10]);
    expect(own.quality.flags).toContain('is-template');
    const unknown = { flux: psfFlux(Number.NaN, Number.NaN), nJyPerE: undefined };
    const alone = describePoint(forced, epoch, unknown, 'difference');
    expect(alone.fluxE).toBe(-200);
    expect(alone.quality.flags).toContain('change-only');
  });

  test('says what is unusual: masked pixels, a bad fit', () => {
    const odd = { ...forced, difference: { ...forced.difference, maskedFraction: 0.3, chi2: 5 } };
    expect(describePoint(odd, epoch, template, 'difference').quality.flags).toEqual([
      'masked',
      'poor-fit',
      'yellow',
    ]);
  });
});

test('a place without sky, outside, or wholly masked has no flux and says why', () => {
  const sky = { kind: 'sky', name: 'SN', raDeg: 1, decDeg: 2 } as const;
  const pixel = { kind: 'pixel', name: 'SN', xPx: 1, yPx: 2 } as const;
  const at = { xPx: 50, yPx: 60 };
  expect(findProblem(at, forced, pixel, epoch)).toBeUndefined();
  expect(findProblem(undefined, forced, sky, epoch)?.code).toBe('differencing/no-coordinates');
  expect(findProblem({ xPx: 100, yPx: 60 }, forced, pixel, epoch)?.code).toBe(
    'differencing/position-outside',
  );
  const masked = { ...forced, difference: psfFlux(Number.NaN, Number.NaN) };
  expect(findProblem(at, masked, pixel, epoch)?.code).toBe('differencing/position-masked');
});
