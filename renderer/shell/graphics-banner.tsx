import { useState } from 'react';
import { ActionButton } from '../ui/action-button.tsx';
import type { Action } from '../ui/keys/dispatcher.ts';
import { isCardTrusted, useCanvasStatus } from '../viewer/index.ts';

/** Says once that the graphics card keeps resetting, and what is done about it. */
export function GraphicsBanner() {
  const status = useCanvasStatus();
  const [hiddenAt, setHiddenAt] = useState(0);
  if (
    status.state === 'unavailable' ||
    status.losses <= hiddenAt ||
    isCardTrusted({ ...status, state: 'ready' })
  )
    return null;
  const hide: Action = {
    id: 'shell.hide-graphics',
    title: 'Hide',
    keys: [],
    run: () => setHiddenAt(status.losses),
  };
  return (
    <div className="graphics-banner" role="alert">
      <span>
        The graphics card has reset {status.losses} times. Cutouts are painted by the processor from now on;
        large images are drawn again from memory each time. Your labels are not touched. A newer driver may
        help.
      </span>
      <ActionButton action={hide} look="outline" />
    </div>
  );
}
