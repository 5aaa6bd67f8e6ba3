import { type ReactNode, useEffect, useState } from 'react';
import { createPortal } from 'react-dom';

/** The id of the part of the status bar that belongs to the screen. */
export const STATUS_SLOT_ID = 'status-slot';

/** Puts what a screen has to say into the status bar. */
export function StatusSlot({ children }: { readonly children: ReactNode }) {
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  useEffect(() => setSlot(document.getElementById(STATUS_SLOT_ID)), []);
  return slot === null ? null : createPortal(children, slot);
}
