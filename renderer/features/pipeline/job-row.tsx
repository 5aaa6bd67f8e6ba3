import { memo } from 'react';
import type { Run } from '../../../core/api/contract/index.ts';
import { useLive } from '../../api/live.ts';
import { formatClock, formatCount, formatDay, formatSeconds, shortenPaths } from '../../ui/format.ts';
import { StateMark } from '../../ui/marks.tsx';

/** What a job is called: its object, else its science file. */
export function nameOfJob(run: Run): string {
  return run.science?.object ?? run.science?.name ?? run.sciencePath.split(/[\\/]/).slice(-2).join('/');
}

/** The stage at which a job is, or at which it failed. */
export function stageOfJob(run: Run): Run['stages'][number] | undefined {
  return (
    run.stages.find(({ status }) => status === 'failed' || status === 'running') ??
    run.stages.findLast(({ status }) => status === 'done')
  );
}

/** One job in 26 px. */
export const JobRow = memo(function JobRow({
  run,
  index,
  isSelected,
  top,
  onSelect,
}: {
  readonly run: Run;
  readonly index: number;
  readonly isSelected: boolean;
  readonly top: number;
  readonly onSelect: (id: string) => void;
}) {
  const stage = stageOfJob(run);
  const seconds = run.stages.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
  return (
    <tr
      className="job-row"
      id={`job-${run.id}`}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(run.id)}
    >
      <td>
        <StateMark state={run.status} />
      </td>
      <td className="ellipsis" title={run.sciencePath}>
        {nameOfJob(run)}
      </td>
      <td className={run.status === 'failed' ? 'job-failed' : 'dim'}>{stage?.stage ?? 'waiting'}</td>
      <td className="ellipsis" title={run.errorMessage}>
        <Happening run={run} />
      </td>
      <td className="number">{seconds > 0 ? formatSeconds(seconds) : ''}</td>
      <td className="number dim" title={run.createdAt}>
        {formatDay(run.createdAt).slice(5)} {formatClock(run.createdAt).slice(0, 5)}
      </td>
    </tr>
  );
});

function Happening({ run }: { readonly run: Run }) {
  const progress = useLive((live) => live.progress[run.id]);
  switch (run.status) {
    case 'failed':
      return shortenPaths(run.errorMessage ?? 'It ended without saying why.', [
        run.sciencePath,
        run.templatePath,
      ]);
    case 'running':
      return progress === undefined
        ? 'begins'
        : `${Math.round(100 * progress.fraction)} %  ${progress.message}`;
    case 'queued':
      return 'waits for a worker';
    case 'cancelled':
      return 'stopped on request';
    case 'done':
      return `${formatCount(run.candidateCount)} candidates`;
  }
}
