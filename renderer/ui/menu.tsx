import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { ActionKey } from './action-key.tsx';
import { KeyCap } from './key-cap.tsx';
import type { Action } from './keys/dispatcher.ts';
import { useActions, useKeysOf } from './keys/use-actions.ts';

/** One choice of a menu. */
export interface Choice<Value> {
  readonly value: Value;
  readonly label: string;
  /** What chooses it without the menu, for its key. */
  readonly action?: Pick<Action, 'id' | 'keys'> | undefined;
  /** Shown at its right. */
  readonly sample?: ReactNode;
}

const NO_ACTION: Pick<Action, 'id' | 'keys'> = { id: '', keys: [] };

/**
 * A button that shows one of several choices and lets another be chosen.
 *
 * Not the system's own list: that would be white in the night.
 */
export function Menu<Value>({
  name,
  choices,
  isChosen,
  onChoose,
  value,
  action,
  isTerse = false,
  children,
}: {
  readonly name: string;
  readonly choices: readonly Choice<Value>[];
  readonly isChosen: (value: Value) => boolean;
  readonly onChoose: (value: Value) => void;
  /** What the button shows. */
  readonly value: string;
  /** What goes on to the next choice, or takes the usual one, for its key. */
  readonly action?: Pick<Action, 'id' | 'keys'> | undefined;
  /** What is chosen tells by itself what it is: narrow windows leave the name out. */
  readonly isTerse?: boolean | undefined;
  /** Under the choices, while they are open. */
  readonly children?: ReactNode;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const [key] = useKeysOf(action ?? NO_ACTION);
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const listId = useId();
  useEffect(() => {
    if (!isOpen) return;
    const items = list.current!.querySelectorAll<HTMLElement>('[role="menuitemradio"]');
    ([...items].find((item) => item.ariaChecked === 'true') ?? items[0])?.focus();
    const close = (event: PointerEvent): void => {
      if (!root.current!.contains(event.target as Node)) setIsOpen(false);
    };
    window.addEventListener('pointerdown', close);
    return () => window.removeEventListener('pointerdown', close);
  }, [isOpen]);

  const close = (): void => {
    setIsOpen(false);
    root.current!.querySelector('button')!.focus();
  };
  const move = (event: KeyboardEvent): void => {
    const items = [...list.current!.querySelectorAll<HTMLElement>('[role="menuitemradio"]')];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const target = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') close();
    else if (target !== undefined) items[target]!.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="menu" ref={root}>
      <button
        type="button"
        className="button"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? listId : undefined}
        aria-keyshortcuts={key}
        onClick={() => setIsOpen(!isOpen)}
      >
        <span className={isTerse ? 'dim menu-terse' : 'dim'}>{name}</span>
        <span className="menu-value">{value}</span>
        {key !== undefined && <KeyCap chord={key} />}
      </button>
      {isOpen && (
        <div className="menu-list">
          <div role="menu" id={listId} ref={list} aria-label={name} onKeyDown={move} tabIndex={-1}>
            {choices.map((choice) => (
              <button
                type="button"
                role="menuitemradio"
                aria-checked={isChosen(choice.value)}
                className="menu-item"
                key={choice.label}
                onClick={() => {
                  onChoose(choice.value);
                  close();
                }}
              >
                <span className="menu-tick" aria-hidden="true">
                  {isChosen(choice.value) ? '•' : ''}
                </span>
                <span className="menu-label">{choice.label}</span>
                {choice.sample}
                {choice.action !== undefined && <ActionKey action={choice.action} />}
              </button>
            ))}
          </div>
          {children !== undefined && <Under onClose={close}>{children}</Under>}
        </div>
      )}
    </div>
  );
}

/** What lies under the choices. Escape closes the menu from there too, and nothing under it hears of it. */
function Under({ onClose, children }: { readonly onClose: () => void; readonly children: ReactNode }) {
  useActions('Menu', 'dialog', [{ id: 'menu.close', title: 'Close', keys: ['Escape'], run: onClose }]);
  return children;
}
