import { memo } from 'react';
import type { Run } from '../../../core/api/contract/index.ts';
import { formatClock, formatCount, formatDay, formatFixed, NOT_KNOWN } from '../../ui/format.ts';
import { GradeMark, StateMark } from '../../ui/marks.tsx';
import { Meter } from '../../ui/meter.tsx';
import { nameOfRun, STAGES, stageOf } from './describe-run.ts';

/** Headings of the queue, in the order of a row's cells. */
export function RunHeadings() {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: headings are not walked to; the grid holds the focus
    <div className="run-row run-headings" role="row">
      <span role="columnheader" aria-label="State" />
      <span role="columnheader">Field</span>
      <span role="columnheader">Band</span>
      <span role="columnheader" className="right">
        Seeing
      </span>
      {STAGES.map((stage) => (
        <span role="columnheader" key={stage} className="right" title={`${stage}, seconds`}>
          {stage}
        </span>
      ))}
      <span role="columnheader" className="grade">
        S_corr
      </span>
      <span role="columnheader" className="right">
        Cand.
      </span>
      <span role="columnheader" className="labelled">
        Labelled
      </span>
      <span role="columnheader" className="right">
        Queued (UTC)
      </span>
    </div>
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
    // biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus and names its active row
    // biome-ignore lint/a11y/useKeyWithClickEvents: J, K and Enter do the same, through the dispatcher
    <div
      className="run-row"
      role="row"
      id={`run-${run.id}`}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(run.id)}
      onDoubleClick={() => onOpen(run)}
    >
      <span role="gridcell">
        <StateMark state={run.status} />
      </span>
      <span role="gridcell" className="ellipsis" title={run.sciencePath}>
        {nameOfRun(run)}
      </span>
      <span role="gridcell" className="mono">
        {run.science?.band ?? NOT_KNOWN}
      </span>
      <span role="gridcell" className="number">
        {seeing !== undefined
          ? `${formatFixed(seeing, 2)}″`
          : fwhm !== undefined
            ? `${formatFixed(fwhm, 1)} px`
            : NOT_KNOWN}
      </span>
      {STAGES.map((name) => {
        const stage = stageOf(run, name);
        return (
          <span
            role="gridcell"
            key={name}
            className={`stage-cell stage-${stage.status} number`}
            title={`${name}: ${stage.errorMessage ?? stage.status}`}
          >
            {stage.status === 'failed'
              ? 'failed'
              : stage.seconds === undefined
                ? ''
                : formatFixed(stage.seconds, 2)}
          </span>
        );
      })}
      <span role="gridcell" className="grade" title={run.gradeReasons.join('\n') || run.grade}>
        {run.grade !== undefined && <GradeMark grade={run.grade} />}
        <span className="mono">{formatFixed(stageOf(run, 'difference').metrics.scorrMadStd, 2)}</span>
      </span>
      <span role="gridcell" className="number">
        {run.status === 'done' ? formatCount(run.candidateCount) : NOT_KNOWN}
      </span>
      <span role="gridcell" className="labelled">
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
      </span>
      <span role="gridcell" className="number dim" title={run.createdAt}>
        {formatDay(run.createdAt).slice(5)} {formatClock(run.createdAt).slice(0, 5)}
      </span>
    </div>
  );
});
