import { createContext, use, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';
import { type Action, type FocusKind, KeyDispatcher, type LayerRank } from './dispatcher.ts';

const KeysContext = createContext(new KeyDispatcher());

/** The dispatcher of this window. */
export function useKeys(): KeyDispatcher {
  return use(KeysContext);
}

/** The keys of an action as this person has them. */
export function useKeysOf(action: Pick<Action, 'id' | 'keys'>): readonly string[] {
  const keys = useKeys();
  return useSyncExternalStore(keys.subscribe, () => keys.keysOf(action));
}

/**
 * Make actions reachable by their keys while the component is on screen.
 *
 * @param name heading in the key sheet.
 */
export function useActions(name: string, rank: LayerRank, actions: readonly Action[]): void {
  const keys = useKeys();
  const latest = useRef(actions);
  latest.current = actions;
  // In the same breath as what is seen: a dialog that was gone took the next key with it.
  useLayoutEffect(() => keys.add({ name, rank, actions: () => latest.current }), [keys, name, rank]);
}

/** Give the window's key presses to the dispatcher; once, by the outermost component. */
export function useKeyboard(): void {
  const keys = useKeys();
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    window.addEventListener(
      'keydown',
      (event) => {
        // Rendered at once: the next key of a burst must find what this one has changed.
        const isMeant = flushSync(() => keys.press(event, focusKindOf(event.target)));
        if (isMeant) event.preventDefault();
      },
      { signal },
    );
    window.addEventListener('keyup', (event) => keys.lift(event.code), { signal });
    window.addEventListener('blur', () => keys.liftAll(), { signal });
    return () => abort.abort();
  }, [keys]);
}

function focusKindOf(target: EventTarget | null): FocusKind {
  if (!(target instanceof Element)) return 'page';
  if (
    target.closest('textarea, select, [contenteditable="true"], input:not([type="checkbox"], [type="range"])')
  )
    return 'text';
  return target.closest('button, a[href], input, summary, [role="menuitemradio"]') ? 'control' : 'page';
}
