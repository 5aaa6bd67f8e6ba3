import type { ReactNode } from 'react';
import { KeyCap } from './key-cap.tsx';
import type { Action } from './keys/dispatcher.ts';
import { useKeysOf } from './keys/use-actions.ts';

/**
 * A button for an action, with its key.
 *
 * A click leaves the focus where it was, so that the next key goes to the screen and not to the button.
 *
 * @param children instead of the action's title.
 */
export function ActionButton({
  action,
  look = 'plain',
  isPressed,
  children,
}: {
  readonly action: Action;
  readonly look?: 'plain' | 'outline' | 'primary' | undefined;
  readonly isPressed?: boolean | undefined;
  readonly children?: ReactNode;
}) {
  const [key] = useKeysOf(action);
  return (
    <button
      type="button"
      className={`button button-${look}`}
      disabled={action.isEnabled === false}
      aria-pressed={isPressed}
      aria-keyshortcuts={key}
      title={children === undefined ? undefined : action.title}
      onPointerDown={(event) => event.preventDefault()}
      onClick={action.run}
    >
      {children ?? action.title}
      {key !== undefined && <KeyCap chord={key} />}
    </button>
  );
}
