import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { fitClipped, type WeighedValues } from './fit-clipped.ts';

const PLACES = 61;
const NUMBERS = 39;

/** Rows of 1, u and v at random places in [-1, 1]. */
function linearTerms(seed: number): Float64Array {
  const random = createRandom(seed);
  const terms = new Float64Array(3 * PLACES).fill(1, 0, PLACES);
  for (let k = PLACES; k < terms.length; k++) terms[k] = 2 * random.uniform() - 1;
  return terms;
}

const truthOf = (n: number): readonly number[] => [0.1 * n, 1 - 0.05 * n, -0.02 * n];

/** Places that see planes, each number another, with noise of 0.01, as their weights say. */
function seePlanes(terms: Float64Array, seed: number): WeighedValues[] {
  const random = createRandom(seed);
  return Array.from({ length: PLACES }, (_, s) => ({
    wanted: Float64Array.from({ length: NUMBERS }, (_, n) => {
      const exact = truthOf(n).reduce((sum, value, t) => sum + value * terms[t * PLACES + s]!, 0);
      return exact + 0.01 * random.normal();
    }),
    weight: new Float64Array(NUMBERS).fill(1e4),
  }));
}

const ALL = Int32Array.from({ length: NUMBERS }, (_, n) => n);

describe('fitClipped', () => {
  const terms = linearTerms(1);

  it('finds each plane within its errors', () => {
    const { isFit, values, formal } = fitClipped(seePlanes(terms, 2), ALL, terms, 3, false);
    expect([...isFit]).toEqual(new Array(NUMBERS).fill(1));
    const pulls = [...values].map(
      (value, k) => (value - truthOf(Math.floor(k / 3))[k % 3]!) / Math.sqrt(formal[k]!),
    );
    // 117 deviates, nearly independent: their rms is one to a fifteenth.
    const rms = Math.sqrt(pulls.reduce((sum, pull) => sum + pull * pull, 0) / pulls.length);
    expect(Math.abs(rms - 1)).toBeLessThan(0.25);
    expect(Math.max(...pulls.map(Math.abs))).toBeLessThan(4.5);
  });

  it('gives values that are far off no say, as if they had no weight', () => {
    const spoiled = seePlanes(terms, 3);
    const without = seePlanes(terms, 3);
    for (let n = 0; n < NUMBERS; n++) {
      for (const s of [n % PLACES, (7 * n + 5) % PLACES]) {
        spoiled[s]!.wanted[n]! += 5;
        without[s]!.weight[n] = 0;
      }
    }
    const found = fitClipped(spoiled, ALL, terms, 3, true);
    // The second look takes those that the first left out of the way of the others: what is left is the same.
    expect(found).toEqual(fitClipped(without, ALL, terms, 3, true));
  });

  it('fits nothing where fewer than two values a coefficient have weight, and its neighbours all the same', () => {
    const places = seePlanes(terms, 4);
    places.forEach((place, s) => {
      if (s > 4) place.weight[6] = 0;
    });
    const { isFit } = fitClipped(places, ALL, terms, 3, false);
    expect([...isFit]).toEqual([...ALL].map((n) => (n === 6 ? 0 : 1)));
  });

  it('tells variances from what each value changes by leaving', () => {
    const places = seePlanes(terms, 5);
    // Half of the errors are said to be a third of what they are.
    places.forEach(({ weight }, s) => {
      if (s % 2 === 0) for (let n = 0; n < NUMBERS; n++) weight[n]! *= 9;
    });
    const constant = new Float64Array(PLACES).fill(1);
    const { values, spread } = fitClipped(places, Int32Array.of(9), constant, 1, true);
    const used = places.map(({ wanted, weight }) => ({ y: wanted[9]!, w: weight[9]! }));
    const total = used.reduce((sum, { w }) => sum + w, 0);
    const mean = used.reduce((sum, { w, y }) => sum + w * y, 0) / total;
    expect(values[0]).toBeCloseTo(mean, 12);
    const jackknifed = used.reduce((sum, { w, y }) => sum + ((w * (y - mean)) / (1 - w / total)) ** 2, 0);
    expect(spread[0]! / (jackknifed / total ** 2)).toBeCloseTo(1, 10);
  });

  it('does not depend on which fits are made together', () => {
    const places = seePlanes(terms, 6);
    const together = fitClipped(places, ALL, terms, 3, true);
    for (const n of [0, 5, 38]) {
      const alone = fitClipped(places, Int32Array.of(n), terms, 3, true);
      expect(alone.values).toEqual(together.values.slice(3 * n, 3 * n + 3));
      expect(alone.spread).toEqual(together.spread.slice(3 * n, 3 * n + 3));
    }
  });

  it('refuses terms of another number of places', () => {
    expect(() => fitClipped(seePlanes(terms, 7), ALL, terms, 2, false)).toThrow(RangeError);
  });
});
