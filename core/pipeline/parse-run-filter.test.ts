import { describe, expect, it } from 'vitest';
import { parseRunFilter } from './parse-run-filter.ts';

describe('a filter of runs', () => {
  it('is words that must be there, and with a minus words that must not', () => {
    expect(parseRunFilter('M31 -bias "deep field"')).toEqual([
      { kind: 'word', isExcluded: false, word: 'm31' },
      { kind: 'word', isExcluded: true, word: 'bias' },
      { kind: 'word', isExcluded: false, word: 'deep field' },
    ]);
    expect(parseRunFilter('  ')).toEqual([]);
  });

  it('asks for states, nights and numbers by name', () => {
    expect(parseRunFilter('-status:failed night>2026-03-01 candidates<10 seeing:1.5 is:unlabelled')).toEqual([
      { kind: 'status', isExcluded: true, is: 'failed' },
      { kind: 'night', isExcluded: false, comparison: '>', value: 61100 },
      { kind: 'candidates', isExcluded: false, comparison: '<', value: 10 },
      { kind: 'seeing', isExcluded: false, comparison: '=', value: 1.5 },
      { kind: 'is', isExcluded: false, is: 'unlabelled' },
    ]);
  });

  it('is refused with the term that cannot be read', () => {
    for (const term of ['status:asleep', 'night:yesterday', 'seeing<bad'])
      expect(() => parseRunFilter(`m31 ${term}`)).toThrow(term);
  });

  it('with a colon in a path is a word', () => {
    expect(parseRunFilter('c:\\data')).toEqual([{ kind: 'word', isExcluded: false, word: 'c:\\data' }]);
  });
});
