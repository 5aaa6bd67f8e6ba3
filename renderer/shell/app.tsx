import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { MASK_BITS } from '../../core/api/contract/index.ts';
import { listenToEvents, useLive } from '../api/live.ts';
import { useSettings } from '../api/settings.ts';
import { useAnnouncement } from '../ui/announce.ts';
import type { Action, ActionLayer } from '../ui/keys/dispatcher.ts';
import { useActions, useKeyboard, useKeys } from '../ui/keys/use-actions.ts';
import { setScale, stepScale } from '../ui/scale.ts';
import { readColour, setTheme, toggleNight, useTheme } from '../ui/theme.ts';
import { type CanvasColours, ViewerProvider } from '../viewer/index.ts';
import { useSampImages } from './follow-samp.ts';
import { GraphicsBanner } from './graphics-banner.tsx';
import { KeyOverlay } from './key-overlay.tsx';
import { KeySheet } from './key-sheet.tsx';
import { followHistory } from './navigation.ts';
import { ImageForm, useDroppedImage, useOpenImage } from './open-image.tsx';
import { CommandPalette } from './palette/command-palette.tsx';
import { Rail } from './rail.tsx';
import { ScreenOutlet } from './screen-outlet.tsx';
import { StatusBar } from './status-bar.tsx';
import { useActionCatalogue } from './use-action-catalog.ts';
import { useKeptPlace } from './use-kept-place.ts';
import { useMenu } from './use-menu.ts';
import { useScreenActions } from './use-screen-actions.ts';
import { useStoredSettings } from './use-stored-settings.ts';

/** The whole window. */
export function App() {
  const [queries] = useState(
    () =>
      new QueryClient({
        // What changes is told by the event stream; asking again on every focus would only make noise. The core is on
        // this machine: a network that is gone keeps it from nothing.
        defaultOptions: {
          queries: {
            staleTime: Number.POSITIVE_INFINITY,
            refetchOnWindowFocus: false,
            refetchOnReconnect: false,
            retry: 1,
            networkMode: 'always',
          },
          mutations: { networkMode: 'always' },
        },
      }),
  );
  useEffect(() => listenToEvents(queries), [queries]);
  return (
    <QueryClientProvider client={queries}>
      <Workstation />
    </QueryClientProvider>
  );
}

function Workstation() {
  const keys = useKeys();
  const { theme } = useTheme();
  const [overlay, setOverlay] = useState<{ kind: 'keys' | 'palette'; layers: readonly ActionLayer[] }>();
  const colours = useCanvasColours(theme);
  const screens = useScreenActions();
  const gpuTilesMiB = useSettings()?.images.gpuTilesMiB;
  const isAnswering = useLive((live) => live.connection === 'open');
  useKeyboard();
  useMenu();
  useSampImages();
  useDroppedImage();
  const image = useOpenImage();
  useStoredSettings();
  useKeptPlace();
  useActionCatalogue();
  useEffect(followHistory, []);
  const [isHeld, setIsHeld] = useState(false);
  const heldSince = useRef(0);
  const open = (kind: 'keys' | 'palette') => (): void => setOverlay({ kind, layers: keys.liveLayers() });
  const shell: Action[] = [
    image.action,
    { id: 'shell.palette', title: 'Do or find anything', keys: ['Ctrl+K'], run: open('palette') },
    {
      id: 'shell.keys',
      title: 'All keys; held, the keys on the screen',
      keys: ['?'],
      run: () => {
        heldSince.current = timeOfEvent();
        setIsHeld(true);
      },
      release: () => {
        setIsHeld(false);
        if (timeOfEvent() - heldSince.current < TAP_MS) open('keys')();
      },
    },
    { id: 'shell.key-sheet', title: 'Show all keys', keys: [], run: open('keys') },
    { id: 'shell.night', title: 'Night red on and off', keys: ['F9'], run: toggleNight },
    {
      id: 'shell.theme',
      title: 'Light or dark',
      keys: ['Shift+F9'],
      run: () => setTheme(theme === 'light' ? 'dark' : 'light'),
    },
    { id: 'shell.larger', title: 'Larger', keys: ['Ctrl+=', 'Ctrl++'], run: () => stepScale(1) },
    { id: 'shell.smaller', title: 'Smaller', keys: ['Ctrl+-'], run: () => stepScale(-1) },
    { id: 'shell.usual-size', title: 'Usual size', keys: ['Ctrl+0'], run: () => setScale(100) },
    { id: 'shell.region', title: 'Next part of the screen', keys: ['F6'], run: focusNextRegion },
  ];
  useActions('Everywhere', 'global', [...screens, ...shell]);
  return (
    <div className="window">
      <Rail actions={screens} />
      <main className="stage">
        <ViewerProvider
          colours={colours}
          tileBytes={gpuTilesMiB && gpuTilesMiB * 2 ** 20}
          isAnswering={isAnswering}
        >
          <div className="screens">
            <ScreenOutlet />
          </div>
          <GraphicsBanner />
          <StatusBar />
        </ViewerProvider>
      </main>
      <LiveRegion />
      {isHeld && <KeyOverlay />}
      {image.isAsking && <ImageForm onClose={image.close} />}
      {overlay?.kind === 'keys' && <KeySheet layers={overlay.layers} onClose={() => setOverlay(undefined)} />}
      {overlay?.kind === 'palette' && (
        <CommandPalette layers={overlay.layers} onClose={() => setOverlay(undefined)} />
      )}
    </div>
  );
}

/** A key that is down for less was tapped, ms. */
const TAP_MS = 350;

/** When what is handled now happened, ms: a busy window handles a key later than it was pressed. */
function timeOfEvent(): number {
  return window.event?.timeStamp ?? performance.now();
}

function LiveRegion() {
  const { text } = useAnnouncement();
  return (
    <div className="unseen" role="status" aria-live="polite">
      {text}
    </div>
  );
}

/** Tokens of the marker tones, in their order. */
const MARKER_COLOURS = [
  '--on-image',
  '--on-image-ok',
  '--on-image-warn',
  '--on-image-error',
  '--on-image-accent',
];

/** Tokens of the bits of a mask, the lowest first. */
const MASK_COLOURS = MASK_BITS.map((name) => `--mask-${name.toLowerCase().replace('_', '-')}`);

function useCanvasColours(theme: string): CanvasColours {
  return useMemo(
    () => ({
      background: readColour('--canvas'),
      ground: readColour('--ground'),
      notFinite: readColour('--not-finite'),
      tones: Float32Array.from(MARKER_COLOURS.flatMap(readColour)),
      tints: Float32Array.from(MASK_COLOURS.flatMap(readColour)),
      onlyRed: theme === 'night',
    }),
    [theme],
  );
}

/** Move the focus from one part of the screen to the next: the way out of an image that takes Tab for itself. */
function focusNextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')];
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + 1) % regions.length];
  const inside = next?.matches('[tabindex]')
    ? next
    : next?.querySelector<HTMLElement>('[tabindex="0"], button:not(:disabled), input');
  inside?.focus();
}
