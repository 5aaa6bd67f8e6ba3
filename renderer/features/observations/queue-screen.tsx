import { useCallback, useMemo, useRef, useState } from 'react';
import type { Run } from '../../../core/api/contract/index.ts';
import { findBridge } from '../../api/bridge.ts';
import { describeFailure } from '../../api/client.ts';
import { useRuns, useSystem } from '../../api/queries.ts';
import { type RunWindow, useNights, useRunWindow } from '../../api/run-windows.ts';
import { useKeptView } from '../../api/session.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { announce } from '../../ui/announce.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatCount } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions, useKeysOf } from '../../ui/keys/use-actions.ts';
import { liveRun } from './describe-run.ts';
import { EmptyQueue } from './empty-queue.tsx';
import { LiveLane } from './live-lane.tsx';
import { NightsStrip } from './nights-strip.tsx';
import { PairForm } from './pair-form.tsx';
import { QueueFilter, SaveFilter } from './queue-filter.tsx';
import {
  changeList,
  type MarkedRun,
  type QueueView,
  runsMeant,
  toggleMark,
  useQueueView,
  withTerm,
} from './queue-view.ts';
import { RunInspector } from './run-inspector.tsx';
import { RunTable } from './run-table.tsx';
import { useRunCommands } from './use-run-commands.ts';
import { writeReport } from './write-report.ts';
import './queue.css';

const NO_RUNS: readonly Run[] = [];
const KEPT = ['selectedId', 'at', 'filter', 'order', 'isAscending'] as const;

/** Runs by state, as far as they are at hand. */
interface Totals {
  readonly total: number;
  readonly running: number;
  readonly queued: number;
  readonly failed: number;
}

