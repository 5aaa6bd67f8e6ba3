import { describe, expect, test } from 'vitest';
import { describeFilter, stateOfWord, turnWord, withDrawn, withRange } from './catalog-view.ts';

describe('a filter', () => {
  test('turns a word from any to included to excluded and back, others left alone', () => {
    let filter = turnWord({}, 'verdict', 'real');
    expect(stateOfWord(filter, 'verdict', 'real')).toBe('included');
    filter = turnWord(filter, 'verdict', 'bogus');
    expect(filter.words).toEqual([{ column: 'verdict', names: ['real', 'bogus'] }]);
    filter = turnWord(filter, 'verdict', 'bogus');
    expect(filter.words).toEqual([
      { column: 'verdict', names: ['real'] },
      { column: 'verdict', names: ['bogus'], isExcluded: true },
    ]);
    filter = turnWord(filter, 'verdict', 'bogus');
    expect(stateOfWord(filter, 'verdict', 'bogus')).toBe('any');
    expect(turnWord(turnWord(filter, 'verdict', 'real'), 'verdict', 'real').words).toEqual([]);
  });

  test('has one range a column, and none without ends', () => {
    const filter = withRange(withRange({}, 'score', 0.5), 'score', 0.25, 0.75);
    expect(filter.ranges).toEqual([{ column: 'score', from: 0.25, to: 0.75 }]);
    expect(withRange(filter, 'score').ranges).toEqual([]);
  });

  test('takes what was drawn: along one axis a range, over two a lasso that replaces the one before', () => {
    const box = [
      [0.2, 0],
      [0.8, 100],
    ] as const;
    expect(withDrawn({}, { x: 'score', points: box }).ranges).toEqual([
      { column: 'score', from: 0.2, to: 0.8 },
    ]);
    const lasso = { x: 'score', y: 'snr', isLogY: true, points: [...box, [0.5, 3] as const] };
    const twice = withDrawn(withDrawn({}, lasso), lasso);
    expect(twice.lassos).toHaveLength(1);
    expect(twice.lassos![0]).toMatchObject({ x: 'score', y: 'snr', isLogY: true });
  });

  test('is told in parts that can be taken away one by one', () => {
    const filter = withRange(withRange({}, 'snr', 5), 'mag', undefined, 20.12345678);
    const parts = describeFilter(filter);
    expect(parts.map(({ text }) => text)).toEqual(['S/N ≥ 5', 'mag ≤ 20.1235']);
    expect(describeFilter(parts[0]!.without(filter)).map(({ text }) => text)).toEqual(['mag ≤ 20.1235']);
  });
});
