import { announce } from '../ui/announce.ts';
import type { Action } from '../ui/keys/dispatcher.ts';
import { type Camera, COLORMAPS, pixelAt, STRETCHES, withZoom, ZOOM_STEP } from '../viewer/index.ts';
import { changePeriod, stepBlink, toggleBlink } from './blink.ts';
import {
  describeLimitsKey,
  LAYOUTS,
  LIMIT_CHOICES,
  nextOf,
  PANES,
  STRETCH_NAMES,
  setDisplay,
  useFieldView,
} from './field-view.ts';

/** Zoom at which a candidate is looked at when the whole field was in view, device pixels per image pixel. */
export const CLOSE_ZOOM = 4;

/** Everything keys do to the images; `camera` is where the panes look, `copyText` what the cursor says. */
export function makeViewActions(camera: () => Camera | undefined, copyText: () => string | undefined) {
  const { setState, getState } = useFieldView;
  const change = (to: (camera: Camera) => Camera | undefined): void => {
    const now = camera();
    if (now !== undefined) setState({ camera: to(now) });
  };
  const move = (dx: number, dy: number): void => {
    const from = getState().cursor?.at ?? camera();
    if (from === undefined) return;
    const { x, y } = pixelAt(from);
    setState({ cursor: { at: { x: x + dx, y: y + dy }, pane: 'keys' } });
  };
  const activate = (step: number): void => {
    setState(({ active }) => ({ active: nextOf(PANES, active, step), isSwapped: false, isBlinking: false }));
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
    fit: action('fit', 'Fit', ['`'], () => setState({ camera: undefined })),
    oneToOne: action('one', '1:1', ['1'], () => change((now) => withZoom(now, 1))),
    neutral: action('neutral', 'Contrast and bias as they were', ['R'], () =>
      setDisplay({ contrast: 1, bias: 0.5 }),
    ),
  };
  const rest: Action[] = [
    {
      ...action('peek', 'Peek at the image it is compared with (hold)', ['Space'], () =>
        setState(({ isSwapped }) => ({ isSwapped: !isSwapped, isBlinking: false })),
      ),
      release: () => setState({ isSwapped: false }),
    },
    action('blink-step', 'Blink one step', ['Shift+B'], stepBlink),
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
    ...LIMIT_CHOICES.filter(({ chord }) => chord !== undefined).map(({ mode, chord }) =>
      action(`limits-${chord}`, describeLimitsKey(mode), [chord!], () => setDisplay({ limits: mode })),
    ),
    action('stretch', 'Next stretch', ['E'], () => {
      const { displays, active } = getState();
      const stretch = nextOf(STRETCHES, displays[active].stretch);
      setDisplay({ stretch });
      announce(`${STRETCH_NAMES[stretch]} stretch`);
    }),
    action('map', 'Next colour map', ['Q'], () => {
      const { displays, active } = getState();
      const colormap = nextOf(COLORMAPS, displays[active].colormap);
      setDisplay({ colormap });
      announce(`${colormap} colours`);
    }),
    action('blink-faster', 'Blink faster', ['>'], () => changePeriod(-1)),
    action('blink-slower', 'Blink slower', ['<'], () => changePeriod(1)),
    action('markers', 'Markers on and off', ['T'], () =>
      setState(({ hasMarkers }) => ({ hasMarkers: !hasMarkers })),
    ),
    action('mirror', 'Mirror the cursor in all panes', ['G'], () =>
      setState(({ hasMirrorCursor }) => ({ hasMirrorCursor: !hasMirrorCursor })),
    ),
    action('freeze', 'Freeze the readout', ['F'], () =>
      setState(({ isFrozen }) => ({ isFrozen: !isFrozen })),
    ),
    action('copy', 'Copy position and value', ['C'], () => {
      const text = copyText();
      if (text === undefined) return;
      void navigator.clipboard.writeText(text).then(() => announce(`copied ${text}`));
    }),
    ...moves(move),
  ];
  return { named, all: [...Object.values(named), ...rest] };
}

function moves(move: (dx: number, dy: number) => void): Action[] {
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
      keys: [arrow, letter],
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
