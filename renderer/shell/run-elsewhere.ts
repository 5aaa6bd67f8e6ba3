import { announce } from '../ui/announce.ts';
import type { KeyDispatcher } from '../ui/keys/dispatcher.ts';
import { goTo, usePlace } from './navigation.ts';
import type { Screen } from './place.ts';

/** How long a screen may take to come up before its action is given up, ms. */
const PATIENCE_MS = 4000;

/** Go to the screen that has an action, and do it as soon as it is possible there. */
export function runElsewhere(keys: KeyDispatcher, id: string, screen: Screen): void {
  if (usePlace.getState().screen !== screen) goTo({ screen });
  const until = performance.now() + PATIENCE_MS;
  const attempt = (): void => {
    if (keys.runAction(id)) return;
    if (performance.now() < until && usePlace.getState().screen === screen) setTimeout(attempt, 80);
    else announce('That is not possible now.');
  };
  setTimeout(attempt, 0);
}
