import { create } from 'zustand';

/** The screens there are. */
export const SCREENS = ['queue', 'field', 'label', 'system'] as const;
export type Screen = (typeof SCREENS)[number];

/** Where the person is. */
export interface Place {
  readonly screen: Screen;
  /** The run that Field and Labelling show; the newest one with candidates when none was chosen. */
  readonly runId?: string | undefined;
  /** The candidate that is chosen there. */
  readonly candidateId?: string | undefined;
}

/** Read a place from the address: `#/field/<run>/<candidate>`. */
export function parsePlace(hash: string): Place {
  const [name, runId, candidateId] = hash.replace(/^#\/?/, '').split('/');
  const screen = SCREENS.find((known) => known === name) ?? 'queue';
  return { screen, runId: runId || undefined, candidateId: candidateId || undefined };
}

/** Write a place as an address: the inverse of `parsePlace`. */
export function formatPlace({ screen, runId, candidateId }: Place): string {
  return `#/${[screen, runId, runId && candidateId].filter((part) => part !== undefined).join('/')}`;
}

export const usePlace = create<Place>(() => parsePlace(location.hash));

/** Go somewhere; the run stays chosen unless another is. */
export function goTo(place: Place): void {
  const next = { ...place, runId: place.runId ?? usePlace.getState().runId };
  history.pushState(null, '', formatPlace(next));
  usePlace.setState(next, true);
}

/** Follow the browser's back and forward. @returns what stops it. */
export function followHistory(): () => void {
  const follow = (): void => usePlace.setState(parsePlace(location.hash), true);
  window.addEventListener('popstate', follow);
  return () => window.removeEventListener('popstate', follow);
}
