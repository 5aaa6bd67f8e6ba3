import { describe, expect, it } from 'vitest';
import type { ScoreCounts } from '../../../core/api/contract/index.ts';
import { calibrate, countAbove } from './measure-quality.ts';

function makeCounts(
  changes: Partial<Record<'real' | 'bogus' | 'unsure' | 'unlabelled', Record<number, number>>>,
): ScoreCounts {
  const fill = (given: Record<number, number> = {}) =>
    Array.from({ length: 200 }, (_, bin) => given[bin] ?? 0);
  return {
    bins: 200,
    real: fill(changes.real),
    bogus: fill(changes.bogus),
    unsure: fill(changes.unsure),
    unlabelled: fill(changes.unlabelled),
  };
}

// Real at 0.95, 0.7 and 0.3; bogus at 0.5 and 0.1; two without a label at 0.7.
const counts = makeCounts({
  real: { 190: 1, 140: 1, 60: 1 },
  bogus: { 100: 1, 20: 1 },
  unlabelled: { 140: 2 },
});

describe('what lies above a threshold', () => {
  it('is counted with and without labels', () => {
    expect(countAbove(counts, 0.5)).toEqual({
      all: 5,
      real: 2,
      bogus: 1,
      unlabelled: 2,
      completeness: 2 / 3,
      purity: 2 / 3,
    });
    expect(countAbove(counts, 0).all).toBe(7);
    expect(countAbove(counts, 1)).toMatchObject({ all: 0, completeness: 0, purity: undefined });
    expect(countAbove(makeCounts({}), 0.5).completeness).toBeUndefined();
  });
});

describe('the quality of a model', () => {
  it('is calibrated where the share of real is the score', () => {
    const half = makeCounts({ real: { 110: 50 }, bogus: { 110: 50 } });
    const [bin] = calibrate(half);
    expect(bin).toMatchObject({ realShare: 0.5, count: 100 });
    expect(bin!.score).toBeCloseTo(0.5525, 6);
    // Wilson's interval at 50 of 100 and one sigma.
    expect([bin!.low, bin!.high].map((x) => Number(x.toFixed(4)))).toEqual([0.4502, 0.5498]);
  });
});
