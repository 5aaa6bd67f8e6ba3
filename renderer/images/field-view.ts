import { create } from 'zustand';
import { IMAGE_KINDS, type ImageKind } from '../api/field-planes.ts';
import type { Camera, Display, LimitsMode, Point, Stretch } from '../viewer/index.ts';
import { changeDisplay, FIRST_LOCKS, type Locks } from './locks.ts';

/** The images of a field, in the order of the panes. */
export const PANES = IMAGE_KINDS;
export type PaneKind = ImageKind;

/** How many panes are shown at once. */
export const LAYOUTS = [4, 2, 1] as const;
export type Layout = (typeof LAYOUTS)[number];

/** Ways to compare the active image with its partner in one pane. */
export const COMPARISONS = ['none', 'blink', 'fade', 'swipe'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** What the person does in the field view. */
export interface FieldView {
  readonly runId: string | undefined;
  readonly layout: Layout;
  /** The pane that keys and menus speak to. */
  readonly active: PaneKind;
  /** What all panes share of their cameras; without one the whole image is fitted. `moveCamera` changes it. */
  readonly camera: Camera | undefined;
  /** Each pane's own camera, while anything of it is not shared. */
  readonly own: Readonly<Partial<Record<PaneKind, Camera>>>;
  readonly locks: Locks;
  readonly hasLockMenu: boolean;
  /** The place under the pointer or moved by keys, and the pane it was set in. */
  readonly cursor: { readonly at: Point; readonly pane: PaneKind | 'keys' } | undefined;
  readonly isFrozen: boolean;
  readonly hasMarkers: boolean;
  readonly displays: Readonly<Record<PaneKind, Display>>;
  /** How the active image is compared with others. */
  readonly comparison: Comparison;
  /** Whether blinking goes through all images or between the active one and its partner. */
  readonly blinksAll: boolean;
  readonly blinkPeriodMs: number;
  /** Images that blinking has gone on from the active one. */
  readonly blinkStep: number;
  /** Space is held: the active pane shows its partner. */
  readonly isPeeking: boolean;
  /** How much of the partner is seen while fading by hand, 0..1; absent while it comes and goes by itself. */
  readonly fadeFraction: number | undefined;
  /** Where the curtain hangs while swiping: part of the pane's width at its left that shows the image itself, 0..1. */
  readonly curtainFraction: number;
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

/** Every pane shows its own image. */
export const NOT_COMPARED = {
  comparison: 'none',
  blinkStep: 0,
  isPeeking: false,
  fadeFraction: undefined,
  curtainFraction: 0.5,
} as const;

export const useFieldView = create<FieldView>(() => ({
  runId: undefined,
  layout: 4,
  active: 'science',
  camera: undefined,
  own: {},
  locks: FIRST_LOCKS,
  hasLockMenu: false,
  cursor: undefined,
  isFrozen: false,
  hasMarkers: true,
  displays: FIRST_DISPLAYS,
  ...NOT_COMPARED,
  blinksAll: false,
  blinkPeriodMs: 1000,
  selectedId: undefined,
}));

/** Turn to another field: what belongs to places is forgotten, what belongs to taste is kept. */
export function showRun(runId: string): void {
  if (useFieldView.getState().runId === runId) return;
  useFieldView.setState({
    runId,
    camera: undefined,
    own: {},
    cursor: undefined,
    isFrozen: false,
    ...NOT_COMPARED,
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
export function shownIn(
  view: Pick<FieldView, 'active' | 'blinkStep' | 'blinksAll' | 'isPeeking'>,
  pane: PaneKind,
): PaneKind {
  if (view.active !== pane) return pane;
  if (view.isPeeking) return partnerOf(pane);
  const sequence = view.blinksAll ? PANES : ([pane, partnerOf(pane)] as const);
  const at = sequence.indexOf(pane) + view.blinkStep;
  return sequence[((at % sequence.length) + sequence.length) % sequence.length]!;
}

/** The image that lies over the one of a pane, by fading or behind a curtain. */
export function overIn(
  view: Pick<FieldView, 'active' | 'comparison' | 'isPeeking'>,
  pane: PaneKind,
): PaneKind | undefined {
  const isOver = view.comparison === 'fade' || view.comparison === 'swipe';
  return isOver && view.active === pane && !view.isPeeking ? partnerOf(pane) : undefined;
}

/** The panes of a layout: with two, the active one and the one across the subtraction from it. */
export function panesOf({ layout, active }: Pick<FieldView, 'layout' | 'active'>): readonly PaneKind[] {
  if (layout === 4) return PANES;
  if (layout === 1) return [active];
  return active === 'template' || active === 'score' ? ['template', 'score'] : ['science', 'difference'];
}

/** Change how the active image is shown. */
export function setDisplay(change: Partial<Display>): void {
  useFieldView.setState(({ displays, active, locks }) => ({
    displays: changeDisplay(displays, active, change, locks),
  }));
}

/** The stretch after this one, round and round. */
export function nextOf<Value>(values: readonly Value[], value: Value, step = 1): Value {
  return values[(values.indexOf(value) + step + values.length) % values.length]!;
}

/** A way to choose limits, and the name and keys of the action that does it where one does. */
export interface LimitChoice {
  readonly mode: LimitsMode;
  readonly action?: { readonly id: string; readonly keys: readonly string[] };
}

/** Limits that a menu offers. */
export const LIMIT_CHOICES: readonly LimitChoice[] = [
  { mode: { kind: 'zscale' }, action: { id: 'field.limits-A', keys: ['A'] } },
  { mode: { kind: 'minmax' }, action: { id: 'field.limits-M', keys: ['M'] } },
  { mode: { kind: 'percentile', percent: 99.5 }, action: { id: 'field.limits-%', keys: ['%'] } },
  { mode: { kind: 'percentile', percent: 99 } },
  { mode: { kind: 'percentile', percent: 95 } },
  { mode: { kind: 'symmetric', sigmas: 5 }, action: { id: 'field.limits-D', keys: ['D'] } },
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
