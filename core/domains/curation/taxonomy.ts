import { AstridError } from '../../utils/errors.ts';
import type { Verdict } from './model.ts';

/** One class that a candidate may be given. */
export interface TaxonomyClass {
  /** Lower-case words joined by hyphens; kept with labels, so never given to something else. */
  readonly id: string;
  readonly name: string;
  /** What choosing it says of the candidate. */
  readonly verdict: Verdict;
  /** The digit that chooses it, `1` to `9` and `0`; a class without one is chosen from the list. */
  readonly key?: string | undefined;
}

/** A set of classes; changed only by a new version. */
export interface Taxonomy {
  readonly id: string;
  /** 1 is the first. */
  readonly version: number;
  readonly name: string;
  readonly classes: readonly TaxonomyClass[];
}

/**
 * The taxonomy a new workspace starts with.
 *
 * @see Sako et al. 2008, AJ 135, 348: the tree of hand scanning in the SDSS-II Supernova Survey, which this follows.
 */
export const STARTER_TAXONOMY: Taxonomy = {
  id: 'starter',
  version: 1,
  name: 'Transients and artefacts',
  classes: [
    { id: 'dipole', name: 'dipole', verdict: 'bogus', key: '1' },
    { id: 'spike-ghost', name: 'spike or ghost', verdict: 'bogus', key: '2' },
    { id: 'cosmic-ray', name: 'cosmic ray', verdict: 'bogus', key: '3' },
    { id: 'bad-column', name: 'column or edge', verdict: 'bogus', key: '4' },
    { id: 'saturated', name: 'saturated star', verdict: 'bogus', key: '5' },
    { id: 'moving', name: 'moving object', verdict: 'real', key: '6' },
    { id: 'variable', name: 'variable or AGN', verdict: 'real', key: '7' },
    { id: 'sn-gold', name: 'SN gold', verdict: 'real', key: '8' },
    { id: 'sn-silver', name: 'SN silver', verdict: 'real', key: '9' },
    { id: 'sn-bronze', name: 'SN bronze', verdict: 'real', key: '0' },
    { id: 'unknown', name: 'unknown', verdict: 'real' },
  ],
};

/** What a change of taxonomy does to labels that were given. */
export interface TaxonomyChange {
  readonly classId: string;
  readonly change: 'removed' | 'verdict-changed' | 'renamed' | 'key-changed' | 'added';
  /** Standing labels that bear the class. */
  readonly labels: number;
}

/**
 * Check that a taxonomy can be worked with.
 *
 * @throws curation/bad-taxonomy
 */
export function checkTaxonomy(taxonomy: Taxonomy): void {
  const refuse = (what: string): never => {
    throw new AstridError('curation/bad-taxonomy', `The taxonomy ${taxonomy.id} cannot be used: ${what}.`, {
      id: taxonomy.id,
      version: taxonomy.version,
    });
  };
  if (!Number.isInteger(taxonomy.version) || taxonomy.version < 1) refuse('its version is no whole number');
  if (taxonomy.classes.length === 0) refuse('it has no class');
  const ids = new Set<string>();
  const keys = new Set<string>();
  for (const { id, key } of taxonomy.classes) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) refuse(`"${id}" is not lower-case words joined by hyphens`);
    if (ids.has(id)) refuse(`the class ${id} is there twice`);
    ids.add(id);
    if (key === undefined) continue;
    if (!/^[0-9]$/.test(key)) refuse(`the key "${key}" of ${id} is not one digit`);
    if (keys.has(key)) refuse(`the key ${key} chooses two classes`);
    keys.add(key);
  }
}

/**
 * Say what a new version of a taxonomy changes, and how many labels each change touches.
 *
 * @param labelCounts standing labels by class.
 * @returns the most telling change of each class, those that touch labels' meaning first.
 */
export function compareTaxonomies(
  before: Taxonomy,
  after: Taxonomy,
  labelCounts: ReadonlyMap<string, number>,
): readonly TaxonomyChange[] {
  const news = new Map(after.classes.map((one) => [one.id, one]));
  const known = new Set(before.classes.map(({ id }) => id));
  const changeOf = (old: TaxonomyClass): TaxonomyChange['change'] | undefined => {
    const now = news.get(old.id);
    if (now === undefined) return 'removed';
    if (now.verdict !== old.verdict) return 'verdict-changed';
    if (now.name !== old.name) return 'renamed';
    return now.key === old.key ? undefined : 'key-changed';
  };
  const changes = before.classes.flatMap((old): TaxonomyChange[] => {
    const change = changeOf(old);
    return change === undefined ? [] : [{ classId: old.id, change, labels: labelCounts.get(old.id) ?? 0 }];
  });
  const added = after.classes
    .filter(({ id }) => !known.has(id))
    .map(({ id }): TaxonomyChange => ({ classId: id, change: 'added', labels: labelCounts.get(id) ?? 0 }));
  const order = ['removed', 'verdict-changed', 'renamed', 'key-changed', 'added'];
  return [...changes, ...added].sort((a, b) => order.indexOf(a.change) - order.indexOf(b.change));
}
