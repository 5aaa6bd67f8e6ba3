import type { SkyLattice } from '../../core/api/contract/index.ts';
import { announce } from '../ui/announce.ts';
import type { Action } from '../ui/keys/dispatcher.ts';
import { type Camera, COLORMAPS, pixelAt, STRETCHES, withZoom, ZOOM_STEP } from '../viewer/index.ts';
import { changePeriod, stepBlink, toggleBlink, toggleComparison } from './blink.ts';
import {
  describeLimitsKey,
  LAYOUTS,
  LIMIT_CHOICES,
  NOT_COMPARED,
  nextOf,
  PANES,
  STRETCH_NAMES,
  setDisplay,
  useFieldView,
} from './field-view.ts';
import { useLayers } from './layers.ts';
import { nextReach } from './locks.ts';
import { makeTurnActions } from './make-turn-actions.ts';
import { moveCamera, setLock } from './move-panes.ts';

/** What keys need to know of the images. */
export interface ViewContext {
  /** Where the active pane looks. */
  camera(): Camera | undefined;
  /** The camera that fits the image into a pane. */
  fitted(turn?: Pick<Camera, 'rotationDeg' | 'isMirrored'>): Camera | undefined;
  /** The sky over the images; `undefined` where there is none. */
  sky(): SkyLattice | undefined;
  /** What the cursor says, to be copied. */
  copyText(): string | undefined;
  /** The key of the lock menu. */
  readonly lockKeys: readonly string[];
  readonly isBlinkUnlocked: boolean;
  /** One image alone: there is nothing to compare it with. */
  readonly isSingle?: boolean | undefined;
}

/** What makes sense only where there are images to compare. */
const COMPARING = new Set(
  [
    'layout',
    'blink',
    'fade',
    'swipe',
    'locks',
    'peek',
    'blink-step',
    'blink-all',
    'pane',
    'pane-back',
    'blink-faster',
    'blink-slower',
    'mirror',
  ].map((name) => `field.${name}`),
);

