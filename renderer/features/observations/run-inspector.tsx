import type { ReactNode } from 'react';
import type { ExposureSummary, Run } from '../../../core/api/contract/index.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { formatFixed, formatSeconds } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { GradeMark } from '../../ui/marks.tsx';
import { formatPlace } from '../../viewer/index.ts';
import { describeSafety, fileName, nameOfRun, STAGES, secondsOf, stageOf } from './describe-run.ts';
import { placeOfFailure } from './write-report.ts';

/** What is known of the chosen run, or what went wrong with it; its size never changes. */
export function RunInspector({ run, actions }: { readonly run: Run; readonly actions: readonly Action[] }) {
  return (
    <section className="inspector" aria-label={`Details of ${nameOfRun(run)}`}>
      {run.status === 'failed' ? <Failed run={run} /> : <Facts run={run} />}
      <div className="inspector-actions">
        {actions.map((action) => (
          <ActionButton key={action.id} action={action} look="outline" />
        ))}
      </div>
    </section>
  );
}

function Failed({ run }: { readonly run: Run }) {
  const place = placeOfFailure(run);
  const failed = STAGES.map((name) => stageOf(run, name)).find(({ status }) => status === 'failed');
  return (
    <dl className="facts facts-failed selectable">
      <Fact name="What">
        <strong>{run.errorMessage ?? failed?.errorMessage ?? 'The run ended without saying why.'}</strong>
      </Fact>
      <Fact name="Where">
        <span className="mono">{run.errorCode ?? failed?.errorCode}</span>
        {failed && ` in ${failed.stage}`} of {fileName(run.sciencePath)} with {fileName(run.templatePath)}
        {place !== undefined && <strong>, {place}</strong>}
      </Fact>
      <Fact name="Safe">{describeSafety(run)}</Fact>
      <Fact name="Next">Mend what the message names, then retry; or leave it: the other fields go on.</Fact>
    </dl>
  );
}

function Facts({ run }: { readonly run: Run }) {
  const registration = stageOf(run, 'register').metrics;
  const difference = stageOf(run, 'difference').metrics;
  const beyond = difference.kernelStarsBeyond5Sigma;
  return (
    <>
      <dl className="facts selectable">
        <Exposure name="Science" exposure={run.science} path={run.sciencePath} />
        <Exposure name="Template" exposure={run.template} path={run.templatePath} />
        {run.science?.center && (
          <Fact name="Centre">
            <span className="mono">
              {formatPlace(run.science.center.raDeg, run.science.center.decDeg, 1)}
            </span>
          </Fact>
        )}
        <Fact name="Took">
          <span className="mono">{formatSeconds(secondsOf(run))}</span>
        </Fact>
      </dl>
      <dl className="facts selectable">
        <Fact name="Registration">
          <span className="mono">{formatFixed(registration.rmsPx, 3)}</span>
          {registration.rmsPx !== undefined && (
            <>
              {' '}
              px rms of <span className="mono">{formatFixed(registration.matched, 0)}</span> stars
            </>
          )}
        </Fact>
        <Fact name="Flux ratio">
          <span className="mono">{formatFixed(difference.fluxRatio, 4)}</span>
        </Fact>
        <Fact name="S_corr">
          <span className="mono">{formatFixed(difference.scorrMadStd, 3)}</span>
          {difference.scorrMadStd !== undefined && ' σ by its median absolute deviation'}
        </Fact>
        <Fact name="Stars left">
          <span className="mono">{formatFixed(beyond === undefined ? undefined : 100 * beyond, 1)}</span>
          {beyond !== undefined && ' % beyond 5 σ'}
        </Fact>
        <Fact name="Grade">
          {run.grade !== undefined && <GradeMark grade={run.grade} />}{' '}
          {run.gradeReasons.join(' ') || (run.grade === undefined ? 'not yet' : 'nothing to complain about')}
        </Fact>
      </dl>
    </>
  );
}

function Exposure({
  name,
  exposure,
  path,
}: {
  readonly name: string;
  readonly exposure: ExposureSummary | undefined;
  readonly path: string;
}) {
  const seconds = exposure?.exposureS;
  const parts = [
    exposure && `${exposure.width} × ${exposure.height}`,
    exposure?.instrument,
    exposure?.band,
    seconds === undefined ? undefined : `${formatFixed(seconds, 0)} s`,
    exposure?.midpointMjdTai && `MJD ${formatFixed(exposure.midpointMjdTai, 4)}`,
  ];
  return (
    <Fact name={name}>
      <span title={path}>{fileName(path)}</span>{' '}
      <span className="mono dim">{parts.filter((part) => part !== undefined).join('  ')}</span>
    </Fact>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="fact">
      <dt className="dim">{name}</dt>
      <dd className="ellipsis">{children}</dd>
    </div>
  );
}
