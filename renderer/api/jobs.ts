import { queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { API_PREFIX, LogEvent, Progress, type Resources, type Run } from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { keepStream } from './keep-stream.ts';
import { keys } from './queries.ts';

/** How far back executions are fetched, days. */
const DAYS = 30;

/** What workers did lately, newest first. */
export function useExecutions() {
  return useQuery({
    queryKey: keys.executions,
    queryFn: async ({ signal }) => {
      const since = new Date(Date.now() - DAYS * 86_400_000).toISOString();
      return (await client.pipeline.listExecutions({ since }, { signal })).items;
    },
  });
}

/** Runs shown of each state: what waits or has failed is what a person comes for. */
const SHOWN = { failed: 200, running: 50, queued: 100, cancelled: 50, done: 100 } as const;

/** Jobs in the order in which they want attention: failed, running, waiting, stopped, done. */
export const jobsQuery = queryOptions({
  queryKey: [...keys.runs, 'jobs'],
  queryFn: async ({ signal }): Promise<{ jobs: Run[]; totals: Record<Run['status'], number> }> => {
    const states = Object.entries(SHOWN) as [Run['status'], number][];
    const pages = await Promise.all(
      states.map(([status, limit]) => client.pipeline.listRuns({ status, limit }, { signal })),
    );
    const totals = Object.fromEntries(states.map(([status], i) => [status, pages[i]!.total]));
    return { jobs: pages.flatMap(({ items }) => items), totals: totals as Record<Run['status'], number> };
  },
});

/** Pause between two looks at the machine, ms. */
const LOOK_MS = 2000;

/** Looks that are kept: two minutes of them. */
export const LOOKS = 60;

/** What the machine was busy with in the last two minutes, oldest first; it is looked at while this is on screen. */
export function useResources(): readonly Resources[] {
  const [looks, setLooks] = useState<readonly Resources[]>([]);
  const { data } = useQuery({
    queryKey: ['resources'],
    queryFn: ({ signal }): Promise<Resources> => client.api.resources(undefined, { signal }),
    refetchInterval: LOOK_MS,
    gcTime: 0,
  });
  useEffect(() => {
    if (data !== undefined) setLooks((before) => [...before.slice(1 - LOOKS), data]);
  }, [data]);
  return looks;
}

/** One line of a run's log. */
export interface LogLine {
  readonly id: string;
  /** ISO 8601; progress bears none. */
  readonly at?: string | undefined;
  readonly tone: 'plain' | 'error' | 'now';
  readonly text: string;
}

/** Lines of a log that are kept. */
const LINES = 500;

/** The log of a run from its beginning, and on as it grows. */
export function useRunLog(runId: string | undefined): readonly LogLine[] {
  const [log, setLog] = useState<{ runId?: string | undefined; lines: readonly LogLine[] }>({ lines: [] });
  useEffect(() => {
    setLog({ runId, lines: [] });
    if (runId === undefined) return;
    const receive = (message: MessageEvent<string>): void => {
      const line = readLine(JSON.parse(message.data));
      if (line === undefined) return;
      setLog(({ lines }) => {
        // What is going on now is one line that changes, until something has happened.
        const kept = lines.at(-1)?.tone === 'now' ? lines.slice(0, -1) : lines;
        return { runId, lines: [...kept.slice(1 - LINES), line] };
      });
    };
    return keepStream(`${API_PREFIX}/events?runId=${runId}&after=0`, (source) => {
      // A new source tells the log from its beginning.
      setLog({ runId, lines: [] });
      source.onmessage = receive;
      source.addEventListener('progress', receive as EventListener);
    });
  }, [runId]);
  return log.runId === runId ? log.lines : [];
}

function readLine(body: unknown): LogLine | undefined {
  const event = LogEvent.safeParse(body);
  if (event.success) {
    const { id, at, kind, data } = event.data;
    // What people say of candidates later is no part of the job.
    if (kind === 'detection.validated' || kind === 'label.retracted') return undefined;
    const isError = kind === 'run.failed' || kind === 'stage.failed';
    return { id: String(id), at, tone: isError ? 'error' : 'plain', text: `${kind}  ${sayNumbers(data)}` };
  }
  const progress = Progress.safeParse(body);
  if (!progress.success) return undefined;
  const { stage, fraction, message } = progress.data;
  return { id: 'now', tone: 'now', text: `${stage}  ${Math.round(100 * fraction)} %  ${message}` };
}

/** Say an event's numbers in one line. */
function sayNumbers(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data)
    .map(([name, value]) => {
      if (typeof value === 'object' && value !== null) return sayNumbers(value as Record<string, unknown>);
      const isReal = typeof value === 'number' && !Number.isInteger(value);
      return `${name}=${isReal ? Number((value as number).toPrecision(4)) : String(value)}`;
    })
    .join(' ');
}
