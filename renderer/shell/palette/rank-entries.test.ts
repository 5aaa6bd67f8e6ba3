import { describe, expect, it } from 'vitest';
import { rankEntries } from './rank-entries.ts';

const entries = [
  'queue next field',
  'field zoom in',
  'labelling undo',
  'open field simulated sky 101',
  'settings keys',
].map((text) => ({ text }));
const find = (typed: string): string[] => rankEntries(entries, typed, 10).map(({ text }) => text);

describe('what is typed finds', () => {
  it('everything in its order when nothing is typed', () => {
    expect(find(' ')).toEqual(entries.map(({ text }) => text));
    expect(rankEntries(entries, '', 2).length).toBe(2);
  });

  it('what begins with it before what has it in a word', () => {
    expect(find('field')).toEqual(['field zoom in', 'queue next field', 'open field simulated sky 101']);
  });

  it('what has all words, in any order', () => {
    expect(find('101 sky')).toEqual(['open field simulated sky 101']);
    expect(find('sky undo')).toEqual([]);
  });

  it('words with letters left out, but no letters strewn over a line', () => {
    expect(find('lblng')).toEqual(['labelling undo']);
    expect(find('stngs')).toEqual(['settings keys']);
    expect(find('qxf')).toEqual([]);
  });

  it('the best of very many', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({ text: `candidate ${i} of field ${i % 7}` }));
    expect(rankEntries(many, 'candidate 9999', 5)[0]?.text).toBe('candidate 9999 of field 3');
  });
});
