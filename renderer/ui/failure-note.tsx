import type { ReactNode } from 'react';
import { StateMark } from './marks.tsx';

/** What went wrong, where, and what can be done: one line that does not cover anything. */
export function FailureNote({
  failure,
  onRetry,
  onDismiss,
  children,
}: {
  readonly failure: { readonly code: string; readonly message: string };
  readonly onRetry?: (() => void) | undefined;
  readonly onDismiss?: (() => void) | undefined;
  readonly children?: ReactNode;
}) {
  return (
    <div className="failure-note" role="alert">
      <StateMark state="failed" />
      <span className="selectable">
        {failure.message} <span className="mono dim">{failure.code}</span>
      </span>
      <span className="top-gap" />
      {children}
      {onRetry && (
        <button type="button" className="button button-outline" onClick={onRetry}>
          Try again
        </button>
      )}
      {onDismiss && (
        <button type="button" className="button" onClick={onDismiss}>
          Dismiss
        </button>
      )}
    </div>
  );
}
