import { useEffect, useMemo, useRef, useState } from 'react';
import type { QueueItem } from '../../../core/api/contract/index.ts';
import { useTriplet } from '../../api/triplets.ts';
import { VerdictMark } from '../../ui/marks.tsx';
import { CutoutImage } from '../../viewer/index.ts';
import type { LabelQueue, QueuePlace } from './label-queue.ts';
import type { Look } from './looks.ts';

/** The grid's shape. */
export const GRID = { columns: 6, rows: 4 } as const;
const PAGE = GRID.columns * GRID.rows;

/** The places of the page that the cursor is on. */
export function pageOf(queue: LabelQueue): readonly QueuePlace[] {
  const first = Math.floor(Math.min(queue.cursor, Math.max(0, queue.items.length - 1)) / PAGE) * PAGE;
  return queue.items.slice(first, first + PAGE);
}

/** Twenty-four triplets at once, for what is obvious. */
export function LabelGrid({
  queue,
  items,
  look,
  onGo,
}: {
  readonly queue: LabelQueue;
  readonly items: ReadonlyMap<string, QueueItem>;
  readonly look: Look;
  readonly onGo: (candidateId: string) => void;
}) {
  const element = useRef<HTMLDivElement>(null);
  const [side, setSide] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      const across = (width - GRID.columns) / GRID.columns / 3 - 2;
      setSide(Math.max(20, Math.floor(Math.min(across, height / GRID.rows - 26))));
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  const here = queue.items[queue.cursor]?.candidateId;
  return (
    <div className="label-grid" ref={element}>
      {side > 0 &&
        pageOf(queue).map((place) => (
          <GridCell
            key={place.candidateId}
            place={place}
            item={items.get(place.candidateId)}
            isHere={place.candidateId === here}
            side={side}
            look={look}
            onGo={() => onGo(place.candidateId)}
          />
        ))}
    </div>
  );
}

function GridCell({
  place,
  item,
  isHere,
  side,
  look,
  onGo,
}: {
  readonly place: QueuePlace;
  readonly item: QueueItem | undefined;
  readonly isHere: boolean;
  readonly side: number;
  readonly look: Look;
  readonly onGo: () => void;
}) {
  const state = useTriplet(item?.tripletSha256);
  const triplet = state.kind === 'ready' ? state.triplet : undefined;
  const limits = look.sharesLimits ? triplet?.sharedLimits : undefined;
  const verdict = place.label?.verdict;
  const cutouts = useMemo(
    () =>
      triplet && [
        { source: triplet.science, display: look.cutout, limits },
        { source: triplet.template, display: look.cutout, limits },
        { source: triplet.difference, display: look.difference },
      ],
    [triplet, look, limits],
  );
  return (
    <button
      type="button"
      className="grid-cell"
      aria-current={isHere ? 'true' : undefined}
      aria-label={`S/N ${item?.snr.toFixed(1) ?? ''}, ${verdict ?? 'not labelled'}`}
      onPointerDown={(event) => event.preventDefault()}
      onClick={onGo}
    >
      <CutoutImage count={3} side={side} cutouts={cutouts} />
      <span className="grid-foot mono">
        <VerdictMark verdict={verdict} /> S/N {item?.snr.toFixed(1)}
      </span>
    </button>
  );
}