/** All fields, newest first or as they are asked for, and the line that they go through. */
export function QueueScreen({
  onOpen,
  onLabel,
}: {
  readonly onOpen: (runId: string) => void;
  readonly onLabel: (runId: string) => void;
}) {
  const query = useRuns();
  const commands = useRunCommands();
  const newest = query.data?.runs ?? NO_RUNS;
  const view = useQueueView();
  useKeptView('queue', useQueueView, KEPT);
  const nights = useNights().data ?? [];
  const version = useSystem().data?.version;
  const [rows, setRows] = useState({ first: 0, last: 40 });
  const list = useRunWindow(view, rows.first, rows.last);
  const filterInput = useRef<HTMLInputElement>(null);
  const [isSaving, setIsSaving] = useState(false);
  const total = list.total ?? 0;
  const index = Math.min(Math.max(0, total - 1), findIndex(list, view, rows));
  const selected = list.rowAt(index);
  const select = (at: number): void => {
    const next = Math.min(total - 1, Math.max(0, at));
    if (next >= 0) useQueueView.setState({ selectedId: list.rowAt(next)?.id, at: next });
  };
  const inView = useCallback((first: number, last: number) => setRows({ first, last }), []);
  const isDone = selected?.status === 'done';
  const chosenNight = /(?:^|\s)night:(\S+)/.exec(view.filter)?.[1];
  const meant = runsMeant(view.marked, selected === undefined ? newest : [...newest, selected], selected);
  const sampleNight: Action = {
    id: 'queue.sample',
    title: 'Process the sample night',
    keys: ['N'],
    isEnabled: !commands.isBusy,
    run: commands.processSampleNight,
  };
  const openPair: Action = {
    id: 'queue.pair',
    title: 'Open FITS pair…',
    keys: ['O', 'Ctrl+Shift+O'],
    isEnabled: !commands.isBusy,
    run: commands.openPair,
  };
  const open: Action = {
    id: 'queue.open',
    title: 'Open field',
    keys: ['Enter'],
    isEnabled: isDone,
    run: () => onOpen(selected!.id),
  };
  const label: Action = {
    id: 'queue.label',
    title: 'Start labelling',
    keys: ['Shift+Enter'],
    isEnabled: isDone,
    run: () => onLabel(selected!.id),
  };
  const retry: Action = {
    id: 'queue.retry',
    title: 'Retry',
    keys: ['R'],
    isEnabled: meant.some(canRetry) && !commands.isBusy,
    run: () => commands.retry(meant.filter(canRetry)),
  };
  const cancel: Action = {
    id: 'queue.cancel',
    title: 'Stop',
    keys: ['X'],
    isEnabled: meant.some(canStop) && !commands.isBusy,
    run: () => commands.cancel(meant.filter(canStop)),
  };
  const bridge = findBridge();
  const reveal: Action[] =
    bridge === undefined || selected === undefined
      ? []
      : [
          {
            id: 'queue.reveal',
            title: 'Show in folder',
            keys: ['F'],
            run: () => void bridge.revealInFolder(selected.sciencePath),
          },
        ];
  const find: Action = {
    id: 'queue.filter',
    title: 'Filter',
    keys: ['/'],
    run: () => filterInput.current?.focus(),
  };
  const saveFilter: Action = {
    id: 'queue.save-filter',
    title: 'Save this filter',
    keys: ['S'],
    isEnabled: view.filter.trim() !== '',
    run: () => setIsSaving(true),
  };
  const mark: Action = {
    id: 'queue.mark',
    title: 'Mark',
    keys: ['Space'],
    isEnabled: selected !== undefined,
    run: () => {
      toggleMark(selected!);
      select(index + 1);
    },
  };
  const unmark: Action = {
    id: 'queue.unmark',
    title: 'Take all marks away',
    keys: ['Escape'],
    isEnabled: view.marked.length > 0,
    run: () => useQueueView.setState({ marked: [] }),
  };
  const copyReport: Action = {
    id: 'queue.copy-report',
    title: 'Copy report',
    keys: ['C'],
    isEnabled: selected?.status === 'failed',
    run: () =>
      void navigator.clipboard
        .writeText(writeReport(selected!, version))
        .then(() => announce('The report is copied.')),
  };
  const turnNight = (by: number): void => {
    const dates = [undefined, ...nights.map(({ date }) => date)];
    const at = Math.max(0, dates.indexOf(chosenNight));
    const date = dates[(at + by + dates.length) % dates.length];
    changeList({ filter: withTerm(view.filter, 'night', date) });
  };
  const nightActions: Action[] = [
    { id: 'queue.night-before', title: 'The night before', keys: ['['], run: () => turnNight(1) },
    { id: 'queue.night-after', title: 'The night after', keys: [']'], run: () => turnNight(-1) },
  ];
  const walk: Action[] = [
    {
      id: 'queue.next',
      title: 'Next field',
      keys: ['J', 'ArrowDown'],
      repeats: true,
      run: () => select(index + 1),
    },
    {
      id: 'queue.previous',
      title: 'Previous field',
      keys: ['K', 'ArrowUp'],
      repeats: true,
      run: () => select(index - 1),
    },
    { id: 'queue.first', title: 'First field', keys: ['Home'], run: () => select(0) },
    { id: 'queue.last', title: 'Last field', keys: ['End'], run: () => select(total - 1) },
    {
      id: 'queue.page',
      title: 'A page further',
      keys: ['PageDown'],
      repeats: true,
      run: () => select(index + PAGE),
    },
    {
      id: 'queue.page-back',
      title: 'A page back',
      keys: ['PageUp'],
      repeats: true,
      run: () => select(index - PAGE),
    },
  ];
  useActions('Queue', 'screen', [
    ...walk,
    open,
    label,
    mark,
    unmark,
    find,
    saveFilter,
    ...nightActions,
    retry,
    cancel,
    copyReport,
    ...reveal,
    sampleNight,
    openPair,
  ]);
  const [focusKey] = useKeysOf(find);
  const isEmpty = query.isSuccess && query.data.total === 0;
  const live = useMemo(() => liveRun(newest), [newest]);
  const count = (status: Run['status']): number => newest.filter((run) => run.status === status).length;
  const totals = {
    total: query.data?.total ?? 0,
    running: count('running'),
    queued: count('queued'),
    failed: count('failed'),
  };
  const waiting = totals.queued - (live?.status === 'queued' ? 1 : 0);
  return (
    <section className="screen" aria-label="Queue">
      <header className="top-bar" data-region="top">
        <h1 className="top-title">Queue</h1>
        <span className="dim queue-count">{describeList(list.total, totals, view.filter.trim() !== '')}</span>
        <span className="top-gap" />
        {!isEmpty && (
          <>
            <QueueFilter input={filterInput} focusKey={focusKey} />
            {view.filter.trim() !== '' && <ActionButton action={saveFilter} />}
            <span className="top-rule" />
            <ActionButton action={sampleNight} />
            <ActionButton action={openPair} />
          </>
        )}
      </header>
      {isEmpty ? (
        <EmptyQueue sampleNight={sampleNight} openPair={openPair} commands={commands} />
      ) : (
        <div className="queue">
          {live === undefined ? <div className="live-lane" /> : <LiveLane run={live} waiting={waiting} />}
          <NightsStrip
            nights={nights}
            chosen={chosenNight}
            onChoose={(date) => changeList({ filter: withTerm(view.filter, 'night', date) })}
          />
          <RunTable
            list={list}
            index={index}
            marked={view.marked}
            onOpen={(run) => run.status === 'done' && onOpen(run.id)}
            onView={inView}
          />
          {commands.failure ? (
            <FailureNote failure={commands.failure} onDismiss={commands.dismissFailure} />
          ) : query.isError ? (
            <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />
          ) : (
            list.error !== null && (
              <FailureNote failure={describeFailure(list.error)} onRetry={list.refetch} />
            )
          )}
          {selected === undefined ? (
            <div className="inspector" />
          ) : (
            <RunInspector
              run={selected}
              actions={[
                ...(isDone ? [open, label] : [retry, cancel, copyReport].filter(isPossible)),
                ...reveal,
              ]}
            />
          )}
        </div>
      )}
      {isSaving && <SaveFilter onClose={() => setIsSaving(false)} />}
      {commands.isAskingForPaths && (
        <PairForm onSubmit={commands.queuePair} onClose={commands.closePairForm} />
      )}
    </section>
  );
}

/** Rows that a page key goes on by. */
const PAGE = 15;

/** Where the chosen run is in the list now: rows move when others come. */
function findIndex(
  list: RunWindow,
  { selectedId, at }: Pick<QueueView, 'selectedId' | 'at'>,
  { first, last }: { readonly first: number; readonly last: number },
): number {
  if (selectedId === undefined || list.rowAt(at)?.id === selectedId) return at;
  for (let row = first; row <= last; row++) if (list.rowAt(row)?.id === selectedId) return row;
  return at;
}

function canRetry({ status }: MarkedRun): boolean {
  return status === 'failed' || status === 'cancelled';
}

function canStop({ status }: MarkedRun): boolean {
  return status === 'running' || status === 'queued';
}

function isPossible(action: Action): boolean {
  return action.isEnabled !== false;
}

function describeList(total: number | undefined, live: Totals, isFiltered: boolean): string {
  if (total === undefined) return '';
  const count = `${formatCount(total)} ${total === 1 ? 'field' : 'fields'}`;
  if (isFiltered) return `${count} of ${formatCount(live.total)}`;
  const parts = [count];
  for (const status of ['running', 'queued', 'failed'] as const)
    if (live[status] > 0) parts.push(`${formatCount(live[status])} ${status}`);
  return parts.join(' · ');
}