/** Everything keys do to the images. */
export function makeViewActions({
  camera,
  fitted,
  sky,
  copyText,
  lockKeys,
  isBlinkUnlocked,
  isSingle = false,
}: ViewContext) {
  const { setState, getState } = useFieldView;
  const change = (to: (camera: Camera) => Camera | undefined): void => {
    const now = camera();
    if (now !== undefined) moveCamera(getState().active, to(now));
  };
  const move = (dx: number, dy: number): void => {
    const from = getState().cursor?.at ?? camera();
    if (from === undefined) return;
    const { x, y } = pixelAt(from);
    setState({ cursor: { at: { x: x + dx, y: y + dy }, pane: 'keys' } });
  };
  const activate = (step: number): void => {
    setState(({ active }) => ({ ...NOT_COMPARED, active: nextOf(PANES, active, step) }));
    announce(`${getState().active} image`);
  };
  const action = (id: string, title: string, keys: readonly string[], run: () => void): Action => ({
    id: `field.${id}`,
    title,
    keys,
    run,
  });
  const named = {
    layout: action('layout', 'One, two or four panes', ['V'], () =>
      setState(({ layout }) => ({ layout: nextOf(LAYOUTS, layout) })),
    ),
    invert: action('invert', 'Invert', ['I'], () => {
      const { displays, active } = getState();
      setDisplay({ invert: !displays[active].invert });
    }),
    blink: action('blink', 'Blink', ['B'], toggleBlink),
    fade: action('fade', 'Fade', ['Shift+W'], () => toggleComparison('fade')),
    swipe: action('swipe', 'Swipe', ['W'], () => toggleComparison('swipe')),
    layers: action('layers', 'What lies over the images', ['Alt+T'], () =>
      useLayers.setState(({ hasMenu }) => ({ hasMenu: !hasMenu })),
    ),
    locks: action('locks', 'What the panes have in common', lockKeys, () =>
      setState(({ hasLockMenu }) => ({ hasLockMenu: !hasLockMenu })),
    ),
    fit: action('fit', 'Fit', ['`'], () => {
      const now = camera();
      const isTurned = now?.isMirrored === true || (now?.rotationDeg ?? 0) !== 0;
      const fit = fitted(now);
      // Without a camera the image is fitted again when the window changes; one that is turned keeps its turn instead.
      moveCamera(getState().active, isTurned ? fit : undefined, fit);
    }),
    oneToOne: action('one', '1:1', ['1'], () => change((now) => withZoom(now, 1))),
    neutral: action('neutral', 'Contrast and bias as they were', ['R'], () =>
      setDisplay({ contrast: 1, bias: 0.5 }),
    ),
    stretch: action('stretch', 'Next stretch', ['E'], () => {
      const { displays, active } = getState();
      const stretch = nextOf(STRETCHES, displays[active].stretch);
      setDisplay({ stretch });
      announce(`${STRETCH_NAMES[stretch]} stretch`);
    }),
    map: action('map', 'Next colour map', ['Q'], () => {
      const { displays, active } = getState();
      const colormap = nextOf(COLORMAPS, displays[active].colormap);
      setDisplay({ colormap });
      announce(`${colormap} colours`);
    }),
    blinkFaster: action('blink-faster', 'Blink faster', ['>'], () => changePeriod(-1, isBlinkUnlocked)),
  };
  const rest: Action[] = [
    {
      ...action('peek', 'Peek at the image it is compared with (hold)', ['Space'], () =>
        setState({ ...NOT_COMPARED, isPeeking: true }),
      ),
      release: () => setState({ isPeeking: false }),
    },
    action('blink-step', 'Blink one step back', ['Shift+B'], () => stepBlink(-1)),
    action('blink-all', 'Blink through all images, or the pair', ['Alt+B'], () => {
      setState(({ blinksAll }) => ({ blinksAll: !blinksAll, blinkStep: 0 }));
      announce(getState().blinksAll ? 'blinking through all images' : 'blinking between the pair');
    }),
    action('pane', 'Next image', ['Tab'], () => activate(1)),
    action('pane-back', 'Previous image', ['Shift+Tab'], () => activate(-1)),
    {
      ...action('zoom-in', 'Zoom in', ['+', '=', 'Z'], () =>
        change((now) => withZoom(now, now.zoom * ZOOM_STEP)),
      ),
      repeats: true,
    },
    {
      ...action('zoom-out', 'Zoom out', ['-', 'Shift+Z'], () =>
        change((now) => withZoom(now, now.zoom / ZOOM_STEP)),
      ),
      repeats: true,
    },
    ...LIMIT_CHOICES.flatMap(({ mode, action }): Action[] =>
      action === undefined
        ? []
        : [{ ...action, title: describeLimitsKey(mode), run: () => setDisplay({ limits: mode }) }],
    ),
    action('blink-slower', 'Blink slower', ['<'], () => changePeriod(1, isBlinkUnlocked)),
    action('markers', 'Markers on and off', ['T'], () =>
      setState(({ hasMarkers }) => ({ hasMarkers: !hasMarkers })),
    ),
    action('mirror', 'Mirror the cursor in all panes', ['G'], () =>
      setLock('cursor', nextReach('cursor', getState().locks.cursor), undefined),
    ),
    action('freeze', 'Freeze the readout', ['F'], () =>
      setState(({ isFrozen }) => ({ isFrozen: !isFrozen })),
    ),
    action('copy', 'Copy position and value', ['C'], () => {
      const text = copyText();
      if (text === undefined) return;
      void navigator.clipboard.writeText(text).then(() => announce(`copied ${text}`));
    }),
    ...makeTurnActions(change, sky),
    ...moves(move, lockKeys),
  ];
  const all = [...Object.values(named), ...rest];
  return { named, all: isSingle ? all.filter(({ id }) => !COMPARING.has(id)) : all };
}

/** The cursor by arrows and by hjkl, but for a letter that opens the locks. */
function moves(move: (dx: number, dy: number) => void, taken: readonly string[]): Action[] {
  const directions = [
    ['left', 'ArrowLeft', 'H', -1, 0],
    ['right', 'ArrowRight', 'L', 1, 0],
    ['up', 'ArrowUp', 'K', 0, 1],
    ['down', 'ArrowDown', 'J', 0, -1],
  ] as const;
  return directions.flatMap(([name, arrow, letter, dx, dy]): Action[] => [
    {
      id: `field.cursor-${name}`,
      title: `Cursor one pixel ${name}`,
      keys: [arrow, letter].filter((key) => !taken.includes(key)),
      repeats: true,
      run: () => move(dx, dy),
    },
    {
      id: `field.cursor-far-${name}`,
      title: `Cursor ten pixels ${name}`,
      keys: [`Shift+${arrow}`, `Shift+${letter}`],
      repeats: true,
      run: () => move(10 * dx, 10 * dy),
    },
  ]);
}
