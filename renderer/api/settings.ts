import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { API_PREFIX, type SettingName, Settings } from '../../core/api/contract/index.ts';
import { client } from './client.ts';

/** All settings of the workspace. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'] as const,
  queryFn: async ({ signal }): Promise<Settings> =>
    Settings.parse(await client.settings.getSettings(undefined, { signal })),
});

/** The settings; `undefined` until the core has answered. */
export function useSettings(): Settings | undefined {
  return useQuery(settingsQuery).data;
}

/** Changes one setting by what it was. */
export type ChangeSetting = <Name extends SettingName>(
  name: Name,
  change: (setting: Settings[Name]) => Settings[Name],
) => void;

/** What changes settings: on screen at once, on disk as soon as the core has written them. */
export function useChangeSetting(): ChangeSetting {
  const queries = useQueryClient();
  return useMemo(() => makeChange(queries), [queries]);
}

/** Pause in which changes of one setting are gathered into one write. */
const GATHER_MS = 250;

const waiting = new Map<
  SettingName,
  { value: Record<string, unknown>; timer: ReturnType<typeof setTimeout> }
>();

function makeChange(queries: QueryClient): ChangeSetting {
  return (name, change) => {
    const settings = queries.getQueryData(settingsQuery.queryKey);
    // Before the core has told what there is, there is nothing that could be changed.
    if (settings === undefined) return;
    const value = change(settings[name]);
    queries.setQueryData(settingsQuery.queryKey, { ...settings, [name]: value });
    clearTimeout(waiting.get(name)?.timer);
    const timer = setTimeout(() => void write(queries, name), GATHER_MS);
    waiting.set(name, { value, timer });
  };
}

async function write(queries: QueryClient, name: SettingName): Promise<void> {
  const due = waiting.get(name);
  if (due === undefined) return;
  try {
    await client.settings.putSetting({ name, value: due.value });
    // What was changed while this was on its way has a timer of its own.
    if (waiting.get(name) === due) waiting.delete(name);
  } catch {
    // The core may be away: what is on screen stays, and is sent again when it answers.
    if (waiting.get(name) === due) due.timer = setTimeout(() => void write(queries, name), 4000);
  }
}

/** Send what is not written yet when the window goes away. @returns what stops it. */
export function saveSettingsOnLeaving(): () => void {
  const leave = (): void => {
    for (const [name, { value, timer }] of waiting) {
      clearTimeout(timer);
      void fetch(`${API_PREFIX}/settings/${name}`, {
        method: 'PUT',
        keepalive: true,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ value }),
      });
    }
    waiting.clear();
  };
  window.addEventListener('pagehide', leave);
  return () => window.removeEventListener('pagehide', leave);
}
