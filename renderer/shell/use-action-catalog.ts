import { useEffect } from 'react';
import { noteActions, seedActions } from '../ui/keys/action-catalog.ts';
import type { ActionLayer } from '../ui/keys/dispatcher.ts';
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
    // A screen that is being left is there for a moment while the next one comes: its actions stay its own.
    const screens = new WeakMap<ActionLayer, string>();
    const screenOf = (layer: ActionLayer): string => {
      const screen = screens.get(layer) ?? usePlace.getState().screen;
      screens.set(layer, screen);
      return screen;
    };
    const note = (): void => {
      clearTimeout(timer);
      for (const layer of keys.liveLayers()) screenOf(layer);
      timer = setTimeout(() => noteActions(keys.liveLayers(), screenOf), SETTLED_MS);
    };
    note();
    const stop = keys.subscribe(note);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [keys]);
}
