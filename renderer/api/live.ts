import type { QueryClient } from '@tanstack/react-query';
import { create } from 'zustand';
import { API_PREFIX, EventKind, LogEvent, Progress } from '../../core/api/contract/index.ts';
import { keepStream } from './keep-stream.ts';
import { keys } from './queries.ts';
import { receiveSampNews } from './samp.ts';

/** What comes in without being asked: the state of the line to the core, and progress inside stages. */
interface Live {
  readonly connection: 'connecting' | 'open' | 'down' | 'refused';
  /** The newest progress of each run; gone when its stage ends. */
  readonly progress: Readonly<Record<string, Progress>>;
}

export const useLive = create<Live>(() => ({ connection: 'connecting', progress: {} }));

/** Rows change in bursts when stages end: refetch once for all of them. */
const GATHER_MS = 80;

/**
 * Labels come one after another for hours, and the window that gives them knows them already: lists that count them
 * are asked for again when there is a pause, or after a while. Until then the core has its hands free for the next.
 */
const LABEL_PAUSE_MS = 1500;
const LABEL_WHILE_MS = 10_000;

/**
 * Listen to the core's event log and keep what is on screen true to it.
 *
 * After every gap all queries are asked again; when the stream opens first, those that an event may have made old since
 * they were answered.
 *
 * @returns what stops listening.
 */
export function listenToEvents(queries: QueryClient): () => void {
  let gather: ReturnType<typeof setTimeout> | undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let labelledSince: number | undefined;
  let hadGap: boolean | undefined;
  const stale = new Set<readonly string[]>();

  const refresh = (...changed: (readonly string[])[]): void => {
    for (const key of changed) stale.add(key);
    gather ??= setTimeout(() => {
      gather = undefined;
      for (const key of stale) void queries.invalidateQueries({ queryKey: key });
      stale.clear();
    }, GATHER_MS);
  };

  const refreshCounts = (): void => {
    clearTimeout(pause);
    labelledSince ??= performance.now();
    const rest = labelledSince + LABEL_WHILE_MS - performance.now();
    pause = setTimeout(
      () => {
        labelledSince = undefined;
        refresh(...OF_LABELS);
      },
      Math.max(0, Math.min(LABEL_PAUSE_MS, rest)),
    );
  };

  const receive = (message: MessageEvent<string>): void => {
    const body: unknown = JSON.parse(message.data);
    const event = LogEvent.safeParse(body);
    if (event.success) {
      if (event.data.runId !== undefined && event.data.kind !== 'stage.started')
        forgetProgress(event.data.runId);
      if (isOfLabel(event.data)) refreshCounts();
      else refresh(...touchedBy(event.data));
      return;
    }
    const progress = Progress.safeParse(body);
    if (progress.success) rememberProgress(progress.data);
  };

  const listen = (source: EventSource): void => {
    source.onopen = () => {
      useLive.setState({ connection: 'open' });
      if (hadGap) void queries.invalidateQueries();
      else if (hadGap === undefined) refresh(...OF_EVENTS);
      hadGap = false;
    };
    source.onerror = () => {
      hadGap = true;
      // What goes on now is not known; stages that end meanwhile would seem to go on for ever.
      useLive.setState(({ connection }) => ({
        connection: connection === 'refused' ? connection : 'down',
        progress: {},
      }));
    };
    for (const type of ['message', 'progress', ...EventKind.options])
      source.addEventListener(type, receive as EventListener);
    source.addEventListener('samp', (message: MessageEvent<string>) => {
      const news = receiveSampNews(JSON.parse(message.data));
      if (news?.kind === 'peers') refresh(keys.samp);
      // A table that is sent again may hold other rows.
      if (news?.kind === 'table') refresh(['samp-table', news.id]);
    });
  };

  const stop = keepStream(`${API_PREFIX}/events`, listen, () => useLive.setState({ connection: 'refused' }));
  return () => {
    stop();
    clearTimeout(gather);
    clearTimeout(pause);
  };
}

/** Answers that count labels. */
const OF_LABELS = [keys.runs, keys.labelCount, keys.sync, keys.catalog] as const;

/** All answers that an event can make old, by the first words of their names. */
const OF_EVENTS = [
  ...OF_LABELS,
  keys.executions,
  keys.objectNames,
  ...[keys.run, keys.field, keys.candidates, keys.vetoed, keys.difference].map((name) =>
    name('').slice(0, 1),
  ),
];

function isOfLabel({ kind }: LogEvent): boolean {
  return kind === 'detection.validated' || kind === 'label.retracted' || kind === 'candidate.noted';
}

/** Which answers an event makes old. */
function touchedBy(event: LogEvent): (readonly string[])[] {
  const { runId } = event;
  switch (event.kind) {
    case 'difference.reviewed':
    case 'review.retracted':
      return runId === undefined ? [keys.runs] : [keys.runs, keys.run(runId), keys.difference(runId)];
    case 'object.named':
      return [keys.catalog, keys.objectNames];
    case 'candidate.found':
    case 'detection.scored':
      return runId === undefined ? [keys.runs] : [keys.runs, keys.candidates(runId)];
    default:
      return runId === undefined
        ? [keys.runs]
        : [
            keys.runs,
            keys.executions,
            keys.catalog,
            keys.run(runId),
            keys.field(runId),
            keys.candidates(runId),
            keys.vetoed(runId),
            keys.difference(runId),
          ];
  }
}

function rememberProgress(progress: Progress): void {
  useLive.setState((state) => ({ progress: { ...state.progress, [progress.runId]: progress } }));
}

function forgetProgress(runId: string): void {
  useLive.setState(({ progress: { [runId]: _ended, ...progress } }) => ({ progress }));
}
