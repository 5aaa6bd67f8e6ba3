import { memo, useMemo } from 'react';
import type { Candidate } from '../../../core/api/contract/index.ts';
import { type Triplet, useTriplet } from '../../api/triplets.ts';
import { FIRST_DISPLAYS } from '../../images/field-view.ts';
import { formatCount, formatFixed } from '../../ui/format.ts';
import { VerdictMark } from '../../ui/marks.tsx';
import { type Cutout, CutoutImage } from '../../viewer/index.ts';

/** Side of a thumbnail, CSS pixels. */
const THUMBNAIL_SIDE = 24;

/** One candidate: its verdict, its three cutouts, how likely and how bright it is. */
export const CandidateRow = memo(function CandidateRow({
  candidate,
  isSelected,
  top,
  onSelect,
}: {
  readonly candidate: Candidate;
  readonly isSelected: boolean;
  readonly top: number;
  readonly onSelect: (id: string) => void;
}) {
  const state = useTriplet(candidate.tripletSha256);
  const triplet = state.kind === 'ready' ? state.triplet : undefined;
  const cutouts = useMemo(() => triplet && cutoutsOf(triplet), [triplet]);
  const percent = Math.round(candidate.score * 100);
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list holds the focus and names its active option
    // biome-ignore lint/a11y/useKeyWithClickEvents: N and P do the same, through the dispatcher
    <div
      className="candidate-row"
      role="option"
      id={`candidate-${candidate.id}`}
      aria-selected={isSelected}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(candidate.id)}
    >
      <VerdictMark verdict={candidate.label?.verdict} />
      <CutoutImage cutouts={cutouts} count={3} side={THUMBNAIL_SIDE} />
      <span className="score-bar" aria-hidden="true">
        <span style={{ width: `${percent}%` }} />
      </span>
      <span className="number">
        <span className="unseen">score</span> {formatFixed(candidate.score, 2)}
      </span>
      <span className="number">
        <span className="unseen">signal to noise</span> {formatFixed(candidate.snr, 1)}
      </span>
      <span className="number">
        <span className="unseen">{candidate.mag === undefined ? 'flux' : 'magnitude'}</span>{' '}
        {candidate.mag === undefined ? formatCount(candidate.fluxE) : formatFixed(candidate.mag, 2)}
      </span>
    </div>
  );
});

function cutoutsOf(triplet: Triplet): readonly Cutout[] {
  const { science, template, difference, sharedLimits: limits } = triplet;
  return [
    { source: science, display: FIRST_DISPLAYS.science, limits },
    { source: template, display: FIRST_DISPLAYS.template, limits },
    { source: difference, display: FIRST_DISPLAYS.difference },
  ];
}
