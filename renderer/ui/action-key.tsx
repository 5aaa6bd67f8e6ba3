import { KeyCap } from './key-cap.tsx';
import type { Action } from './keys/dispatcher.ts';
import { useKeysOf } from './keys/use-actions.ts';

/** The first key of an action as this person has it; nothing where it has none. */
export function ActionKey({ action }: { readonly action: Pick<Action, 'id' | 'keys'> }) {
  const [key] = useKeysOf(action);
  return key === undefined ? null : <KeyCap chord={key} />;
}
