import { useEffect, useRef } from 'react';
import { MASK_BITS } from '../../core/api/contract/index.ts';
import { describeFailure } from '../api/client.ts';
import { formatCount } from '../ui/format.ts';
import { KeyCap } from '../ui/key-cap.tsx';
import type { Action } from '../ui/keys/dispatcher.ts';
import { useActions, useKeysOf } from '../ui/keys/use-actions.ts';
import { useFieldView } from './field-view.ts';
import { toggleMaskBit, toggleTable, useLayers } from './layers.ts';
import type { FieldLayers } from './use-layers.ts';
import './layer-menu.css';

/** One line of the list of layers. */
interface Line {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly isOn: boolean;
  readonly sample: 'ring' | 'strokes' | 'square' | 'body' | 'diamond' | number;
  toggle(): void;
}

/** What lies over the images: a button that opens the list of layers, each with its sign, its count and a key. */
export function LayerMenu({
  toggle,
  layers,
  marked,
}: {
  readonly toggle: Action;
  readonly layers: FieldLayers;
  /** What the screen itself marks: its name and how many there are. */
  readonly marked: { readonly name: string; readonly count: number };
}) {
  const view = useLayers();
  const hasMarkers = useFieldView((field) => field.hasMarkers);
  const [key] = useKeysOf(toggle);
  const root = useRef<HTMLDivElement>(null);
  const isOpen = view.hasMenu;
  useEffect(() => {
    if (!isOpen) return;
    const close = (event: PointerEvent): void => {
      if (!root.current!.contains(event.target as Node)) useLayers.setState({ hasMenu: false });
    };
    window.addEventListener('pointerdown', close);
    return () => window.removeEventListener('pointerdown', close);
  }, [isOpen]);
  const lines = linesOf(layers, marked, view, hasMarkers);
  return (
    <div className="menu" ref={root}>
      <button
        type="button"
        className="button"
        aria-haspopup="dialog"
        aria-keyshortcuts={key}
        aria-expanded={isOpen}
        title="What lies over the images"
        onPointerDown={(event) => event.preventDefault()}
        onClick={toggle.run}
      >
        <span className="dim">layers</span>
        <span className="menu-value">{lines.filter(({ isOn }) => isOn).length}</span>
        {key !== undefined && <KeyCap chord={key} />}
      </button>
      {isOpen && <LayerList lines={lines} failure={layers.failure} close={toggle} />}
    </div>
  );
}

function linesOf(
  layers: FieldLayers,
  marked: { readonly name: string; readonly count: number },
  view: ReturnType<typeof useLayers.getState>,
  hasMarkers: boolean,
): readonly Line[] {
  const starCount = layers.stars.reduce((sum, { count }) => sum + count, 0);
  const starNames = layers.stars.map(({ name, isCut }) => (isCut ? `${name} (brightest)` : name)).join(', ');
  const starNote = !layers.hasSky
    ? 'the image has no coordinates'
    : layers.areStarsLoading
      ? 'reading'
      : !view.hasStars
        ? ''
        : layers.stars.length === 0
          ? 'no catalogue imported'
          : `${starNames} ${formatCount(starCount)}`;
  return [
    {
      id: 'marked',
      name: marked.name,
      note: formatCount(marked.count),
      isOn: hasMarkers,
      sample: 'ring',
      toggle: () => useFieldView.setState({ hasMarkers: !hasMarkers }),
    },
    {
      id: 'stars',
      name: 'Catalogue stars',
      note: starNote,
      isOn: view.hasStars,
      sample: 'strokes',
      toggle: () => useLayers.setState({ hasStars: !view.hasStars }),
    },
    ...(layers.hasMask
      ? MASK_BITS.map(
          (name, bit): Line => ({
            id: `mask-${name}`,
            name,
            note: layers.maskCounts === undefined ? 'reading' : `${formatCount(layers.maskCounts[bit]!)} px`,
            isOn: ((view.maskBits >> bit) & 1) === 1,
            sample: bit,
            toggle: () => toggleMaskBit(bit),
          }),
        )
      : []),
    {
      id: 'movers',
      name: 'Moving objects',
      note: noteOfMovers(layers),
      isOn: view.hasMovers && layers.movers.askedAt !== undefined,
      sample: 'body',
      toggle: () => {
        const { movers, hasSky } = layers;
        const isOn = view.hasMovers && movers.askedAt !== undefined;
        if (!isOn && movers.askedAt === undefined && hasSky && movers.hasTime && !movers.isAsking)
          movers.ask();
        useLayers.setState({ hasMovers: !isOn });
      },
    },
    ...(layers.vetoed
      ? [
          {
            id: 'vetoed',
            name: 'Vetoed detections',
            note: layers.vetoed.count === undefined ? 'reading' : formatCount(layers.vetoed.count),
            isOn: view.hasVetoed,
            sample: 'diamond',
            toggle: () => useLayers.setState({ hasVetoed: !view.hasVetoed }),
          } satisfies Line,
        ]
      : []),
    ...layers.tables.map(
      ({ id, name, count }): Line => ({
        id: `table-${id}`,
        name,
        note: formatCount(count),
        isOn: view.tables.includes(id),
        sample: 'square',
        toggle: () => toggleTable(id),
      }),
    ),
  ];
}

