import type { RefObject } from 'react';
import type { Review } from '../../../core/api/contract/index.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { formatClock, formatDay } from '../../ui/format.ts';
import { nameOfChord } from '../../ui/key-cap.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useKeysOf } from '../../ui/keys/use-actions.ts';
import { StateMark } from '../../ui/marks.tsx';

/** What a person decides on a whole difference, and what stands. */
export function DecisionPanel({
  review,
  comment,
  onComment,
  field,
  actions,
}: {
  readonly review: Review | undefined;
  readonly comment: string;
  readonly onComment: (comment: string) => void;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly actions: Readonly<Record<'accept' | 'reject' | 'takeBack' | 'comment', Action>>;
}) {
  const [commentKey] = useKeysOf(actions.comment);
  return (
    <section className="decision" aria-label="Decision on this difference">
      <div className="decision-buttons">
        <ActionButton action={actions.accept} look="outline" isPressed={review?.decision === 'accepted'}>
          <StateMark state="done" /> Accept
        </ActionButton>
        <ActionButton action={actions.reject} look="outline" isPressed={review?.decision === 'rejected'}>
          <StateMark state="failed" /> Reject
        </ActionButton>
      </div>
      <input
        ref={field}
        className="palette-input decision-comment"
        type="text"
        maxLength={2000}
        aria-label="Comment on the decision"
        placeholder={commentKey === undefined ? 'Why' : `Why (${nameOfChord(commentKey)})`}
        value={comment}
        onChange={(event) => onComment(event.target.value)}
        onKeyDown={(event) => {
          // Escape leaves the text as it is and gives the keys back to the screen.
          if (event.key === 'Escape' || event.key === 'Enter') {
            event.preventDefault();
            event.stopPropagation();
            event.currentTarget.blur();
          }
        }}
      />
      <div className="decision-state">
        {review === undefined ? (
          <span className="dim">Nobody has decided on this difference yet</span>
        ) : (
          <>
            <span className="ellipsis" title={review.comment}>
              {review.decision} by {review.curator}{' '}
              <span className="mono dim">
                {formatDay(review.decidedAt)} {formatClock(review.decidedAt)}
              </span>
              {review.comment !== undefined && <span className="dim"> · {review.comment}</span>}
            </span>
            <span className="top-gap" />
            <ActionButton action={actions.takeBack}>undo</ActionButton>
          </>
        )}
      </div>
    </section>
  );
}
