import { create } from 'zustand';
import { formatPlace, type Place, parsePlace } from './place.ts';

/** Where the person is. */
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
