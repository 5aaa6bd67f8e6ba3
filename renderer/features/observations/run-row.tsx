import { memo, useMemo } from 'react';
import type { Run, RunOrder } from '../../../core/api/contract/index.ts';
import { useThumbnail } from '../../api/thumbnails.ts';
import {
  formatClock,
  formatCount,
  formatDay,
  formatFixed,
  formatSeconds,
  NOT_KNOWN,
  shortenPaths,
} from '../../ui/format.ts';
import { GradeMark, StateMark } from '../../ui/marks.tsx';
import { Meter } from '../../ui/meter.tsx';
import { CutoutImage, type Display } from '../../viewer/index.ts';
import { nameOfRun, STAGES, secondsOf, stageOf } from './describe-run.ts';
import { orderBy, useQueueView } from './queue-view.ts';

const SKY: Display = {
  limits: { kind: 'zscale' },
  stretch: 'linear',
  colormap: 'grey',
  invert: false,
  contrast: 1,
  bias: 0.5,
};

/** Headings of the queue, in the order of a row's cells; those that order the list are buttons. */
export function RunHeadings() {
  return (
    <tr className="run-row run-headings">
      <th scope="col">
        <span className="unseen">Marked</span>
      </th>
      <th scope="col">
        <span className="unseen">State</span>
      </th>
      <th scope="col">
        <span className="unseen">Picture</span>
      </th>
      <OrderHeading order="name" title="Field" />
      <OrderHeading order="night" title="Night" isRight />
      <th scope="col">Band</th>
      <OrderHeading order="seeing" title="Seeing" isRight />
      <th scope="col" title="The stages of the line, and how long they took together">
        Line
      </th>
      <th scope="col" className="right" title="S/N at which half of all injected stars are found">
        50 % at
      </th>
      <th scope="col" className="grade">
        S_corr
      </th>
      <OrderHeading order="candidates" title="Cand." isRight />
      <th scope="col" className="labelled">
        Labelled
      </th>
      <OrderHeading order="created" title="Queued (UTC)" isRight />
    </tr>
  );
}

function OrderHeading({
  order,
  title,
  isRight = false,
}: {
  readonly order: RunOrder;
  readonly title: string;
  readonly isRight?: boolean | undefined;
}) {
  const view = useQueueView();
  const isChosen = view.order === order;
  return (
    <th
      scope="col"
      className={isRight ? 'right' : undefined}
      aria-sort={isChosen ? (view.isAscending ? 'ascending' : 'descending') : undefined}
    >
      <button type="button" className="order-button" onClick={() => orderBy(order)}>
        {title}
        <span aria-hidden="true">{isChosen ? (view.isAscending ? ' ↑' : ' ↓') : ''}</span>
      </button>
    </th>
  );
}

/** One run: 26 px of what an observer asks first. */
export const RunRow = memo(function RunRow({
  run,
  index,
  isSelected,
  isMarked,
  top,
  onSelect,
  onOpen,
}: {
  readonly run: Run;
  readonly index: number;
  readonly isSelected: boolean;
  readonly isMarked: boolean;
  readonly top: number;
  readonly onSelect: (id: string, at: number) => void;
  readonly onOpen: (run: Run) => void;
}) {
  const seeing = run.science?.seeingArcsec;
  const fwhm = run.science?.fwhmPx;
  const hasFailed = run.status === 'failed';
  return (
    <tr
      className={hasFailed ? 'run-row run-failed' : 'run-row'}
      id={`run-${run.id}`}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(run.id, index)}
      onDoubleClick={() => onOpen(run)}
    >
      <td>{isMarked && <span className="run-mark">marked</span>}</td>
      <td>
        <StateMark state={run.status} />
      </td>
      <td className="run-picture">
        <Picture run={run} />
      </td>
      <td className="ellipsis" title={run.sciencePath}>
        {nameOfRun(run)}
      </td>
      <td className="number">{nightOf(run) ?? NOT_KNOWN}</td>
      <td className="mono">{run.science?.band ?? NOT_KNOWN}</td>
      <td className="number">
        {seeing !== undefined
          ? `${formatFixed(seeing, 2)}″`
          : fwhm !== undefined
            ? `${formatFixed(fwhm, 1)} px`
            : NOT_KNOWN}
      </td>
      <td>
        <StageStrip run={run} />
      </td>
      {hasFailed ? (
        <td className="run-cause ellipsis" title={run.errorMessage}>
          {shortenPaths(run.errorMessage ?? 'It ended without saying why.', [
            run.sciencePath,
            run.templatePath,
          ])}
        </td>
      ) : (
        <>
          <td className="number">{formatFixed(stageOf(run, 'completeness').metrics.snr50, 1)}</td>
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
        </>
      )}
      <td className="number dim" title={run.createdAt}>
        {formatDay(run.createdAt).slice(5)} {formatClock(run.createdAt).slice(0, 5)}
      </td>
    </tr>
  );
});

/** The stages as one bar, a piece for each: how far the run is, and where it failed. */
function StageStrip({ run }: { readonly run: Run }) {
  const stages = STAGES.map((name) => stageOf(run, name));
  const failed = stages.find(({ status }) => status === 'failed');
  const running = stages.find(({ status }) => status === 'running');
  const done = stages.filter(({ status }) => status === 'done').length;
  const seconds = secondsOf(run);
  return (
    <div className="stage-strip">
      <span
        className="stage-pieces"
        role="img"
        aria-label={
          failed
            ? `failed in ${failed.stage}`
            : running
              ? `in ${running.stage}`
              : `${done} of ${stages.length} stages`
        }
      >
        {stages.map(({ stage, status, seconds: took }) => (
          <span
            key={stage}
            className={`stage-piece stage-${status}`}
            title={`${stage}: ${took === undefined ? status : formatSeconds(took)}`}
          />
        ))}
      </span>
      <span className="number dim">
        {failed ? failed.stage : running ? running.stage : seconds > 0 ? formatSeconds(seconds) : ''}
      </span>
    </div>
  );
}

function Picture({ run }: { readonly run: Run }) {
  const source = useThumbnail(run.picture);
  const cutouts = useMemo(() => (source === undefined ? undefined : [{ source, display: SKY }]), [source]);
  if (run.picture === undefined) return null;
  return <CutoutImage cutouts={cutouts} count={1} side={22} />;
}

/** MJD of 1970-01-01. */
const UNIX_EPOCH_MJD = 40587;

/** The date of the evening of a run's night, from noon to noon UTC. */
function nightOf(run: Run): string | undefined {
  const mjd = run.science?.midpointMjdTai;
  if (mjd === undefined) return undefined;
  return new Date((Math.floor(mjd - 0.5) - UNIX_EPOCH_MJD) * 86_400_000).toISOString().slice(0, 10);
}
