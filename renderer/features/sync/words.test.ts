import { expect, it } from 'vitest';
import { countShared, listEvents, nameShared } from './words.ts';

it('says what waits as people do, one of it and many', () => {
  expect(countShared('curator', 1)).toBe('1 profile');
  expect(countShared('sky-object', 2)).toBe('2 names of objects');
  expect(countShared('curation-event', 12_345)).toBe('12\u2009345 labels and remarks');
  // A newer program may send what this one has no word for.
  expect(countShared('flux-standard', 3)).toBe('3 flux standard');
  expect(nameShared('taxonomy')).toBe('taxonomy');
});

it('lists what people did with labels first, and what has no word last', () => {
  const counts = ['comment', 'label', 'retraction', 'waved'].map((kind, n) => ({ kind, count: n }));
  expect(listEvents(counts).map(({ name }) => name)).toEqual([
    'labels given',
    'labels taken back',
    'comments',
    'waved',
  ]);
});
