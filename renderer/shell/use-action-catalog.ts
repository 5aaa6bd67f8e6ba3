import { useEffect } from 'react';
import { noteActions, seedActions } from '../ui/keys/action-catalog.ts';
import { useKeys } from '../ui/keys/use-actions.ts';
import KNOWN_ACTIONS from './known-actions.json';
import { usePlace } from './navigation.ts';

/** Pause after a screen has changed before its actions are written down, ms. */
const SETTLED_MS = 500;

/** Know of every action of the program, also of screens that have not been opened yet. */
export function useActionCatalogue(): void {
  const keys = useKeys();
  useEffect(() => seedActions(KNOWN_ACTIONS as Parameters<typeof seedActions>[0]), []);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const note = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => noteActions(keys.liveLayers(), usePlace.getState().screen), SETTLED_MS);
    };
    note();
    const stop = keys.subscribe(note);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [keys]);
}
