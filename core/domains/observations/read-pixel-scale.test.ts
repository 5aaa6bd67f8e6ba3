import { describe, expect, test } from 'vitest';
import type { Header } from './model.ts';
import { readPixelScale } from './read-pixel-scale.ts';

const header = (values: Readonly<Record<string, string | number>>): Header =>
  Object.entries(values).map(([keyword, value]) => ({ keyword, value }));

describe('the size of a pixel', () => {
  test('is read from its own keyword, from a bare CD or CDELT, or from pixel and focal length', () => {
    expect(readPixelScale(header({ PIXSCALE: 0.43 }))).toBe(0.43);
    expect(readPixelScale(header({ SECPIX: '1.25' }))).toBe(1.25);
    expect(readPixelScale(header({ CDELT1: -0.0001, CDELT2: 0.0001 }))).toBeCloseTo(0.36, 10);
    expect(readPixelScale(header({ CD1_1: 0, CD1_2: -2e-4, CD2_1: -2e-4, CD2_2: 0 }))).toBeCloseTo(0.72, 10);
    expect(readPixelScale(header({ XPIXSZ: 9, FOCALLEN: 1000 }))).toBeCloseTo(1.8564, 4);
  });

  test('is unknown when what is there cannot be one', () => {
    expect(readPixelScale(header({ CDELT1: 1, CDELT2: 1 }))).toBeUndefined();
    expect(readPixelScale(header({ PIXSCALE: 0, FOCALLEN: 0, XPIXSZ: 9 }))).toBeUndefined();
    expect(readPixelScale([])).toBeUndefined();
  });
});
