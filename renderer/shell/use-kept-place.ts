import { useEffect, useRef } from 'react';
import { useChangeSetting, useSettings } from '../api/settings.ts';
import { goTo, usePlace } from './navigation.ts';
import { formatPlace, parsePlace } from './place.ts';

/** Come back to where the window was closed, unless its address says where to go; and remember where it is. */
export function useKeptPlace(): void {
  const session = useSettings()?.session;
  const change = useChangeSetting();
  const hasAddress = useRef(location.hash.length > 2);
  const isRestored = useRef(false);
  useEffect(() => {
    if (session === undefined || isRestored.current) return;
    isRestored.current = true;
    if (!hasAddress.current && session.hash !== undefined) goTo(parsePlace(session.hash));
  }, [session]);
  useEffect(
    () =>
      usePlace.subscribe((place) => {
        hasAddress.current = true;
        const hash = formatPlace(place);
        change('session', (was) => (was.hash === hash ? was : { ...was, hash }));
      }),
    [change],
  );
}
