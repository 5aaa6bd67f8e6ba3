import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { QueueItem } from '../../../core/api/contract/index.ts';
import { neighboursOf } from '../../api/labelling.ts';
import { ActionKey } from '../../ui/action-key.tsx';
import { formatFixed, NOT_KNOWN } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { Meter } from '../../ui/meter.tsx';
import { nameOfFeature } from './name-of-feature.ts';
import { LOOKED_AT_MS, useDwell } from './use-dwell.ts';

/** What was measured of the candidate; the model's opinion only when it is asked for. */
export function CandidatePanel({
  item,
  score,
  reveal,
}: {
  readonly item: QueueItem;
  /** Absent while it is hidden: then it is not in the window either. */
  readonly score: number | undefined;
  readonly reveal: Action;
}) {
  const { raDeg, decDeg, mag, fluxE, fluxErrE } = item;
  return (
    <>
      <section className="measured" aria-label="Measured">
        <div className="score-panel">
          {score === undefined ? (
            <>
              <span className="dim">score hidden</span>
              <ActionKey action={reveal} />
            </>
          ) : (
            <>
              <span className="dim">score</span>
              <Meter label="score" fraction={score} isAccent />
              <span className="number score-value">{formatFixed(score, 3)}</span>
            </>
          )}
        </div>
        <dl className="measures selectable">
          <Measure name="S/N">{formatFixed(item.snr, 1)}</Measure>
          <Measure name="S_corr">{formatFixed(item.scorr, 1)} σ</Measure>
          <Measure name="flux e-">
            {formatFixed(fluxE, 0)} ± {formatFixed(fluxErrE, 0)}
          </Measure>
          <Measure name="mag">{mag === undefined ? NOT_KNOWN : formatFixed(mag, 2)}</Measure>
          <Measure name="x y">
            {formatFixed(item.xPx + 1, 1)} {formatFixed(item.yPx + 1, 1)}
          </Measure>
          <Measure name="RA">{raDeg === undefined ? NOT_KNOWN : formatFixed(raDeg, 5)}</Measure>
          <Measure name="Dec">{decDeg === undefined ? NOT_KNOWN : formatFixed(decDeg, 5)}</Measure>
          <Measure name="change">{item.isNegative ? 'fainter' : 'brighter'}</Measure>
          <Measure name="flags">{item.flags.join(' ') || 'none'}</Measure>
          {item.vetoes.map(({ rule, reason }) => (
            <Measure key={rule} name={rule}>
              {reason}
            </Measure>
          ))}
        </dl>
      </section>
      <section className="described" aria-label="Crossmatch and features">
        <Neighbours item={item} />
        <dl className="features selectable" aria-label="Features" tabIndex={0}>
          {featuresOf(item).map(([name, value]) => (
            <Measure key={name} name={nameOfFeature(name)}>
              {formatFeature(value)}
            </Measure>
          ))}
        </dl>
      </section>
    </>
  );
}

/** The nearest stars of the catalogues that were imported. */
function Neighbours({ item }: { readonly item: QueueItem }) {
  const enabled = useDwell(item.candidateId, LOOKED_AT_MS);
  const { data } = useQuery({ ...neighboursOf(item.candidateId), enabled });
  const nearest = data?.items.slice(0, 3) ?? [];
  return (
    <section className="neighbours selectable" aria-label="Crossmatch">
      {nearest.map((star) => (
        <div className="measure" key={`${star.catalog} ${star.id}`} title={`${star.catalog} ${star.id}`}>
          <span className="dim ellipsis">
            {star.catalog}
            {star.isVariable ? ' var' : ''}
          </span>
          <span className="number">
            {formatFixed(star.separationArcsec, 1)}″{' '}
            {star.mags[0] && `${star.mags[0].band} ${formatFixed(star.mags[0].mag, 1)}`}
          </span>
        </div>
      ))}
      {nearest.length === 0 && (
        <p className="dim">{data === undefined ? ' ' : sentenceFor(item, data.catalogs.length)}</p>
      )}
    </section>
  );
}

function sentenceFor(item: QueueItem, catalogs: number): string {
  if (item.raDeg === undefined) return 'no crossmatch: no coordinates';
  return catalogs === 0 ? 'no crossmatch: no catalogue is imported' : 'no star within 10″';
}

function Measure({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="measure">
      <dt className="dim ellipsis" title={name}>
        {name}
      </dt>
      <dd className="number">{children}</dd>
    </div>
  );
}

/** Features that do not stand among what was measured already. */
function featuresOf({ features }: QueueItem): readonly (readonly [string, number])[] {
  return Object.entries(features).filter(([name]) => !['snr', 'scorr', 'isNegative'].includes(name));
}

function formatFeature(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 1e5 ? value.toExponential(1) : value.toPrecision(3);
}
