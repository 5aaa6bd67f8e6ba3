import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { gatherQuiet, type JudgedPlanes } from './gather-quiet.ts';
import { makeMaskPlane, makePlane } from './plane.ts';

const WIDTH = 61;
const HEIGHT = 30;
const LIMITS = { unusable: 5, shared: 10, score: 6 };

function makeDifference(seed: number): JudgedPlanes {
  const random = createRandom(seed);
  const plane = (value: () => number) => {
    const made = makePlane(WIDTH, HEIGHT);
    for (let k = 0; k < made.data.length; k++) made.data[k] = value();
    return made;
  };
  const mask = makeMaskPlane(WIDTH, HEIGHT);
  for (let k = 0; k < mask.data.length; k++) mask.data[k] = random.uniform() < 0.2 ? 8 * random.uniform() : 0;
  return {
    difference: plane(() => random.normal()),
    // Some above the limits, some on them, some unknown.
    shared: plane(() => [0, 3, 10, 12, Number.NaN][Math.floor(random.uniform() ** 3 * 5)]!),
    score: plane(() => [0, -6, 5.5, -7, Number.NaN][Math.floor(random.uniform() ** 3 * 5)]!),
    mask,
  };
}

describe('gatherQuiet', () => {
  it('gathers of each cell the pixels that are unmasked, dark and calm, row by row', () => {
    const planes = makeDifference(1);
    const lefts = Int32Array.of(0, 7, 8, 30, WIDTH);
    const [first, end] = [3, 29];
    const seen: number[][] = [];
    gatherQuiet(planes, first, end, lefts, LIMITS, (values, column) => {
      seen[column] = [...values];
    });
    const expected = [...lefts.subarray(1)].map((right, column) => {
      const values: number[] = [];
      for (let y = first; y < end; y++) {
        for (let k = y * WIDTH + lefts[column]!; k < y * WIDTH + right; k++) {
          const isClean = (planes.mask.data[k]! & LIMITS.unusable) === 0;
          const isCalm = Math.abs(planes.score.data[k]!) < LIMITS.score;
          if (isClean && isCalm && planes.shared.data[k]! < LIMITS.shared)
            values.push(planes.difference.data[k]!);
        }
      }
      return values;
    });
    expect(seen).toEqual(expected);
    expect(expected.every((values) => values.length > 0)).toBe(true);
  });

  it('gathers every pixel of cells that are quiet all over', () => {
    const planes = {
      ...makeDifference(2),
      shared: makePlane(WIDTH, HEIGHT),
      score: makePlane(WIDTH, HEIGHT),
    };
    const quiet = { ...planes, mask: makeMaskPlane(WIDTH, HEIGHT) };
    const seen: number[] = [];
    gatherQuiet(quiet, 0, HEIGHT, Int32Array.of(0, 20, WIDTH), LIMITS, (values) => seen.push(values.length));
    expect(seen).toEqual([20 * HEIGHT, (WIDTH - 20) * HEIGHT]);
  });
});
