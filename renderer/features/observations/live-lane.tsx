import type { Run } from '../../../core/api/contract/index.ts';
import { useLive } from '../../api/live.ts';
import { formatCount, formatSeconds } from '../../ui/format.ts';
import { StateMark } from '../../ui/marks.tsx';
import { Meter } from '../../ui/meter.tsx';
import { factOf, nameOfRun, STAGES, secondsOf, stageOf } from './describe-run.ts';
import './live-lane.css';

/** The line itself: seven stations, and the exposure that moves through them now or did last. */
export function LiveLane({ run, waiting }: { readonly run: Run; readonly waiting: number }) {
  const progress = useLive((live) => live.progress[run.id]);
  return (
    <section className="live-lane" aria-label="The line">
      <div className="live-head">
        <StateMark state={run.status} />
        <h2 className="ellipsis">{nameOfRun(run)}</h2>
        <span className="dim ellipsis">{describeMoment(run, progress?.message)}</span>
        <span className="top-gap" />
        {waiting > 0 && <span className="dim">{waiting} waiting</span>}
        <span className="number">{formatSeconds(secondsOf(run))}</span>
      </div>
      <ol className="stations">
        {STAGES.map((name) => {
          const stage = stageOf(run, name);
          const fact = factOf(stage);
          const fraction = progress?.stage === name && stage.status === 'running' ? progress.fraction : 0;
          return (
            <li key={name} className={`station station-${stage.status}`}>
              <div className="station-name">
                <span>{name}</span>
                <span className="number dim">
                  {stage.seconds === undefined ? '' : formatSeconds(stage.seconds)}
                </span>
              </div>
              <Meter
                label={`${name} ${stage.status}`}
                fraction={stage.status === 'done' ? 1 : fraction}
                isAccent={stage.status === 'running'}
              />
              <div className="station-fact">
                <span className="mono">{fact?.value ?? '\u00a0'}</span>{' '}
                <span className="dim">{fact?.of}</span>
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function describeMoment(run: Run, message: string | undefined): string {
  switch (run.status) {
    case 'running':
      return message ?? '';
    case 'queued':
      return 'waiting';
    case 'failed':
      return run.errorMessage ?? 'failed';
    case 'cancelled':
      return 'stopped on request';
    case 'done':
      return [`${formatCount(run.candidateCount)} candidates`, ...run.gradeReasons].join(' · ');
  }
}
