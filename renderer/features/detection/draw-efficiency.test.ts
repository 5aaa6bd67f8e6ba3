import { describe, expect, it } from 'vitest';
import { drawBand, drawCurve, placeSnr } from './draw-efficiency.ts';

const AREA = { left: 20, right: 180, top: 0, bottom: 100 };
const CURVE = { ceiling: 1, centre: 5, width: 0.5, at50: { value: 5, error: 0.3 }, bins: [] };

const pairs = (path: string): number[][] =>
  path
    .slice(1)
    .replace('Z', '')
    .split('L')
    .map((pair) => pair.split(' ').map(Number));

describe('the depth plot', () => {
  it('rises through one half at the S/N where half are found', () => {
    const curve = pairs(drawCurve(CURVE, AREA));
    const nearest = curve.reduce((a, b) =>
      Math.abs(a[0]! - placeSnr(5, AREA)) < Math.abs(b[0]! - placeSnr(5, AREA)) ? a : b,
    );
    // A step of the curve is a thirtieth of the S/N.
    expect(Math.abs(nearest[1]! - 50)).toBeLessThan(10);
    expect(curve[0]![1]).toBeGreaterThan(99);
    expect(curve.at(-1)![1]).toBeLessThan(1);
  });

  it('has a band with the curve inside', () => {
    const band = pairs(drawBand(CURVE, AREA));
    const curve = pairs(drawCurve(CURVE, AREA));
    curve.forEach(([, y], k) => {
      // The outline runs along the lower edge and comes back along the upper one.
      expect(band[k]![1]!).toBeGreaterThanOrEqual(y!);
      expect(band[band.length - 1 - k]![1]!).toBeLessThanOrEqual(y!);
    });
  });

  it('keeps what is beyond its ends on the axis', () => {
    expect(placeSnr(1, AREA)).toBe(20);
    expect(placeSnr(40, AREA)).toBe(180);
  });
});
