import { describe, expect, test } from 'vitest';
import { makePlane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/random.ts';
import { findGrain } from './find-grain.ts';

describe('the grain of pixels', () => {
  const draw = (value: (normal: number) => number) => {
    const random = createRandom(7);
    const plane = makePlane(64, 64);
    for (let i = 0; i < plane.data.length; i++) plane.data[i] = value(random.normal());
    return plane;
  };

  test('is one of whole numbers, and more where all are multiples of it, from wherever they count', () => {
    expect(findGrain(draw((normal) => Math.round(9 * normal)))!.step).toBe(1);
    const shifted = draw((normal) => 16 * Math.round(100 + 9 * normal) + 5);
    shifted.data[17] = Number.NaN;
    const { step, origin } = findGrain(shifted)!;
    expect([step, origin % 16]).toEqual([16, 5]);
  });

  test('is one where hardly any pixel tells, and unknown of fractions', () => {
    const plane = draw(() => 0);
    plane.data[1000] = 700;
    expect(findGrain(plane)).toEqual({ step: 1, origin: 0 });
    plane.data[1001] = 0.5;
    expect(findGrain(plane)).toBeUndefined();
  });
});
