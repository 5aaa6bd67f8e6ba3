import { describe, expect, test } from 'vitest';
import { createRandom } from '../../utils/random.ts';
import {
  measureGain,
  measureNovelty,
  scaleFeatures,
  standardise,
  tabulateFeatures,
} from './rank-candidates.ts';

const random = createRandom(8);
const crowd = Array.from({ length: 400 }, () => ({
  size: 10 + random.normal(),
  shape: 100 * random.normal(),
}));
const scale = scaleFeatures(tabulateFeatures(crowd));
const rows = crowd.map((features) => standardise(features, scale));

describe('novelty', () => {
  test('is larger the further a candidate is from what was seen, whatever the units of its features', () => {
    const novelty = (size: number, shape: number) =>
      measureNovelty(standardise({ size, shape }, scale), rows)!;
    expect(novelty(10, 0)).toBeLessThan(0.3);
    expect(novelty(13, 0)).toBeGreaterThan(novelty(10, 0));
    expect(novelty(16, 0)).toBeGreaterThan(novelty(13, 0));
    expect(novelty(10, 400)).toBeGreaterThan(novelty(10, 100));
  });

  test('by hand: two features, one neighbour 3 and 4 widths away', () => {
    const at = (a: number, b: number) => Float64Array.from([a, b]);
    expect(measureNovelty(at(3, 4), [at(0, 0)])).toBeCloseTo(Math.sqrt(25 / 2), 12);
  });

  test('is not known before anything was seen', () => {
    expect(measureNovelty(rows[0]!, [])).toBeUndefined();
  });

  test('leaves out what a candidate lacks and what is the same for all', () => {
    const constant = scaleFeatures(
      tabulateFeatures([
        { a: 1, b: 2 },
        { a: 2, b: 2 },
        { a: 3, b: 2 },
      ]),
    );
    const [a, b] = standardise({ a: 2, b: 99 }, constant);
    expect(a).toBe(0);
    expect(b).toBeNaN();
    expect(standardise({ b: 1 }, constant).every(Number.isNaN)).toBe(true);
  });
});

describe('expected gain', () => {
  test('is greatest where the model knows least, and nothing where it is sure', () => {
    const gain = (score: number) => measureGain(score, rows[0]!, rows);
    expect(gain(0.5)).toBeGreaterThan(gain(0.7));
    expect(gain(0.7)).toBeGreaterThan(gain(0.9));
    expect(gain(0.3)).toBeCloseTo(gain(0.7), 12);
    expect(gain(0)).toBeCloseTo(0, 12);
  });

  test('prefers a candidate with many like it to one alone', () => {
    const alone = standardise({ size: 40, shape: 900 }, scale);
    const amid = standardise({ size: 10, shape: 0 }, scale);
    expect(measureGain(0.5, amid, rows)).toBeGreaterThan(2 * measureGain(0.5, alone, rows));
  });

  test('by hand: 0.5 and a curator right in nine of ten tell 1 - H(0.9) = 0.531 bits', () => {
    expect(measureGain(0.5, rows[0]!, [])).toBeCloseTo(0.531, 3);
  });
});
