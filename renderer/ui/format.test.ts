import { describe, expect, it } from 'vitest';
import {
  formatClock,
  formatCount,
  formatFixed,
  formatMebibytes,
  formatPixel,
  formatRange,
  formatSeconds,
} from './format.ts';

describe('numbers as they are written', () => {
  it('have a dash where there is none', () => {
    expect([formatFixed(undefined, 2), formatFixed(Number.NaN, 2), formatSeconds(undefined)]).toEqual([
      '–',
      '–',
      '–',
    ]);
  });

  it.each([
    [0.1234567, '0.1235'],
    [12.3456, '12.35'],
    [1234.56, '1234.6'],
    [-65535, '-65535.0'],
    [1.5e9, '1.5000e+9'],
    [2e-7, '2.0000e-7'],
    [0, '0.0000'],
    [Number.NaN, 'no value'],
    [Number.NEGATIVE_INFINITY, '-infinite'],
  ])('a pixel of %f is written %s', (value, expected) => {
    expect(formatPixel(value)).toBe(expected);
  });

  it('give limits the digits that their distance deserves', () => {
    expect(formatRange(-118.77, 195.27)).toBe('-119 … 195');
    expect(formatRange(-0.42, 0.42)).toBe('-0.420 … 0.420');
    expect(formatRange(0, 5e7)).toBe('0.00e+0 … 5.00e+7');
  });

  it('part thousands', () => {
    expect([1234567, 999, -2203].map(formatCount)).toEqual(['1\u2009234\u2009567', '999', '-2\u2009203']);
  });

  it('tell times as people do', () => {
    expect([0.4217, 12.34, 125.4, 59.96].map(formatSeconds)).toEqual([
      '0.42 s',
      '12.3 s',
      '2 m 05 s',
      '60.0 s',
    ]);
    expect(formatClock('2026-02-24T05:33:07.123Z')).toBe('05:33:07');
    expect(formatMebibytes(3.4 * 2 ** 20)).toBe('3 MiB');
  });
});
