import { create } from 'zustand';
import { IMAGE_KINDS, type ImageKind } from '../api/field-planes.ts';
import type { Camera, Display, LimitsMode, Point, Stretch } from '../viewer/index.ts';

/** The images of a field, in the order of the panes. */
export const PANES = IMAGE_KINDS;
export type PaneKind = ImageKind;

/** How many panes are shown at once. */
export const LAYOUTS = [4, 2, 1] as const;
export type Layout = (typeof LAYOUTS)[number];

/** What the person does in the field view. */
export interface FieldView {
  readonly runId: string | undefined;
  readonly layout: Layout;
  /** The pane that keys and menus speak to. */
  readonly active: PaneKind;
  /** Shared by all panes; without one the whole image is fitted. */
  readonly camera: Camera | undefined;
  /** The place under the pointer or moved by keys, and the pane it was set in. */
  readonly cursor: { readonly at: Point; readonly pane: PaneKind | 'keys' } | undefined;
  readonly isFrozen: boolean;
  readonly hasMirrorCursor: boolean;
  readonly hasMarkers: boolean;
  readonly displays: Readonly<Record<PaneKind, Display>>;
  readonly isBlinking: boolean;
  readonly blinkPeriodMs: number;
  /** The active pane shows its partner: by blinking, or while Space is held. */
  readonly isSwapped: boolean;
  readonly selectedId: string | undefined;
}

const NEUTRAL = { stretch: 'linear', invert: false, contrast: 1, bias: 0.5 } as const;

/** How each image is shown at first: sky and faint sources, zero in the middle of what can be negative. */
export const FIRST_DISPLAYS: Readonly<Record<PaneKind, Display>> = {
  science: { ...NEUTRAL, limits: { kind: 'zscale' }, colormap: 'grey' },
  template: { ...NEUTRAL, limits: { kind: 'zscale' }, colormap: 'grey' },
  difference: { ...NEUTRAL, limits: { kind: 'symmetric', sigmas: 5 }, colormap: 'grey' },
  score: { ...NEUTRAL, limits: { kind: 'symmetric', sigmas: 10 }, colormap: 'diverging' },
};

export const useFieldView = create<FieldView>(() => ({
  runId: undefined,
  layout: 4,
  active: 'science',
  camera: undefined,
  cursor: undefined,
  isFrozen: false,
  hasMirrorCursor: true,
  hasMarkers: true,
  displays: FIRST_DISPLAYS,
  isBlinking: false,
  blinkPeriodMs: 1000,
  isSwapped: false,
  selectedId: undefined,
}));

/** Turn to another field: what belongs to places is forgotten, what belongs to taste is kept. */
export function showRun(runId: string): void {
  if (useFieldView.getState().runId === runId) return;
  useFieldView.setState({
    runId,
    camera: undefined,
    cursor: undefined,
    isFrozen: false,
    isBlinking: false,
    isSwapped: false,
    selectedId: undefined,
  });
}

/** What a pane is compared with. */
export function partnerOf(kind: PaneKind): PaneKind {
  switch (kind) {
    case 'science':
      return 'template';
    case 'template':
      return 'science';
    case 'difference':
      return 'science';
    case 'score':
      return 'difference';
  }
}

/** The image that a pane shows now. */
export function shownIn(view: Pick<FieldView, 'active' | 'isSwapped'>, pane: PaneKind): PaneKind {
  return view.isSwapped && view.active === pane ? partnerOf(pane) : pane;
}

/** The panes of a layout: with two, the active one and the one across the subtraction from it. */
export function panesOf({ layout, active }: Pick<FieldView, 'layout' | 'active'>): readonly PaneKind[] {
  if (layout === 4) return PANES;
  if (layout === 1) return [active];
  return active === 'template' || active === 'score' ? ['template', 'score'] : ['science', 'difference'];
}

/** Change how an image is shown; science and template change together, because they are compared. */
export function changeDisplay(
  displays: FieldView['displays'],
  pane: PaneKind,
  change: Partial<Display>,
): FieldView['displays'] {
  const group: readonly PaneKind[] =
    pane === 'science' || pane === 'template' ? ['science', 'template'] : [pane];
  return {
    ...displays,
    ...Object.fromEntries(group.map((kind) => [kind, { ...displays[kind], ...change }])),
  };
}

/** Change how the active image is shown. */
export function setDisplay(change: Partial<Display>): void {
  useFieldView.setState(({ displays, active }) => ({ displays: changeDisplay(displays, active, change) }));
}

/** The stretch after this one, round and round. */
export function nextOf<Value>(values: readonly Value[], value: Value, step = 1): Value {
  return values[(values.indexOf(value) + step + values.length) % values.length]!;
}

/** Limits that have a key. */
export const LIMIT_CHOICES: readonly { readonly mode: LimitsMode; readonly chord?: string }[] = [
  { mode: { kind: 'zscale' }, chord: 'A' },
  { mode: { kind: 'minmax' }, chord: 'M' },
  { mode: { kind: 'percentile', percent: 99.5 }, chord: '%' },
  { mode: { kind: 'percentile', percent: 99 } },
  { mode: { kind: 'percentile', percent: 95 } },
  { mode: { kind: 'symmetric', sigmas: 5 }, chord: 'D' },
  { mode: { kind: 'symmetric', sigmas: 10 } },
  { mode: { kind: 'symmetric', sigmas: 20 } },
];

/** Names of stretches as menus show them. */
export const STRETCH_NAMES: Readonly<Record<Stretch, string>> = {
  linear: 'linear',
  log: 'log',
  pow: 'power',
  sqrt: 'square root',
  squared: 'squared',
  asinh: 'asinh',
  sinh: 'sinh',
  histeq: 'histogram equalised',
};

/** What a key for limits does, for the key sheet. */
export function describeLimitsKey(mode: LimitsMode): string {
  switch (mode.kind) {
    case 'zscale':
      return 'Limits: zscale';
    case 'minmax':
      return 'Limits: smallest to largest';
    case 'percentile':
      return `Limits: the middle ${mode.percent} %`;
    case 'user':
      return 'Limits: as typed';
    case 'symmetric':
      return `Limits: ±${mode.sigmas} σ about zero`;
  }
}
