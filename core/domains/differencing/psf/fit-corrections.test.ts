import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../utils/index.ts';
import type { StarEvidence } from './collect-evidence.ts';
import { fitCorrections } from './fit-corrections.ts';
import { makeMoffat } from './moffat.ts';
import type { PsfModel } from './psf-model.ts';

const SIDE = 500;
const SIZE = 25;
const HALF = (SIZE - 1) / 2;
const MODEL: PsfModel = {
  moffat: makeMoffat(3, 3),
  fwhmPx: 3,
  size: SIZE,
  imageWidth: SIDE,
  imageHeight: SIDE,
  degree: 0,
  corrections: [],
};

/** Stars whose light differs from the model by a pattern that grows with x, and by noise. */
function drawEvidence(slope: (k: number) => number, errors: readonly number[], seed: number): StarEvidence[] {
  const random = createRandom(seed);
  return errors.map((error) => {
    const x = SIDE * random.uniform();
    const u = (2 * x) / (SIDE - 1) - 1;
    return {
      x,
      y: SIDE * random.uniform(),
      wanted: Float64Array.from({ length: SIZE * SIZE }, (_, k) => slope(k) * u + error * random.normal()),
      weight: new Float64Array(SIZE * SIZE).fill(error ** -2),
    };
  });
}

const radiusOf = (k: number): number => Math.hypot((k % SIZE) - HALF, Math.floor(k / SIZE) - HALF);
const rms = (table: Float64Array, isIn: (radius: number) => boolean): number => {
  const values = [...table].filter((_, k) => isIn(radiusOf(k)));
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
};

describe('fitCorrections', () => {
  it('finds how the profile varies where all stars say so', () => {
    const slope = (k: number) => 1e-3 * Math.exp(-(radiusOf(k) ** 2) / 8) * Math.sign((k % SIZE) - HALF);
    const [, alongX, alongY] = fitCorrections(MODEL, drawEvidence(slope, Array(80).fill(2e-4), 1), 1);
    // Each pixel is known to 2e-4 / sqrt(80 / 3) = 4e-5.
    expect(
      rms(
        alongX!.map((value, k) => value - slope(k)),
        (radius) => radius < 4,
      ),
    ).toBeLessThan(8e-5);
    expect(rms(alongY!, (radius) => radius < 4)).toBeLessThan(6e-5);
  });

  it('does not take the neighbour of one bright star at the rim for wings that vary', () => {
    const evidence = drawEvidence(() => 0, Array(80).fill(2e-4), 2);
    // A hundred times the say of any other, and light of 1e-3 at nine pixels from it.
    const bright = {
      ...drawEvidence(() => 0, [2e-5], 3)[0]!,
      x: SIDE - 10,
      y: SIDE - 10,
      wanted: Float64Array.from(
        { length: SIZE * SIZE },
        (_, k) => 1e-3 * Math.exp(-(((k % SIZE) - HALF - 9) ** 2 + (Math.floor(k / SIZE) - HALF) ** 2) / 4),
      ),
    };
    const [, alongX] = fitCorrections(MODEL, [...evidence, bright], 1);
    expect(rms(alongX!, (radius) => radius > 7 && radius < 9.5)).toBeLessThan(2e-5);
  });
});
