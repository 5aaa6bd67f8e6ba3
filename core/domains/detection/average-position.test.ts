import { expect, test } from 'vitest';
import { averagePosition, isReliable } from './average-position.ts';
import type { Detection } from './model.ts';

const detection: Detection = {
  xPx: 10,
  yPx: 20,
  fluxE: 900,
  fluxErrE: 100,
  snr: 9,
  scorr: 9,
  isNegative: false,
  areaPx: 9,
  maskBits: 0,
  flags: [],
  vetoes: [],
  features: {},
};

test('positions are averaged by their S/N', () => {
  const mean = averagePosition([
    { xPx: 10, yPx: 20, snr: 30 },
    { xPx: 11, yPx: 18, snr: 10 },
  ]);
  expect(mean).toEqual({ xPx: 10.25, yPx: 19.5 });
  expect(averagePosition([])).toBeUndefined();
});

test('only a significant point source without a veto says where an object is', () => {
  expect(isReliable(detection)).toBe(true);
  expect(isReliable({ ...detection, snr: 4.9 })).toBe(false);
  expect(isReliable({ ...detection, vetoes: [{ rule: 'edge', reason: 'near' }] })).toBe(false);
  expect(isReliable({ ...detection, features: { isDipole: 1 } })).toBe(false);
  expect(isReliable({ ...detection, features: { isDipole: 0 } })).toBe(true);
  expect(isReliable({ ...detection, flags: ['on-source', 'trailed'] })).toBe(false);
});
