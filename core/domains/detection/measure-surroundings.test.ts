import { expect, it } from 'vitest';
import { makeMaskPlane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/index.ts';
import { MaskBit } from '../observations/index.ts';
import { measureSpoilDistances, SPOIL_REACH_PX } from './measure-surroundings.ts';

it('finds the nearest of what spoils a pixel wherever it lies, in either mask, as looking at all pixels does', () => {
  const random = createRandom(5);
  for (let trial = 0; trial < 60; trial++) {
    const [width, height] = [150 + Math.floor(90 * random.uniform()), 160];
    // From none to many.
    const spoiled = trial % 6;
    const masks = [0, 1].map(() => {
      const mask = makeMaskPlane(width, height);
      for (let i = 0; i < spoiled ** 2; i++) {
        const bits = [MaskBit.SAT, MaskBit.EDGE, MaskBit.NO_DATA, MaskBit.CR][i % 4]!;
        mask.data[Math.floor(random.uniform() * mask.data.length)]! |= bits;
      }
      return { ...mask, left: 0, bottom: 0 };
    });
    const xPx = Math.floor(random.uniform() * width);
    const yPx = Math.floor(random.uniform() * height);
    const nearest = (bits: number) => {
      let best = SPOIL_REACH_PX;
      for (const { data } of masks) {
        data.forEach((value, k) => {
          if ((value & bits) === 0) return;
          best = Math.min(best, Math.hypot((k % width) - xPx, Math.floor(k / width) - yPx));
        });
      }
      return best;
    };
    const found = measureSpoilDistances(masks, { width, height }, xPx, yPx);
    const border = Math.min(xPx + 1, yPx + 1, width - xPx, height - yPx);
    expect(found.saturation).toBeCloseTo(nearest(MaskBit.SAT), 9);
    expect(found.edge).toBeCloseTo(Math.min(border, nearest(MaskBit.EDGE | MaskBit.NO_DATA)), 9);
  }
});
