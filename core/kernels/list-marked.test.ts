import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { listMarked } from './list-marked.ts';
import { makeMaskPlane } from './plane.ts';

describe('listMarked', () => {
  it('lists what either mask marks with one of the bits, in order, over more than one chunk', () => {
    for (const [width, height] of [
      [7, 3],
      [331, 401],
    ] as const) {
      const random = createRandom(width);
      const masks = [makeMaskPlane(width, height), makeMaskPlane(width, height)] as const;
      for (const { data } of masks) {
        for (let k = 0; k < data.length; k++) if (random.uniform() < 0.05) data[k] = 65536 * random.uniform();
      }
      const [a, b] = masks;
      const bits = 0x8011;
      const wanted = [...a.data.keys()].filter((k) => ((a.data[k]! | b.data[k]!) & bits) !== 0);
      expect([...listMarked(a, b, bits)]).toEqual(wanted);
      expect(wanted.length).toBeGreaterThan(0);
    }
  });

  it('refuses masks of two sizes', () => {
    expect(() => listMarked(makeMaskPlane(4, 3), makeMaskPlane(3, 4), 1)).toThrow(RangeError);
  });
});
