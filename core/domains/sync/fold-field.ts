import type { FieldState, FieldVersion, Json } from './model.ts';

/**
 * Say what a field is after everything that workstations gave it.
 *
 * A version that another is based on is history. Of the rest the one with the latest stamp is current; the others,
 * where they say something else, lost to it without its author having known of them: they are kept, to be looked at.
 * The answer depends on the versions alone, not on the order in which they came.
 *
 * @param versions of one field, in any order, each at least once; not empty.
 * @see Shapiro et al. 2011, "A comprehensive study of Convergent and Commutative Replicated Data Types", INRIA
 *   RR-7506, specification 10 (multi-value register): the set of heads; which of them is shown is our choice.
 */
export function foldField(versions: readonly FieldVersion[]): FieldState {
  const replaced = new Set(versions.flatMap(({ basedOn }) => basedOn));
  const byId = new Map(versions.map((version) => [version.id, version]));
  const heads = [...byId.values()].filter(({ id }) => !replaced.has(id)).sort(compareNewestFirst);
  const current = heads[0];
  if (current === undefined) throw new Error('a field without a version has no state');
  const said = new Set([writeValue(current.value)]);
  const losers: FieldVersion[] = [];
  for (const head of heads.slice(1)) {
    const value = writeValue(head.value);
    if (said.has(value)) continue;
    said.add(value);
    losers.push(head);
  }
  return { current, losers };
}

/**
 * List the versions that a new value of a field replaces: every head there is, so that setting it ends a conflict.
 *
 * @returns their ids, ascending.
 */
export function listHeads(versions: readonly FieldVersion[]): readonly string[] {
  const replaced = new Set(versions.flatMap(({ basedOn }) => basedOn));
  return [...new Set(versions.map(({ id }) => id))].filter((id) => !replaced.has(id)).sort();
}

function compareNewestFirst(a: FieldVersion, b: FieldVersion): number {
  if (a.clock !== b.clock) return a.clock < b.clock ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}

/** Write a value so that equal values are equal text, whatever the order of their names. */
function writeValue(value: Json): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
