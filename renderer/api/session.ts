import { useEffect } from 'react';
import type { StoreApi, UseBoundStore } from 'zustand';
import { useChangeSetting, useSettings } from './settings.ts';

/** Views that were brought back already; what a person has done since is newer. */
const restored = new Set<string>();

/**
 * Keep what a person does on a screen over restarts: some fields of its store lie in the settings of the workspace.
 *
 * @param name of the screen's part of the session.
 * @param fields plain data, of the types they have now: a field of another type is left alone.
 */
export function useKeptView<View extends object>(
  name: string,
  store: UseBoundStore<StoreApi<View>>,
  fields: readonly (keyof View & string)[],
): void {
  const kept = useSettings()?.session.screens[name];
  const isKnown = useSettings() !== undefined;
  const change = useChangeSetting();
  useEffect(() => {
    if (!isKnown || restored.has(name)) return;
    restored.add(name);
    if (typeof kept !== 'object' || kept === null) return;
    const now = store.getState();
    const usable = fields.filter((field) => {
      const value = (kept as Partial<View>)[field];
      return value !== undefined && (now[field] === undefined || typeof value === typeof now[field]);
    });
    store.setState(
      Object.fromEntries(usable.map((field) => [field, (kept as View)[field]])) as Partial<View>,
    );
  }, [isKnown, kept, name, store, fields]);
  useEffect(
    () =>
      store.subscribe((now, before) => {
        if (!restored.has(name) || fields.every((field) => now[field] === before[field])) return;
        const part = Object.fromEntries(fields.map((field) => [field, now[field]]));
        change('session', (session) => ({ ...session, screens: { ...session.screens, [name]: part } }));
      }),
    [store, name, fields, change],
  );
}
