import type { Action, ActionLayer, KeysOf } from './dispatcher.ts';

/**
 * Tell which keys lead to which action now: a key that several actions have is that of the first which is enabled.
 *
 * @param layers nearest first, as the dispatcher goes through them.
 * @returns keys by the id of the action; an action that no key reaches now is left out.
 */
export function effectiveKeys(
  layers: readonly ActionLayer[],
  keysOf: KeysOf,
): ReadonlyMap<string, readonly string[]> {
  const actions = layers.flatMap((layer) => layer.actions());
  const owners = new Map<string, Action>();
  for (const action of [...actions.filter(isEnabled), ...actions.filter((action) => !isEnabled(action))])
    for (const key of keysOf(action)) if (!owners.has(key)) owners.set(key, action);
  return new Map(
    actions
      .map((action) => [action.id, keysOf(action).filter((key) => owners.get(key) === action)] as const)
      .filter(([, keys]) => keys.length > 0),
  );
}

function isEnabled(action: Action): boolean {
  return action.isEnabled !== false;
}
