import type { Label, Taxonomy } from '../../../core/api/contract/index.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { ActionKey } from '../../ui/action-key.tsx';
import { VerdictMark } from '../../ui/marks.tsx';
import type { LabelActions } from './make-label-actions.ts';
import './verdict-bar.css';

/** All decisions with their keys, at the foot of the screen. */
export function VerdictBar({
  actions,
  taxonomy,
  label,
  isFlagged,
  comments,
}: {
  readonly actions: LabelActions;
  readonly taxonomy: Taxonomy | undefined;
  /** The label that counts now. */
  readonly label: Label | undefined;
  readonly isFlagged: boolean;
  readonly comments: number;
}) {
  return (
    <section className="verdict-bar" aria-label="Verdict" data-region="verdict">
      <div className="verdict-row">
        {actions.verdicts.map((action) => (
          <ActionButton
            key={action.id}
            action={action}
            look="outline"
            isPressed={label?.verdict === action.verdict}
          >
            <VerdictMark verdict={action.verdict} /> {action.title}
          </ActionButton>
        ))}
        <span className="top-rule" />
        <span className="dim">sure</span>
        {actions.confidences.map((action) => (
          <ActionButton key={action.id} action={action} isPressed={action.isChosen}>
            {action.word}
          </ActionButton>
        ))}
        <span className="top-gap" />
        <ActionButton action={actions.flag} isPressed={isFlagged}>
          {isFlagged ? 'flagged' : 'flag'}
        </ActionButton>
        <ActionButton action={actions.comment}>
          {comments > 0 ? `comments ${comments}` : 'comment'}
        </ActionButton>
        <ActionButton action={actions.skip}>skip</ActionButton>
        <ActionButton action={actions.undo}>undo</ActionButton>
        <ActionButton action={actions.redo}>redo</ActionButton>
      </div>
      <div className="label-classes">
        {actions.classes.map((action, i) => {
          const one = taxonomy?.classes[i];
          return (
            <button
              key={action.id}
              type="button"
              className="class-button"
              disabled={action.isEnabled === false}
              aria-pressed={one !== undefined && label?.classId === one.id}
              title={`${action.title}`}
              onPointerDown={(event) => event.preventDefault()}
              onClick={action.run}
            >
              {action.keys.length === 0 && <span className="key-gap" />}
              <ActionKey action={action} />
              <VerdictMark verdict={one?.verdict} />
              <span className="ellipsis">{one?.name}</span>
            </button>
          );
        })}
      </div>
    </section>
  );
}
