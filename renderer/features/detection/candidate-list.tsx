import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { Candidate, SkyLattice } from '../../../core/api/contract/index.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { formatFixed } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { formatPlace } from '../../viewer/index.ts';
import { CandidateRow } from './candidate-row.tsx';

const ROW_HEIGHT = 26;

/** The candidates of a field, best first, and what is known of the chosen one. */
export function CandidateList({
  candidates,
  selected,
  sky,
  previous,
  next,
  isComplete,
  onSelect,
}: {
  readonly candidates: readonly Candidate[];
  readonly selected: Candidate | undefined;
  readonly sky: SkyLattice | undefined;
  readonly previous: Action;
  readonly next: Action;
  /** Whether the core has told of all of them. */
  readonly isComplete: boolean;
  readonly onSelect: (id: string) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: candidates.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const index = selected === undefined ? -1 : candidates.indexOf(selected);
  useEffect(() => {
    if (index >= 0) rows.scrollToIndex(index, { align: 'auto' });
  }, [rows, index]);
  const labelled = candidates.filter(({ label }) => label !== undefined).length;
  return (
    <>
      <div className="candidate-head">
        <h2>Candidates</h2>
        <span className="dim mono">
          {labelled}/{candidates.length}
        </span>
        <span className="top-gap" />
        <ActionButton action={previous}>prev</ActionButton>
        <ActionButton action={next}>next</ActionButton>
      </div>
      <div className="candidate-row candidate-headings dim" aria-hidden="true">
        <span />
        <span>sci ref diff</span>
        <span>score</span>
        <span />
        <span className="right">S/N</span>
        <span className="right">{candidates[0]?.mag === undefined ? 'flux e-' : 'mag'}</span>
      </div>
      <div
        className="candidate-scroller"
        ref={scroller}
        role="listbox"
        aria-label="Candidates, best first"
        aria-activedescendant={selected && `candidate-${selected.id}`}
        tabIndex={0}
        data-region="candidates"
      >
        {isComplete && candidates.length === 0 && (
          <p className="candidate-none dim">Nothing changed here that passes the vetoes.</p>
        )}
        <div className="candidate-rows" role="presentation" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => (
            <CandidateRow
              key={candidates[item.index]!.id}
              candidate={candidates[item.index]!}
              isSelected={item.index === index}
              top={item.start}
              onSelect={onSelect}
            />
          ))}
        </div>
      </div>
      <CandidateFacts candidate={selected} sky={sky} />
    </>
  );
}

function CandidateFacts({
  candidate,
  sky,
}: {
  readonly candidate: Candidate | undefined;
  readonly sky: SkyLattice | undefined;
}) {
  if (candidate === undefined) return <div className="candidate-facts dim">No candidate chosen</div>;
  const { raDeg, decDeg, fluxE, fluxErrE, scorr, flags, xPx, yPx } = candidate;
  const scale = sky?.pixelScaleArcsec ?? 1;
  return (
    <div className="candidate-facts selectable">
      <div className="mono">
        {raDeg === undefined || decDeg === undefined
          ? 'no sky coordinates'
          : formatPlace(raDeg, decDeg, scale)}
      </div>
      <div className="mono">
        x {formatFixed(xPx + 1, 2)} y {formatFixed(yPx + 1, 2)}
      </div>
      <div className="mono">
        {formatFixed(fluxE, 0)} ± {formatFixed(fluxErrE, 0)} e- <span className="dim">S_corr</span>{' '}
        {formatFixed(scorr, 1)} σ
      </div>
      <div className="ellipsis dim">{flags.length > 0 ? flags.join(', ') : 'no flags'}</div>
    </div>
  );
}
