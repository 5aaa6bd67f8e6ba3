import type { Action } from '../ui/keys/dispatcher.ts';
import { goTo, usePlace } from './navigation.ts';
import type { Screen } from './place.ts';

/** An action that leads to a screen. */
export interface ScreenAction extends Action {
  readonly screen: Screen;
  readonly isCurrent: boolean;
}

/** Numbers in the order of the work: 3 is the difference review, 5 the catalogue. */
const WAYS: readonly { screen: Screen; title: string; digit: number }[] = [
  { screen: 'queue', title: 'Queue', digit: 1 },
  { screen: 'field', title: 'Field', digit: 2 },
  { screen: 'difference', title: 'Difference review', digit: 3 },
  { screen: 'label', title: 'Labelling', digit: 4 },
  { screen: 'catalog', title: 'Catalog', digit: 5 },
  { screen: 'jobs', title: 'Jobs', digit: 6 },
  { screen: 'models', title: 'Models', digit: 7 },
  { screen: 'sync', title: 'Sync', digit: 8 },
  { screen: 'settings', title: 'Settings', digit: 9 },
];

/** What screens are called. */
export const TITLES = Object.fromEntries(WAYS.map(({ screen, title }) => [screen, title])) as Readonly<
  Record<Screen, string>
>;

/** The ways to all screens; Alt works where a browser keeps Ctrl with a digit for its tabs. */
export function useScreenActions(): readonly ScreenAction[] {
  const current = usePlace((place) => place.screen);
  return WAYS.map(({ screen, title, digit }) => ({
    id: `shell.${screen}`,
    title,
    keys: [`Ctrl+${digit}`, `Alt+${digit}`],
    screen,
    isCurrent: screen === current,
    run: () => goTo({ screen }),
  }));
}
