import { describe, expect, test } from 'vitest';
import { checkTaxonomy, compareTaxonomies, STARTER_TAXONOMY, type Taxonomy } from './taxonomy.ts';

const change = (edit: (classes: Taxonomy['classes']) => Taxonomy['classes']): Taxonomy => ({
  ...STARTER_TAXONOMY,
  version: 2,
  classes: edit(STARTER_TAXONOMY.classes),
});

describe('a taxonomy', () => {
  test('of a new workspace can be worked with: ten keys, each for one class', () => {
    checkTaxonomy(STARTER_TAXONOMY);
    const keys = STARTER_TAXONOMY.classes.flatMap(({ key }) => key ?? []);
    expect(keys.sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  test.each([
    ['a class twice', change((classes) => [...classes, { ...classes[0]!, key: undefined }])],
    ['a key twice', change(([first, ...rest]) => [{ ...first!, key: '2' }, ...rest])],
    ['a key that is no digit', change(([first, ...rest]) => [{ ...first!, key: 'q' }, ...rest])],
    ['an id with a capital', change(([first, ...rest]) => [{ ...first!, id: 'Dipole' }, ...rest])],
    ['no class', change(() => [])],
    ['version zero', { ...STARTER_TAXONOMY, version: 0 }],
  ])('with %s is refused', (_, taxonomy) => {
    expect(() => checkTaxonomy(taxonomy)).toThrow(expect.objectContaining({ code: 'curation/bad-taxonomy' }));
  });

  test('that changes says which labels it touches, the worst first', () => {
    const after = change((classes) => [
      ...classes
        .filter(({ id }) => id !== 'dipole')
        .map((one) =>
          one.id === 'variable'
            ? { ...one, verdict: 'bogus' as const }
            : one.id === 'saturated'
              ? { ...one, name: 'bleeding star' }
              : one,
        ),
      { id: 'satellite', name: 'satellite', verdict: 'bogus' as const, key: '1' },
    ]);
    const counts = new Map([
      ['dipole', 12],
      ['variable', 3],
    ]);
    expect(compareTaxonomies(STARTER_TAXONOMY, after, counts)).toEqual([
      { classId: 'dipole', change: 'removed', labels: 12 },
      { classId: 'variable', change: 'verdict-changed', labels: 3 },
      { classId: 'saturated', change: 'renamed', labels: 0 },
      { classId: 'satellite', change: 'added', labels: 0 },
    ]);
  });

  test('that stays changes nothing', () => {
    expect(compareTaxonomies(STARTER_TAXONOMY, STARTER_TAXONOMY, new Map())).toEqual([]);
  });
});
