import { describe, expect, it } from 'vitest';
import type { RunPoint } from '../../../core/api/contract/index.ts';
import { drawLightCurve, ticksOf } from './draw-light-curve.ts';

const pointOf = (runId: string, mjd: number | undefined, changeE: number, nJyPerE?: number): RunPoint => ({
  kind: 'measured',
  runId,
  sciencePath: '',
  templatePath: '',
  midpointMjdTai: mjd,
  xPx: 0,
  yPx: 0,
  changeE,
  changeErrE: 10,
  directE: 0,
  directErrE: 1,
  nJyPerE,
  fluxRatio: 1,
  chi2: 1,
  maskedFraction: 0,
});

describe('a light curve', () => {
  it('goes right with time and up with flux, and shows where no change is', () => {
    const drawing = drawLightCurve([pointOf('a', 100, 0), pointOf('b', 110, 100)], 400, 100)!;
    const [a, b] = drawing.points;
    expect(a!.x).toBeLessThan(b!.x);
    expect(a!.y).toBeCloseTo(drawing.zeroY, 9);
    expect(b!.y).toBeLessThan(drawing.zeroY);
    expect(b!.top).toBeLessThan(b!.y);
    expect(b!.bottom - b!.y).toBeCloseTo(b!.y - b!.top, 9);
    for (const { x, top, bottom } of drawing.points) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(400);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(bottom).toBeLessThanOrEqual(100);
    }
  });

  it('is in nJy only where every run has a zeropoint', () => {
    expect(drawLightCurve([pointOf('a', 1, 5, 2), pointOf('b', 2, 5, 3)], 400, 100)!.unit).toBe('nJy');
    const mixed = drawLightCurve([pointOf('a', 1, 5, 2), pointOf('b', 2, 5)], 400, 100)!;
    expect(mixed.unit).toBe('e-');
    expect(mixed.points[0]!.flux).toBe(5);
  });

  it('has room for one point alone, and is nothing without a time', () => {
    const alone = drawLightCurve([pointOf('a', 1, 5)], 400, 100)!;
    expect(Number.isFinite(alone.points[0]!.x)).toBe(true);
    expect(drawLightCurve([pointOf('a', undefined, 5)], 400, 100)).toBeUndefined();
    expect(
      drawLightCurve(
        [
          {
            kind: 'failed',
            runId: 'a',
            sciencePath: '',
            templatePath: '',
            errorCode: 'x/y',
            errorMessage: '',
          },
        ],
        400,
        100,
      ),
    ).toBeUndefined();
  });

  it('has round ticks', () => {
    expect(ticksOf(-3, 105, 4)).toEqual([0, 50, 100]);
    expect(ticksOf(0.12, 0.31, 4).map((tick) => tick.toFixed(2))).toEqual(['0.15', '0.20', '0.25', '0.30']);
  });
});
