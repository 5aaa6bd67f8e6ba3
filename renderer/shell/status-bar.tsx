import { useLive } from '../api/live.ts';
import { useLabelCount } from '../api/queries.ts';
import { formatCount, formatMebibytes, NOT_KNOWN } from '../ui/format.ts';
import { nameOfChord } from '../ui/key-cap.tsx';
import { STATUS_SLOT_ID } from '../ui/status-slot.tsx';
import { toggleNight, useTheme } from '../ui/theme.ts';
import { useCanvasStatus } from '../viewer/index.ts';

/** The line at the foot: left what the screen has to say, right what is always true. */
export function StatusBar() {
  const labels = useLabelCount();
  return (
    <footer className="status-bar">
      <div id={STATUS_SLOT_ID} className="status-slot" />
      <span className="status-item" title="Labels on disk">
        saved <span className="mono">{labels.data === undefined ? NOT_KNOWN : formatCount(labels.data)}</span>
      </span>
      <Connection />
      <Graphics />
      <ThemeButton />
    </footer>
  );
}

function Connection() {
  const connection = useLive((live) => live.connection);
  const words = { open: 'live', connecting: 'connecting', down: 'no core' }[connection];
  const title = {
    open: 'The core answers',
    connecting: 'Connecting to the core',
    down: 'The core does not answer. What was saved is on disk; the window tries again by itself.',
  }[connection];
  return (
    <span className="status-item" title={title}>
      <svg
        className={`mark mark-${connection === 'down' ? 'warn' : 'dim'}`}
        width="10"
        height="10"
        viewBox="0 0 10 10"
        aria-hidden="true"
      >
        <circle
          cx="5"
          cy="5"
          r="3.5"
          fill={connection === 'open' ? 'currentColor' : 'none'}
          stroke="currentColor"
        />
      </svg>{' '}
      {words}
    </span>
  );
}

function Graphics() {
  const { state, residentBytes, losses } = useCanvasStatus();
  if (state === 'unavailable')
    return (
      <span className="status-item" title="WebGL2 is not available: cutouts are painted by the processor.">
        no WebGL2
      </span>
    );
  return (
    <span
      className="status-item"
      title={`Image tiles on the graphics card${losses > 0 ? `; rebuilt ${losses} times` : ''}`}
    >
      GPU <span className="mono status-bytes">{formatMebibytes(residentBytes)}</span>
    </span>
  );
}

function ThemeButton() {
  const { theme } = useTheme();
  return (
    <button
      type="button"
      className="status-button"
      aria-pressed={theme === 'night'}
      aria-keyshortcuts="F9"
      title={`Night red  ${nameOfChord('F9')}`}
      onPointerDown={(event) => event.preventDefault()}
      onClick={toggleNight}
    >
      {theme} <kbd className="key-cap">F9</kbd>
    </button>
  );
}
