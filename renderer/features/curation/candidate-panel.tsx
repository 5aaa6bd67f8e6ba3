import type { ReactNode } from 'react';
import type { Candidate } from '../../../core/api/contract/index.ts';
import { formatFixed, NOT_KNOWN } from '../../ui/format.ts';
import { KeyCap } from '../../ui/key-cap.tsx';
import { Meter } from '../../ui/meter.tsx';
import { formatPlace } from '../../viewer/index.ts';

/** What was measured of the candidate; the model's opinion only when it is asked for. */
export function CandidatePanel({
  candidate,
  isScoreVisible,
  pixelScaleArcsec,
}: {
  readonly candidate: Candidate;
  readonly isScoreVisible: boolean;
  readonly pixelScaleArcsec: number | undefined;
}) {
  const { raDeg, decDeg, mag, fluxE, fluxErrE } = candidate;
  return (
    <>
      <section className="score-panel" aria-label="Score">
        <span className="dim">score</span>
        {isScoreVisible ? (
          <>
            <Meter label="score" fraction={candidate.score} isAccent />
            <span className="number score-value">{formatFixed(candidate.score, 3)}</span>
          </>
        ) : (
          <>
            <span className="dim">hidden until you ask</span>
            <KeyCap chord="T" />
          </>
        )}
      </section>
      <dl className="measures selectable">
        <Measure name="S/N">{formatFixed(candidate.snr, 1)}</Measure>
        <Measure name="S_corr">{formatFixed(candidate.scorr, 1)} σ</Measure>
        <Measure name="flux">
          {formatFixed(fluxE, 0)} ± {formatFixed(fluxErrE, 0)} e-
        </Measure>
        <Measure name="mag">{mag === undefined ? NOT_KNOWN : `${formatFixed(mag, 2)} mag`}</Measure>
        <Measure name="x y">
          {formatFixed(candidate.xPx + 1, 2)} {formatFixed(candidate.yPx + 1, 2)}
        </Measure>
        <Measure name="RA Dec">
          {raDeg === undefined || decDeg === undefined
            ? NOT_KNOWN
            : formatPlace(raDeg, decDeg, pixelScaleArcsec ?? 1)}
        </Measure>
        <Measure name="change">{candidate.isNegative ? 'fainter' : 'brighter'}</Measure>
        {candidate.vetoes.map(({ rule, reason }) => (
          <Measure key={rule} name={rule}>
            {reason}
          </Measure>
        ))}
        <Measure name="flags">{candidate.flags.join(', ') || 'none'}</Measure>
      </dl>
      <dl className="features selectable" aria-label="Features" tabIndex={0}>
        {Object.entries(candidate.features).map(([name, value]) => (
          <Measure key={name} name={name}>
            {formatFeature(value)}
          </Measure>
        ))}
      </dl>
    </>
  );
}

function Measure({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="measure">
      <dt className="dim ellipsis">{name}</dt>
      <dd className="number">{children}</dd>
    </div>
  );
}

function formatFeature(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 1e5 ? value.toExponential(2) : value.toPrecision(4);
}
