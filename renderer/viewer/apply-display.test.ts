import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colourIndex, contrastBiasAt, indexOfPixel, stretchFraction } from './apply-display.ts';
import { type Display, STRETCHES } from './model.ts';

describe('stretches', () => {
  it.each([
    ['linear', 0.25, 0.25],
    ['log', 0.5, Math.log10(501) / 3],
    ['log', 1, Math.log10(1001) / 3],
    ['pow', 0, 0],
    ['pow', 0.5, (Math.sqrt(1000) - 1) / 1000],
    ['pow', 1, 0.999],
    ['sqrt', 0.25, 0.5],
    ['squared', 0.5, 0.25],
    ['asinh', 0.1, 0.8813735870195429 / 3],
    ['asinh', 1, 2.99822295029797 / 3],
    ['sinh', 1 / 3, 1.1752011936438014 / 10],
    ['sinh', 1, 10.017874927409903 / 10],
  ] as const)('%s of %f is %f, as DS9 bends it', (stretch, fraction, expected) => {
    expect(stretchFraction(stretch, fraction)).toBeCloseTo(expected, 12);
  });

  it('never falls and stays within a thousandth and two of 0..1', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...STRETCHES), unit, unit, (stretch, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const [from, to] = [stretchFraction(stretch, low), stretchFraction(stretch, high)];
        return from <= to && from >= 0 && to <= 1.002;
      }),
    );
  });
});

describe('contrast and bias', () => {
  it('change nothing at 1 and 0.5', () => {
    for (const x of [0, 0.1, 0.5, 0.9, 1]) expect(colourIndex(x, 1, 0.5, false)).toBeCloseTo(x, 12);
  });

  it('spread the colours around the bias: DS9 i = (x - bias) * contrast + 0.5', () => {
    expect(colourIndex(0.3, 2, 0.25, false)).toBeCloseTo(0.6, 12);
    expect(colourIndex(0.9, 10, 0.25, false)).toBe(1);
    expect(colourIndex(0.1, 10, 0.25, false)).toBe(0);
  });

  it('invert as DS9 does, whose inverted map reads the mirrored colours with 1 - bias', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(unit, unit, fc.double({ min: 0, max: 10, noNaN: true }), (x, bias, contrast) => {
        const ds9 = Math.min(1, Math.max(0, (1 - x - (1 - bias)) * contrast + 0.5));
        expect(colourIndex(x, contrast, bias, true)).toBeCloseTo(ds9, 9);
      }),
    );
  });

  it('follow a right-button drag absolutely: bias across the pane, contrast ten times down it', () => {
    expect(contrastBiasAt(0.25, 0.1)).toEqual({ bias: 0.25, contrast: 1 });
    expect(contrastBiasAt(1.5, -2)).toEqual({ bias: 1, contrast: 0 });
  });
});

describe('the colour of a pixel', () => {
  const display: Display = {
    limits: { kind: 'minmax' },
    stretch: 'linear',
    colormap: 'grey',
    invert: false,
    contrast: 1,
    bias: 0.5,
  };

  it('runs from the lower to the upper limit and stops there', () => {
    const limits = { lo: -10, hi: 30 };
    expect(indexOfPixel(-10, limits, display)).toBe(0);
    expect(indexOfPixel(10, limits, display)).toBe(0.5);
    expect(indexOfPixel(1e30, limits, display)).toBe(1);
  });

  it('is none for a pixel that is not finite', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(indexOfPixel(value, { lo: 0, hi: 1 }, display)).toBeUndefined();
  });
});
