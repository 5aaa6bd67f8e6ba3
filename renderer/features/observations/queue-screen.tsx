import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, useEffect, useMemo, useRef } from 'react';
import type { Run } from '../../../core/api/contract/index.ts';
import { findBridge } from '../../api/bridge.ts';
import { describeFailure } from '../../api/client.ts';
import { useRuns } from '../../api/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatCount } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { liveRun } from './describe-run.ts';
import { EmptyQueue } from './empty-queue.tsx';
import { LiveLane } from './live-lane.tsx';
import { PairForm } from './pair-form.tsx';
import { useQueueView } from './queue-view.ts';
import { RunInspector } from './run-inspector.tsx';
import { RunHeadings, RunRow } from './run-row.tsx';
import { useRunCommands } from './use-run-commands.ts';
import './queue.css';

const ROW_HEIGHT = 26;
const NO_RUNS: readonly Run[] = [];

/** All fields, newest first, and the line that they go through. */
export function QueueScreen({
  onOpen,
  onLabel,
}: {
  readonly onOpen: (runId: string) => void;
  readonly onLabel: (runId: string) => void;
}) {
  const query = useRuns();
  const commands = useRunCommands();
  const runs = query.data?.runs ?? NO_RUNS;
  const selectedId = useQueueView((view) => view.selectedId);
  const index = Math.max(
    0,
    runs.findIndex((run) => run.id === selectedId),
  );
  const selected = runs[index];
  const select = (at: number): void => {
    const run = runs[Math.min(runs.length - 1, Math.max(0, at))];
    if (run !== undefined) useQueueView.setState({ selectedId: run.id });
  };
  const isDone = selected?.status === 'done';
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
    keys: ['Ctrl+O', 'O'],
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
    isEnabled: (selected?.status === 'failed' || selected?.status === 'cancelled') && !commands.isBusy,
    run: () => commands.retry(selected!),
  };
  const cancel: Action = {
    id: 'queue.cancel',
    title: 'Stop',
    keys: ['X'],
    isEnabled: (selected?.status === 'running' || selected?.status === 'queued') && !commands.isBusy,
    run: () => commands.cancel(selected!),
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
  ];
  useActions('Queue', 'screen', [...walk, open, label, retry, cancel, ...reveal, sampleNight, openPair]);
  const isEmpty = query.isSuccess && runs.length === 0;
  const live = useMemo(() => liveRun(runs), [runs]);
  const waiting = runs.filter((run) => run.status === 'queued' && run !== live).length;
  return (
    <section className="screen" aria-label="Queue">
      <header className="top-bar" data-region="top">
        <h1 className="top-title">Queue</h1>
        <span className="dim">{describeRuns(runs, query.data?.total)}</span>
        <span className="top-gap" />
        {!isEmpty && (
          <>
            <ActionButton action={sampleNight} />
            <ActionButton action={openPair} />
          </>
        )}
      </header>
      {isEmpty ? (
        <EmptyQueue sampleNight={sampleNight} openPair={openPair} commands={commands} />
      ) : (
        <div className="queue">
          {commands.failure && <FailureNote failure={commands.failure} onDismiss={commands.dismissFailure} />}
          {live === undefined ? <div className="live-lane" /> : <LiveLane run={live} waiting={waiting} />}
          <RunTable
            runs={runs}
            index={index}
            total={query.data?.total ?? 0}
            onOpen={(run) => run.status === 'done' && onOpen(run.id)}
            onEnd={() => query.hasNextPage && !query.isFetching && void query.fetchNextPage()}
            isLoading={query.isPending}
          />
          {query.isError && (
            <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />
          )}
          {selected === undefined ? (
            <div className="inspector" />
          ) : (
            <RunInspector
              run={selected}
              actions={[...(isDone ? [open, label] : [retry, cancel].filter(isPossible)), ...reveal]}
            />
          )}
        </div>
      )}
      {commands.isAskingForPaths && (
        <PairForm onSubmit={commands.queuePair} onClose={commands.closePairForm} />
      )}
    </section>
  );
}

function RunTable({
  runs,
  index,
  total,
  isLoading,
  onOpen,
  onEnd,
}: {
  readonly runs: readonly Run[];
  readonly index: number;
  readonly total: number;
  readonly isLoading: boolean;
  readonly onOpen: (run: Run) => void;
  readonly onEnd: () => void;
}) {
  const scroller = useRef<HTMLTableSectionElement>(null);
  const rows = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= runs.length - 1 && runs.length < total) onEnd();
  }, [last, runs.length, total, onEnd]);
  useEffect(() => {
    if (runs.length > 0) rows.scrollToIndex(index, { align: 'auto' });
  }, [rows, index, runs.length]);
  return (
    <table
      className="run-table"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are chosen: that is a grid
      role="grid"
      aria-label="Fields"
      aria-rowcount={total + 1}
      aria-activedescendant={runs[index] && `run-${runs[index].id}`}
      tabIndex={0}
      data-region="list"
    >
      <thead>
        <RunHeadings />
      </thead>
      <tbody
        className="run-scroller"
        ref={scroller}
        style={{ '--all-rows': `${rows.getTotalSize()}px` } as CSSProperties}
      >
        {isLoading && <SkeletonRows />}
        {items.map((item) => (
          <RunRow
            key={runs[item.index]!.id}
            run={runs[item.index]!}
            index={item.index}
            isSelected={item.index === index}
            top={item.start}
            onSelect={selectRun}
            onOpen={onOpen}
          />
        ))}
      </tbody>
    </table>
  );
}

function SkeletonRows() {
  return Array.from({ length: 8 }, (_, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they never change
    <tr className="run-skeleton" key={i}>
      <td>
        <span className="skeleton" style={{ width: `${34 - i}%` }} />
      </td>
    </tr>
  ));
}

function isPossible(action: Action): boolean {
  return action.isEnabled !== false;
}

function selectRun(id: string): void {
  useQueueView.setState({ selectedId: id });
}

function describeRuns(runs: readonly Run[], total: number | undefined): string {
  if (total === undefined || total === 0) return '';
  const parts = [`${formatCount(total)} ${total === 1 ? 'field' : 'fields'}`];
  for (const status of ['running', 'queued', 'failed'] as const) {
    const count = runs.filter((run) => run.status === status).length;
    if (count > 0) parts.push(`${formatCount(count)} ${status}`);
  }
  return parts.join(' · ');
}
