import { ActionButton } from './action-button.tsx';
import type { Action } from './keys/dispatcher.ts';
import { useActions } from './keys/use-actions.ts';
import { StateMark } from './marks.tsx';

/** What went wrong, and what can be done about it: one line, with keys of its own while it is there. */
export function FailureNote({
  failure,
  onRetry,
  onDismiss,
}: {
  readonly failure: { readonly code: string; readonly message: string };
  readonly onRetry?: (() => void) | undefined;
  readonly onDismiss?: (() => void) | undefined;
}) {
  const actions: Action[] = [];
  if (onRetry) actions.push({ id: 'failure.retry', title: 'Try again', keys: ['F5'], run: onRetry });
  if (onDismiss) actions.push({ id: 'failure.dismiss', title: 'Dismiss', keys: ['Escape'], run: onDismiss });
  useActions('This message', 'screen', actions);
  return (
    <div className="failure-note" role="alert">
      <StateMark state="failed" />
      <span className="selectable">
        {failure.message} <span className="mono dim">{failure.code}</span>
      </span>
      <span className="top-gap" />
      {actions.map((action) => (
        <ActionButton key={action.id} action={action} />
      ))}
    </div>
  );
}
