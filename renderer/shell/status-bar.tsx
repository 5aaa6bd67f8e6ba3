import { useLive } from '../api/live.ts';
import { useLabelCount, useShared } from '../api/queries.ts';
import { useSamp, useSampNews } from '../api/samp.ts';
import { formatCount, formatMebibytes, NOT_KNOWN } from '../ui/format.ts';
import { nameOfChord } from '../ui/key-cap.tsx';
import { setScale, useScale } from '../ui/scale.ts';
import { STATUS_SLOT_ID } from '../ui/status-slot.tsx';
import { toggleNight, useTheme } from '../ui/theme.ts';
import { useCanvasStatus } from '../viewer/index.ts';

/** The line at the foot: left what the screen has to say, right what is always true. */
export function StatusBar() {
  const saved = useLabelCount().data;
  const shared = useShared().data;
  // Labels that were made since it was asked are counted at once: what the others have is told only now and then.
  const synced =
    saved === undefined || shared === undefined
      ? undefined
      : shared.isConnected
        ? Math.min(saved, Math.max(0, shared.events - shared.waiting))
        : 0;
  const queued = saved === undefined || synced === undefined ? saved : saved - synced;
  return (
    <footer className="status-bar">
      <div id={STATUS_SLOT_ID} className="status-slot" />
      <Count word="saved" value={saved} title="Labels on disk" />
      <Count
        word="queued"
        value={queued}
        title={
          shared?.isConnected
            ? 'Labels that the others have not had yet. They are safe on disk, and go with the next exchange.'
            : 'Labels that are on no other machine: nothing is connected, so all of them. They are safe on disk.'
        }
      />
      <span className="status-item" title="Labels that other machines have. Being offline is a normal state.">
        synced <span className="mono">{synced === undefined ? NOT_KNOWN : formatCount(synced)}</span>{' '}
        {shared?.isOffline !== false && (
          <>
            <OfflineDot /> offline
          </>
        )}
      </span>
      <OtherPrograms />
      <Connection />
      <Graphics />
      <ScaleButton />
      <ThemeButton />
    </footer>
  );
}

/** Shown only where SAMP is on: who was last heard, and why something was refused. */
function OtherPrograms() {
  const samp = useSamp().data;
  const last = useSampNews((news) => news.last);
  if (!samp?.isOn) return null;
  const title =
    last?.kind === 'refused'
      ? `${last.from} sent something that was refused: ${last.message}`
      : (samp.message ?? `Speaking with ${samp.peers.map(({ name }) => name).join(', ') || 'nobody yet'}`);
  return (
    <span className="status-item" title={title}>
      SAMP <span className="mono">{samp.link === 'connected' ? samp.peers.length : NOT_KNOWN}</span>
      {last?.kind === 'refused' && ' refused one'}
    </span>
  );
}

function Count({
  word,
  value,
  title,
}: {
  readonly word: string;
  readonly value: number | undefined;
  readonly title: string;
}) {
  return (
    <span className="status-item" title={title}>
      {word} <span className="mono">{value === undefined ? NOT_KNOWN : formatCount(value)}</span>
    </span>
  );
}

function Connection() {
  const connection = useLive((live) => live.connection);
  const words = { open: 'live', connecting: 'connecting', down: 'no core', refused: 'open the new address' }[
    connection
  ];
  const title = {
    open: 'The core answers',
    connecting: 'Connecting to the core',
    down: 'The core does not answer. What was saved is on disk; the window tries again by itself.',
    refused:
      'The core was started anew and does not know this window: open the address that it printed. What was saved is on disk, and what was not stays here until then.',
  }[connection];
  return (
    <span className="status-item" title={title}>
      <svg
        className={`mark mark-${connection === 'down' || connection === 'refused' ? 'warn' : 'dim'}`}
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
      className="status-item status-graphics"
      title={`Image tiles on the graphics card${losses > 0 ? `; rebuilt ${losses} times` : ''}`}
    >
      GPU <span className="mono status-bytes">{formatMebibytes(residentBytes)}</span>
    </span>
  );
}

function OfflineDot() {
  return (
    <svg className="mark mark-dim" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
      <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" strokeDasharray="2 1.4" />
    </svg>
  );
}

/** The size of the window, where it is not the usual one; a click goes back to that. */
function ScaleButton() {
  const { percent } = useScale();
  if (percent === 100) return null;
  return (
    <button
      type="button"
      className="status-button"
      title={`Size of the window; usual size  ${nameOfChord('Ctrl+0')}`}
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => setScale(100)}
    >
      size <span className="mono">{percent} %</span>
    </button>
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
