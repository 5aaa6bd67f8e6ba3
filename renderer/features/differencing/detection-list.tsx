import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { Candidate } from '../../../core/api/contract/index.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { formatFixed } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { VerdictMark } from '../../ui/marks.tsx';
import { Menu } from '../../ui/menu.tsx';
import { SHOWN, useReviewView } from './review-view.ts';

const ROW_HEIGHT = 26;

/** Every detection of a difference, also those that a veto kept from being candidates, with the reason. */
export function DetectionList({
  detections,
  isComplete,
  selectedId,
  previous,
  next,
  onSelect,
}: {
  readonly detections: readonly Candidate[];
  /** Whether the core has told of all of them. */
  readonly isComplete: boolean;
  readonly selectedId: string | undefined;
  readonly previous: Action;
  readonly next: Action;
  readonly onSelect: (id: string) => void;
}) {
  const shown = useReviewView((view) => view.shown);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: detections.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const index = detections.findIndex(({ id }) => id === selectedId);
  useEffect(() => {
    if (index >= 0) rows.scrollToIndex(index, { align: 'auto' });
  }, [rows, index]);
  return (
    <section className="detections" aria-label="Detections">
      <div className="detections-head">
        <Menu
          name="detections"
          choices={SHOWN.map((value) => ({ value, label: value }))}
          value={`${shown} ${detections.length}`}
          isChosen={(value) => value === shown}
          onChoose={(value) => useReviewView.setState({ shown: value })}
        />
        <span className="top-gap" />
        <ActionButton action={previous}>prev</ActionButton>
        <ActionButton action={next}>next</ActionButton>
      </div>
      <div
        className="detections-scroller"
        ref={scroller}
        role="listbox"
        aria-label="Detections, candidates first"
        aria-activedescendant={index < 0 ? undefined : `detection-${selectedId}`}
        tabIndex={0}
        data-region="detections"
      >
        {isComplete && detections.length === 0 && (
          <p className="grade-none dim">Nothing was detected here.</p>
        )}
        <div role="presentation" style={{ position: 'relative', height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => (
            <DetectionRow
              key={detections[item.index]!.id}
              detection={detections[item.index]!}
              isSelected={item.index === index}
              top={item.start}
              onSelect={onSelect}
            />
          ))}
        </div>
      </div>
    </section>
  );
}

function DetectionRow({
  detection,
  isSelected,
  top,
  onSelect,
}: {
  readonly detection: Candidate;
  readonly isSelected: boolean;
  readonly top: number;
  readonly onSelect: (id: string) => void;
}) {
  const why = detection.vetoes.map(({ rule, reason }) => `${rule}: ${reason}`).join('; ');
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list holds the focus and names its active option
    // biome-ignore lint/a11y/useKeyWithClickEvents: N and P do the same, through the dispatcher
    <div
      className="detection-row"
      role="option"
      id={`detection-${detection.id}`}
      aria-selected={isSelected}
      title={why || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(detection.id)}
    >
      {why === '' ? <VerdictMark verdict={detection.label?.verdict} /> : <VetoMark />}
      <span className="number">
        <span className="unseen">signal to noise</span> {formatFixed(detection.snr, 1)}
      </span>
      {why === '' ? (
        <span className="dim ellipsis">
          candidate <span className="mono">{formatFixed(detection.score, 2)}</span>
        </span>
      ) : (
        <span className="ellipsis">{why}</span>
      )}
    </div>
  );
}

/** A diamond, as on the images. */
function VetoMark() {
  return (
    <svg className="mark mark-warn" width="14" height="14" viewBox="0 0 14 14" role="img" aria-label="vetoed">
      <path d="M7 1.5 12.5 7 7 12.5 1.5 7Z" fill="none" stroke="currentColor" strokeWidth="1.3" />
    </svg>
  );
}
