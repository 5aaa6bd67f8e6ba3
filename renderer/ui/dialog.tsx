import { X } from 'lucide-react';
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { ActionButton } from './action-button.tsx';
import type { Action } from './keys/dispatcher.ts';
import { useActions } from './keys/use-actions.ts';

const NO_ACTIONS: readonly Action[] = [];

/** A window in the window: it takes the keyboard and gives it back when it closes. */
export function Dialog({
  title,
  onClose,
  actions = NO_ACTIONS,
  className = '',
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly actions?: readonly Action[] | undefined;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const close: Action = { id: 'dialog.close', title: 'Close', keys: ['Escape'], run: onClose };
  useActions(title, 'dialog', [...actions, close]);
  // In the layout phase: when it ends the dialog is still in the page, and closing gives the focus back.
  useLayoutEffect(() => {
    const dialog = element.current!;
    dialog.showModal();
    // Not the button that closes it, which the browser takes first: Enter would be its own.
    (dialog.querySelector<HTMLElement>('[data-focus-first]') ?? dialog).focus();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={element}
      tabIndex={-1}
      className={`dialog ${className}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <ActionButton action={close}>
          <X size={16} strokeWidth={1.5} aria-hidden="true" />
        </ActionButton>
      </div>
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}
