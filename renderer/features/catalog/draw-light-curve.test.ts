import { expect, test } from 'vitest';
import type { RunPoint } from '../../../core/api/contract/index.ts';
import { makeLightCurve, tableOfCurve } from './draw-light-curve.ts';

const point = (changeE: number, changes: Partial<RunPoint> = {}): RunPoint =>
  ({
    kind: 'measured',
    runId: 'run',
    sciencePath: '/s.fits',
    templatePath: '/t.fits',
    midpointMjdTai: 60_000,
    band: 'r',
    xPx: 1,
    yPx: 1,
    changeE,
    changeErrE: 10,
    directE: 100,
    directErrE: 10,
    nJyPerE: 2,
    fluxRatio: 1,
    chi2: 1,
    maskedFraction: 0,
    ...changes,
  }) as RunPoint;

test('a flux below three sigma is a limit of three sigma, faded or not', () => {
  const curve = makeLightCurve([point(29), point(-29), point(31), point(-31)]);
  expect(curve.points.map(({ isLimit }) => isLimit)).toEqual([true, true, false, false]);
  expect(tableOfCurve(curve).rows[0]).toEqual(['60000.00000', 'r', '58.0', '20.0', '< 60.0']);
});

test('fluxes are in nanojansky only where every exposure has a zeropoint', () => {
  expect(makeLightCurve([point(50)])).toMatchObject({ unit: 'nJy', points: [{ flux: 100, error: 20 }] });
  const mixed = makeLightCurve([point(50), point(50, { nJyPerE: undefined } as Partial<RunPoint>)]);
  expect(mixed).toMatchObject({ unit: 'e-', points: [{ flux: 50 }, { flux: 50 }] });
});

test('what has no time or could not be measured is counted, not drawn', () => {
  const failed = { ...point(0), kind: 'failed', errorCode: 'a/b', errorMessage: 'no' } as RunPoint;
  const curve = makeLightCurve([point(50), point(50, { midpointMjdTai: undefined }), failed]);
  expect(curve).toMatchObject({ undated: 1, failed: 1 });
  expect(curve.points).toHaveLength(1);
});
