import { expect, test } from 'vitest';
import { parseNumber } from './parse-number.ts';

test('decimal numbers are read as they are', () => {
  expect(['0', '12', '-3', '+4', '1.5', '.5', '2.', '1e3', '1E-2'].map(parseNumber)).toEqual([
    0, 12, -3, 4, 1.5, 0.5, 2, 1000, 0.01,
  ]);
});

test('what JavaScript would take for a number and a person would not is none', () => {
  for (const text of ['', ' ', '0x10', '1_000', 'Infinity', 'NaN', '12px', '1e', '.', '--1', '1 2', '٣'])
    expect(parseNumber(text)).toBeNaN();
});