function noteOfMovers({ hasSky, movers }: FieldLayers): string {
  if (!hasSky) return 'the image has no coordinates';
  if (!movers.hasTime) return 'the image has no time';
  if (movers.isAsking) return 'asking SkyBoT';
  return movers.askedAt === undefined ? 'ask SkyBoT' : formatCount(movers.count);
}

/** Letters after the nine digits. */
const KEYS = [...'123456789ABCDEFGHIJK'];

function LayerList({
  lines,
  failure,
  close,
}: {
  readonly lines: readonly Line[];
  readonly failure: unknown;
  readonly close: Action;
}) {
  const closeKeys = useKeysOf(close);
  useActions('Layers', 'dialog', [
    ...lines.map(
      ({ id, name, toggle }, n): Action => ({
        id: `layers.${id}`,
        title: `${name} on and off`,
        keys: KEYS[n] === undefined ? [] : [KEYS[n]],
        run: toggle,
      }),
    ),
    { id: 'layers.close', title: 'Close', keys: ['Escape', ...closeKeys], run: close.run },
  ]);
  return (
    <div className="menu-list layer-list" role="dialog" aria-label="What lies over the images">
      {lines.map(({ id, name, note, isOn, sample, toggle }, n) => (
        <label key={id} className="layer-line check-field">
          {KEYS[n] === undefined ? <span /> : <KeyCap chord={KEYS[n]} />}
          <input type="checkbox" checked={isOn} onChange={toggle} />
          <Sample sample={sample} />
          <span className="ellipsis">{name}</span>
          <span className="layer-note mono dim ellipsis">{note}</span>
        </label>
      ))}
      {failure !== undefined && (
        <p className="layer-failure" role="alert">
          {describeFailure(failure).message}
        </p>
      )}
    </div>
  );
}

/** The sign of a layer as it is drawn on the images. */
function Sample({ sample }: { readonly sample: Line['sample'] }) {
  if (typeof sample === 'number') {
    const name = MASK_BITS[sample]!.toLowerCase().replace('_', '-');
    return (
      <span
        className={`layer-tint layer-hatch-${sample & 3}`}
        style={{ color: `var(--mask-${name})` }}
        aria-hidden="true"
      />
    );
  }
  return (
    <svg
      className={`layer-sign layer-sign-${sample}`}
      width="16"
      height="16"
      viewBox="-8 -8 16 16"
      aria-hidden="true"
    >
      {sample === 'ring' && <circle r="5.5" />}
      {sample === 'diamond' && <path d="M0 -6.5L6.5 0L0 6.5L-6.5 0Z" />}
      {sample === 'body' && <rect x="-5" y="-5" width="10" height="10" />}
      {sample === 'square' && <rect x="-5" y="-5" width="10" height="10" />}
      {sample === 'strokes' && <path d="M-7 0H-3M3 0H7M0 -7V-3M0 3V7" />}
    </svg>
  );
}
