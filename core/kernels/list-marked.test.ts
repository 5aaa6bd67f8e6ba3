import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { listMarked } from './list-marked.ts';
import { makeMaskPlane } from './plane.ts';

function drawMasks(width: number, height: number) {
  const random = createRandom(width);
  const masks = [makeMaskPlane(width, height), makeMaskPlane(width, height)] as const;
  for (const { data } of masks) {
    for (let k = 0; k < data.length; k++) if (random.uniform() < 0.05) data[k] = 65536 * random.uniform();
  }
  return masks;
}

describe('listMarked', () => {
  it('lists what either mask marks with one of the bits, in order, over more than one chunk', () => {
    for (const [width, height] of [
      [7, 3],
      [331, 401],
    ] as const) {
      const [a, b] = drawMasks(width, height);
      const bits = 0x8011;
      const wanted = [...a.data.keys()].filter((k) => ((a.data[k]! | b.data[k]!) & bits) !== 0);
      expect([...listMarked(a, b, bits)]).toEqual(wanted);
      expect(wanted.length).toBeGreaterThan(0);
    }
  });

  it('writes what either mask says of a part, wherever it begins, and nothing beyond it', () => {
    const [a, b] = drawMasks(331, 401);
    for (const [left, bottom, width, height] of [
      [0, 0, 331, 401],
      [5, 190, 301, 17],
      [324, 3, 7, 398],
      [330, 400, 1, 1],
    ] as const) {
      const mask = makeMaskPlane(width, height);
      listMarked(a, b, 1, { left, bottom, mask });
      const wanted = mask.data.map((_, k) => {
        const at = (bottom + Math.floor(k / width)) * 331 + left + (k % width);
        return a.data[at]! | b.data[at]!;
      });
      expect(mask.data).toEqual(wanted);
    }
  });

  it('refuses masks of two sizes, and a part that reaches out of them', () => {
    const part = { left: 0, bottom: 0, mask: makeMaskPlane(2, 2) };
    expect(() => listMarked(makeMaskPlane(4, 3), makeMaskPlane(3, 4), 1, part)).toThrow(RangeError);
    const masks = [makeMaskPlane(4, 3), makeMaskPlane(4, 3)] as const;
    expect(() => listMarked(...masks, 1, { ...part, left: 3 })).toThrow(RangeError);
    expect(() => listMarked(...masks, 1, { ...part, bottom: 2 })).toThrow(RangeError);
  });
});
