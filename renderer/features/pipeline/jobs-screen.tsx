import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Run } from '../../../core/api/contract/index.ts';
import { client, describeFailure } from '../../api/client.ts';
import { jobsQuery, useExecutions } from '../../api/jobs.ts';
import { keys } from '../../api/queries.ts';
import { useKeptView } from '../../api/session.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatCount } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { Menu } from '../../ui/menu.tsx';
import { JobList } from './job-list.tsx';
import { JobLog } from './job-log.tsx';
import { nameOfJob } from './job-row.tsx';
import { SPANS_MINUTES, useJobsView } from './jobs-view.ts';
import { Lanes } from './lanes.tsx';
import { endOfLanes } from './lay-out-lanes.ts';
import { ResourceStrip } from './resource-strip.tsx';
import './jobs.css';

const KEPT = ['selectedId', 'spanMinutes', 'hasLog'] as const;
const NO_JOBS: readonly Run[] = [];

/** What workers do and did, what failed and why, and what the machine is busy with. */
export function JobsScreen({
  onOpen,
  onQueue,
}: {
  readonly onOpen: (runId: string) => void;
  readonly onQueue: () => void;
}) {
  const view = useJobsView();
  useKeptView('jobs', useJobsView, KEPT);
  const jobsAnswer = useQuery(jobsQuery);
  const executions = useExecutions();
  const command = useRunCommand();
  const [stopping, setStopping] = useState<Run>();
  const jobs = jobsAnswer.data?.jobs ?? NO_JOBS;
  const index = Math.max(
    0,
    jobs.findIndex(({ id }) => id === view.selectedId),
  );
  const selected = jobs[index];
  const isMoving = jobs.some(({ status }) => status === 'running');
  const nowMs = useNow(isMoving);
  const select = (at: number): void => {
    const job = jobs[Math.min(jobs.length - 1, Math.max(0, at))];
    if (job !== undefined) useJobsView.setState({ selectedId: job.id });
  };
  const canStop = selected?.status === 'running' || selected?.status === 'queued';
  const canRetry = selected?.status === 'failed' || selected?.status === 'cancelled';
  const cancel: Action = {
    id: 'jobs.cancel',
    title: 'Stop…',
    keys: ['X'],
    isEnabled: canStop && !command.isBusy,
    run: () => setStopping(selected),
  };
  const retry: Action = {
    id: 'jobs.retry',
    title: 'Retry',
    keys: ['R'],
    isEnabled: canRetry && !command.isBusy,
    run: () => command.send(() => client.pipeline.retryRun({ id: selected!.id })),
  };
  const log: Action = {
    id: 'jobs.log',
    title: view.hasLog ? 'Hide the log' : 'Show the log',
    keys: ['Enter', 'L'],
    isEnabled: selected !== undefined,
    run: () => useJobsView.setState({ hasLog: !view.hasLog }),
  };
  const open: Action = {
    id: 'jobs.open',
    title: 'Open field',
    keys: ['O'],
    isEnabled: selected?.status === 'done',
    run: () => onOpen(selected!.id),
  };
  const span: Action = {
    id: 'jobs.span',
    title: 'Longer or shorter lanes',
    keys: ['T'],
    run: () => {
      const at = (SPANS_MINUTES as readonly number[]).indexOf(view.spanMinutes);
      useJobsView.setState({ spanMinutes: SPANS_MINUTES[(at + 1) % SPANS_MINUTES.length]! });
    },
  };
  const walk: Action[] = [
    {
      id: 'jobs.next',
      title: 'Next job',
      keys: ['J', 'ArrowDown'],
      repeats: true,
      run: () => select(index + 1),
    },
    {
      id: 'jobs.previous',
      title: 'Previous job',
      keys: ['K', 'ArrowUp'],
      repeats: true,
      run: () => select(index - 1),
    },
  ];
  const back: Action = { id: 'jobs.queue', title: 'Back to the queue', keys: ['Escape'], run: onQueue };
  useActions('Jobs', 'screen', [...walk, log, retry, cancel, open, span, back]);
  const choose = (runId: string): void => useJobsView.setState({ selectedId: runId });
  return (
    <section className="screen" aria-label="Jobs">
      <header className="top-bar" data-region="top">
        <h1 className="top-title">Jobs</h1>
        <span className="dim">{describeTotals(jobsAnswer.data?.totals)}</span>
        <span className="top-gap" />
        <Menu
          name="lanes"
          action={span}
          choices={SPANS_MINUTES.map((minutes) => ({ value: minutes, label: nameOfSpan(minutes) }))}
          value={nameOfSpan(view.spanMinutes)}
          isChosen={(minutes) => minutes === view.spanMinutes}
          onChoose={(spanMinutes) => useJobsView.setState({ spanMinutes })}
        />
        <span className="top-rule" />
        {[log, retry, cancel, open].map((action) => (
          <ActionButton key={action.id} action={action} />
        ))}
      </header>
      <div className="jobs">
        <ResourceStrip />
        <Lanes
          isKnown={executions.isSuccess}
          executions={executions.data ?? []}
          endMs={endOfLanes(executions.data ?? [], nowMs)}
          spanMinutes={view.spanMinutes}
          selectedId={selected?.id}
          onSelect={choose}
        />
        <div className={view.hasLog ? 'jobs-split' : 'jobs-split jobs-split-one'}>
          <JobList
            jobs={jobs}
            index={index}
            isKnown={jobsAnswer.isSuccess}
            isComing={jobsAnswer.isPending}
            onSelect={choose}
            onEmpty={back}
          />
          {view.hasLog && <JobLog run={selected} />}
        </div>
      </div>
      {jobsAnswer.isError && (
        <FailureNote failure={describeFailure(jobsAnswer.error)} onRetry={() => void jobsAnswer.refetch()} />
      )}
      {command.failure && <FailureNote failure={command.failure} onDismiss={command.dismiss} />}
      {stopping && (
        <ConfirmDialog
          title={`Stop ${nameOfJob(stopping)}?`}
          sentence="It stops at once. Stages that are done stay on disk, and a retry goes on from there."
          verb="Stop it"
          onConfirm={() => command.send(() => client.pipeline.cancelRun({ id: stopping.id }))}
          onClose={() => setStopping(undefined)}
        />
      )}
    </section>
  );
}

function useRunCommand() {
  const queries = useQueryClient();
  const command = useMutation({
    mutationFn: (ask: () => Promise<unknown>) => ask(),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.runs }),
  });
  return {
    isBusy: command.isPending,
    failure: command.isError ? describeFailure(command.error) : undefined,
    dismiss: () => command.reset(),
    send: (ask: () => Promise<unknown>) => command.mutate(ask),
  };
}

/** The time of day, told each second while something moves. */
function useNow(isMoving: boolean): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    setNowMs(Date.now());
    if (!isMoving) return;
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isMoving]);
  return nowMs;
}

function nameOfSpan(minutes: number): string {
  return minutes < 60 ? `${minutes} min` : `${minutes / 60} h`;
}

function describeTotals(totals: Readonly<Record<Run['status'], number>> | undefined): string {
  if (totals === undefined) return '';
  const parts = (['failed', 'running', 'queued', 'cancelled', 'done'] as const)
    .filter((status) => totals[status] > 0)
    .map((status) => `${formatCount(totals[status])} ${status}`);
  return parts.length === 0 ? 'no jobs yet' : parts.join(' · ');
}
