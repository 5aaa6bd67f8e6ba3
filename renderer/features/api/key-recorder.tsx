import { useEffect } from 'react';
import { chordOf } from '../../ui/keys/dispatcher.ts';

/** Waits for the next key and takes it before anything else does; Escape gives up. */
export function KeyRecorder({
  onChord,
  onCancel,
}: {
  readonly onChord: (chord: string) => void;
  readonly onCancel: () => void;
}) {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.key === 'Escape') {
        onCancel();
        return;
      }
      const chord = chordOf(event);
      if (chord !== undefined) onChord(chord);
    };
    // Before the dispatcher, which listens on the window while the event comes back up.
    window.addEventListener('keydown', listen, { capture: true });
    return () => window.removeEventListener('keydown', listen, { capture: true });
  }, [onChord, onCancel]);
  return (
    <span className="key-recorder" role="status">
      press a key, Esc to leave
    </span>
  );
}
