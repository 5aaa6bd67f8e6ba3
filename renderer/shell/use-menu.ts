import { useEffect } from 'react';
import { flushSync } from 'react-dom';
import { findBridge, type MenuAction } from '../api/bridge.ts';
import { useKeys } from '../ui/keys/use-actions.ts';
import { goTo } from './navigation.ts';

/** The actions behind the entries of Electron's menu. */
const ACTIONS: Readonly<Record<MenuAction, string>> = {
  'open-image': 'shell.open-image',
  'open-pair': 'queue.pair',
  'show-queue': 'shell.queue',
  'show-field': 'shell.field',
  'show-label': 'shell.label',
  'show-settings': 'shell.settings',
  'show-keys': 'shell.key-sheet',
  larger: 'shell.larger',
  smaller: 'shell.smaller',
  'usual-size': 'shell.usual-size',
};

/** Do what is chosen in Electron's menu. */
export function useMenu(): void {
  const keys = useKeys();
  useEffect(
    () =>
      findBridge()?.onMenu((entry) => {
        // Files are opened from the queue, wherever the person is.
        if (entry === 'open-pair') flushSync(() => goTo({ screen: 'queue' }));
        keys.runAction(ACTIONS[entry]);
      }),
    [keys],
  );
}
