import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAngle, formatDec, formatRa } from './format-sky.ts';

describe('sexagesimal positions', () => {
  test('are hours with milliseconds and degrees with hundredths', () => {
    expect(formatRa(202.469575)).toBe('13:29:52.698');
    expect(formatDec(47.1952583)).toBe('+47:11:42.93');
    expect(formatDec(-0.0001)).toBe('-00:00:00.36');
  });

  test('carry over instead of showing sixty seconds, and wrap at 24 hours', () => {
    expect(formatRa(359.9999999)).toBe('00:00:00.000');
    expect(formatRa(-15)).toBe('23:00:00.000');
    expect(formatRa(14.99999999)).toBe('01:00:00.000');
    expect(formatDec(9.999999999)).toBe('+10:00:00.00');
    expect(formatDec(-90)).toBe('-90:00:00.00');
  });

  test('read back to half of their last digit', () => {
    const read = (text: string): number => {
      const [whole = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, '').split(':').map(Number);
      return (text.startsWith('-') ? -1 : 1) * (whole + minutes / 60 + seconds / 3600);
    };
    fc.assert(
      fc.property(fc.double({ min: 0, max: 359.99999, noNaN: true }), (raDeg) => {
        const text = formatRa(raDeg);
        expect(text).toMatch(/^[0-2]\d:[0-5]\d:[0-5]\d\.\d{3}$/);
        expect(Math.abs(read(text) * 15 - raDeg)).toBeLessThanOrEqual((0.0005 * 15) / 3600 + 1e-9);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: -90, max: 90, noNaN: true }), (decDeg) => {
        const text = formatDec(decDeg);
        expect(text).toMatch(/^[+-]\d\d:[0-5]\d:[0-5]\d\.\d{2}$/);
        expect(Math.abs(read(text) - decDeg)).toBeLessThanOrEqual(0.005 / 3600 + 1e-9);
      }),
    );
  });
});

test('angles are in the unit that an astronomer would use', () => {
  expect([0.26332, 99, 120, 7199, 7200, 74_000].map(formatAngle)).toEqual([
    '0.2633"',
    '99"',
    "2'",
    "120'",
    '2 deg',
    '20.6 deg',
  ]);
});
