import { describe, expect, test } from 'vitest';
import { parsePair, parsePlace } from './parse-place.ts';

describe('a place that was typed', () => {
  test('is degrees, or hours and degrees in sixties', () => {
    expect(parsePlace('150.1,-2.25')).toEqual({ raDeg: 150.1, decDeg: -2.25 });
    expect(parsePlace('10:00:24, -0:30:00')).toEqual({ raDeg: 150.1, decDeg: -0.5 });
  });

  test('that is none is refused with an example', () => {
    for (const text of ['', '150', '400,0', '10,95', 'x,y', '1,2,3', '10:00:24']) {
      expect(() => parsePlace(text), text).toThrow(expect.objectContaining({ code: 'catalog/bad-hint' }));
    }
    expect(() => parsePair('2,1', '--scale')).toThrow(/rising/);
    expect(parsePair('0.3,0.5', '--scale')).toEqual([0.3, 0.5]);
  });
});
