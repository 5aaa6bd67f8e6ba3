import { memo } from 'react';
import type { Run } from '../../../core/api/contract/index.ts';
import { formatClock, formatCount, formatDay, formatFixed, NOT_KNOWN } from '../../ui/format.ts';
import { GradeMark, StateMark } from '../../ui/marks.tsx';
import { Meter } from '../../ui/meter.tsx';
import { nameOfRun, STAGES, stageOf } from './describe-run.ts';

/** Headings of the queue, in the order of a row's cells. */
export function RunHeadings() {
  return (
    <tr className="run-row run-headings">
      <th scope="col">
        <span className="unseen">State</span>
      </th>
      <th scope="col">Field</th>
      <th scope="col">Band</th>
      <th scope="col" className="right">
        Seeing
      </th>
      {STAGES.map((stage) => (
        <th scope="col" key={stage} className="right" title={`${stage}, seconds`}>
          {stage}
        </th>
      ))}
      <th scope="col" className="grade">
        S_corr
      </th>
      <th scope="col" className="right">
        Cand.
      </th>
      <th scope="col" className="labelled">
        Labelled
      </th>
      <th scope="col" className="right">
        Queued (UTC)
      </th>
    </tr>
  );
}

/** One run: 26 px of what an observer asks first. */
export const RunRow = memo(function RunRow({
  run,
  index,
  isSelected,
  top,
  onSelect,
  onOpen,
}: {
  readonly run: Run;
  readonly index: number;
  readonly isSelected: boolean;
  readonly top: number;
  readonly onSelect: (id: string) => void;
  readonly onOpen: (run: Run) => void;
}) {
  const seeing = run.science?.seeingArcsec;
  const fwhm = run.science?.fwhmPx;
  return (
    <tr
      className="run-row"
      id={`run-${run.id}`}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(run.id)}
      onDoubleClick={() => onOpen(run)}
    >
      <td>
        <StateMark state={run.status} />
      </td>
      <td className="ellipsis" title={run.sciencePath}>
        {nameOfRun(run)}
      </td>
      <td className="mono">{run.science?.band ?? NOT_KNOWN}</td>
      <td className="number">
        {seeing !== undefined
          ? `${formatFixed(seeing, 2)}″`
          : fwhm !== undefined
            ? `${formatFixed(fwhm, 1)} px`
            : NOT_KNOWN}
      </td>
      {STAGES.map((name) => {
        const stage = stageOf(run, name);
        return (
          <td
            key={name}
            className={`stage-cell stage-${stage.status} number`}
            title={`${name}: ${stage.errorMessage ?? stage.status}`}
          >
            {stage.status === 'failed'
              ? 'failed'
              : stage.seconds === undefined
                ? ''
                : formatFixed(stage.seconds, 2)}
          </td>
        );
      })}
      <td className="grade" title={run.gradeReasons.join('\n') || run.grade}>
        {run.grade !== undefined && <GradeMark grade={run.grade} />}
        <span className="mono">{formatFixed(stageOf(run, 'difference').metrics.scorrMadStd, 2)}</span>
      </td>
      <td className="number">{run.status === 'done' ? formatCount(run.candidateCount) : NOT_KNOWN}</td>
      <td className="labelled">
        {run.status === 'done' && (
          <>
            <Meter
              label={`${run.labelledCount} of ${run.candidateCount} labelled`}
              fraction={run.candidateCount === 0 ? 1 : run.labelledCount / run.candidateCount}
            />
            <span className="number">
              {run.labelledCount}/{run.candidateCount}
            </span>
          </>
        )}
      </td>
      <td className="number dim" title={run.createdAt}>
        {formatDay(run.createdAt).slice(5)} {formatClock(run.createdAt).slice(0, 5)}
      </td>
    </tr>
  );
});
