import type { KnownAction } from '../../ui/keys/action-catalog.ts';

/** Two actions that one chord would do at the same time. */
export interface Conflict {
  readonly chord: string;
  readonly ids: readonly string[];
}

/**
 * Find chords that mean two things in one place: on the same screen, or everywhere and on a screen.
 *
 * Actions that share a chord by themselves, because only one of them is possible at a time, are no conflict as long
 * as neither was given other keys.
 */
export function findConflicts(
  actions: readonly KnownAction[],
  keysOf: (action: KnownAction) => readonly string[],
): readonly Conflict[] {
  const taken = new Map<string, KnownAction[]>();
  for (const action of actions)
    for (const chord of keysOf(action)) taken.set(chord, [...(taken.get(chord) ?? []), action]);
  const conflicts: Conflict[] = [];
  for (const [chord, holders] of taken) {
    const isOwn = (action: KnownAction): boolean => action.keys.includes(chord);
    const clashing = holders.filter((action) =>
      holders.some((other) => other !== action && meet(action, other) && !(isOwn(action) && isOwn(other))),
    );
    if (clashing.length > 1) conflicts.push({ chord, ids: clashing.map(({ id }) => id) });
  }
  return conflicts;
}

/** Actions that had a chord by themselves and lost it to one that was given it. */
export function findLosers(
  action: KnownAction,
  actions: readonly KnownAction[],
  keysOf: (action: KnownAction) => readonly string[],
): readonly KnownAction[] {
  const given = keysOf(action).filter((chord) => !action.keys.includes(chord));
  if (given.length === 0) return [];
  return actions.filter(
    (other) =>
      other !== action &&
      meet(action, other) &&
      given.some((chord) => other.keys.includes(chord) && !keysOf(other).includes(chord)),
  );
}

/** Whether two actions can be live at once. */
function meet(one: KnownAction, other: KnownAction): boolean {
  return one.screen === undefined || other.screen === undefined || one.screen === other.screen;
}
