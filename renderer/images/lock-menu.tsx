import { useEffect, useRef } from 'react';
import { KeyCap } from '../ui/key-cap.tsx';
import type { Action } from '../ui/keys/dispatcher.ts';
import { useActions, useKeysOf } from '../ui/keys/use-actions.ts';
import type { Camera } from '../viewer/index.ts';
import { useFieldView } from './field-view.ts';
import { FIRST_LOCKS, LOCKS, type Lock, type LockReach, nextReach, reachesOf } from './locks.ts';
import { setLock } from './move-panes.ts';
import './lock-menu.css';

const TITLES: Readonly<Record<Lock, string>> = {
  position: 'Position',
  zoom: 'Zoom',
  rotation: 'Rotation and flips',
  limits: 'Limits',
  stretch: 'Stretch',
  colormap: 'Colours, contrast, bias',
  cursor: 'Cursor',
};

const REACH_NAMES: Readonly<Record<LockReach, string>> = { off: 'own', like: 'sci = ref', all: 'all' };

/**
 * What the panes have in common: a button that opens the list of locks, each with a digit that goes through its reaches.
 *
 * @param toggle opens and closes it; its key is on the button.
 * @param camera where the active pane looks: locking brings the others there.
 */
export function LockMenu({
  toggle,
  camera,
}: {
  readonly toggle: Action;
  readonly camera: () => Camera | undefined;
}) {
  const locks = useFieldView((view) => view.locks);
  const isOpen = useFieldView((view) => view.hasLockMenu);
  const [key] = useKeysOf(toggle);
  const root = useRef<HTMLDivElement>(null);
  const changed = LOCKS.filter((lock) => locks[lock] !== FIRST_LOCKS[lock]).length;
  useEffect(() => {
    if (!isOpen) return;
    const close = (event: PointerEvent): void => {
      if (!root.current!.contains(event.target as Node)) useFieldView.setState({ hasLockMenu: false });
    };
    window.addEventListener('pointerdown', close);
    return () => window.removeEventListener('pointerdown', close);
  }, [isOpen]);
  return (
    <div className="menu" ref={root}>
      <button
        type="button"
        className="button"
        aria-haspopup="dialog"
        aria-keyshortcuts={key}
        aria-expanded={isOpen}
        title="What the panes have in common"
        onPointerDown={(event) => event.preventDefault()}
        onClick={toggle.run}
      >
        <span className="dim">locks</span>
        <span className="menu-value">{changed === 0 ? 'usual' : `${changed} own`}</span>
        {key !== undefined && <KeyCap chord={key} />}
      </button>
      {isOpen && <LockList camera={camera} toggle={toggle} />}
    </div>
  );
}

function LockList({
  camera,
  toggle,
}: {
  readonly camera: () => Camera | undefined;
  readonly toggle: Action;
}) {
  const locks = useFieldView((view) => view.locks);
  const toggleKeys = useKeysOf(toggle);
  const set = (lock: Lock, reach: LockReach): void => setLock(lock, reach, camera());
  useActions('Locks', 'dialog', [
    ...LOCKS.map(
      (lock, n): Action => ({
        id: `locks.${lock}`,
        title: `${TITLES[lock]}: own or shared`,
        keys: [String(n + 1)],
        run: () => set(lock, nextReach(lock, useFieldView.getState().locks[lock])),
      }),
    ),
    {
      id: 'locks.close',
      title: 'Close',
      keys: ['Escape', ...toggleKeys],
      run: toggle.run,
    },
  ]);
  return (
    <div className="menu-list lock-list" role="dialog" aria-label="What the panes have in common">
      {LOCKS.map((lock, n) => (
        <div key={lock} className="lock-line">
          <KeyCap chord={String(n + 1)} />
          <span className="lock-name">{TITLES[lock]}</span>
          {(['off', 'like', 'all'] as const).map((reach) =>
            reachesOf(lock).includes(reach) ? (
              <button
                key={reach}
                type="button"
                aria-pressed={locks[lock] === reach}
                aria-label={`${TITLES[lock]}: ${REACH_NAMES[reach]}`}
                className="lock-reach"
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => set(lock, reach)}
              >
                {REACH_NAMES[reach]}
              </button>
            ) : (
              <span key={reach} />
            ),
          )}
        </div>
      ))}
    </div>
  );
}
