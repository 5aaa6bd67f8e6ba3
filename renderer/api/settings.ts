import { ORPCError } from '@orpc/client';
import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { create } from 'zustand';
import { API_PREFIX, type SettingName, Settings } from '../../core/api/contract/index.ts';
import { client, describeFailure, type Failure } from './client.ts';

/** All settings of the workspace. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'] as const,
  queryFn: async ({ signal }): Promise<Settings> => {
    const before = valuesWaiting();
    const settings = Settings.parse(await client.settings.getSettings(undefined, { signal }));
    // What is not on disk yet, or was not when this was asked, is newer than the answer.
    return { ...settings, ...before, ...valuesWaiting() };
  },
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

/** Pause before a value that could not be written is written again, ms. */
const RETRY_MS = 4000;

const waiting = new Map<
  SettingName,
  { value: Record<string, unknown>; timer: ReturnType<typeof setTimeout> }
>();

/** Settings whose write is on its way: two of one setting could arrive in the wrong order. */
const writing = new Set<SettingName>();

/** Why the core refused a setting; until it is dismissed. */
export const useRefusedSetting = create<{ readonly failure: Failure | undefined }>(() => ({
  failure: undefined,
}));

function valuesWaiting(): Partial<Settings> {
  return Object.fromEntries([...waiting].map(([name, { value }]) => [name, value]));
}

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
  if (writing.has(name)) {
    due.timer = setTimeout(() => void write(queries, name), GATHER_MS);
    return;
  }
  writing.add(name);
  try {
    await client.settings.putSetting({ name, value: due.value });
    // What was changed while this was on its way has a timer of its own.
    if (waiting.get(name) === due) waiting.delete(name);
    // An answer that was asked for before may come after.
    const { queryKey } = settingsQuery;
    if (queries.isFetching({ queryKey }) > 0) void queries.invalidateQueries({ queryKey });
  } catch (error) {
    if (waiting.get(name) !== due) return;
    if (isRefused(error)) {
      waiting.delete(name);
      useRefusedSetting.setState({ failure: describeFailure(error) });
      void queries.invalidateQueries({ queryKey: settingsQuery.queryKey });
    }
    // The core may be away: what is on screen stays, and is sent again when it answers.
    else due.timer = setTimeout(() => void write(queries, name), RETRY_MS);
  } finally {
    writing.delete(name);
  }
}

/** Whether the core would say the same again: not where it does not know this window, or has too much to do. */
function isRefused(error: unknown): boolean {
  return (
    error instanceof ORPCError &&
    error.status >= 400 &&
    error.status < 500 &&
    ![401, 408, 429].includes(error.status)
  );
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
