import { create } from 'zustand';
import type { QueueFilter, QueueOrder } from '../../../core/api/contract/index.ts';

/** How the labelling screen is used; it outlives the screen and the window. */
export interface LabelView {
  /** One field's candidates, or those of all fields. */
  readonly scope: 'field' | 'all';
  readonly order: QueueOrder;
  readonly filter: QueueFilter;
  /** The name of the saved filter in use. */
  readonly filterName: string | undefined;
  /** Scores stay in the core until they are asked for. */
  readonly isBlind: boolean;
  readonly look: number;
  readonly isGrid: boolean;
  /** Say after 45 minutes that eyes need a rest. */
  readonly hasBreaks: boolean;
}

const START: LabelView = {
  scope: 'field',
  order: 'score',
  filter: {},
  filterName: undefined,
  isBlind: true,
  look: 0,
  isGrid: false,
  hasBreaks: true,
};

const KEY = 'astrid.labelling';

export const useLabelView = create<LabelView>(() => ({ ...START, ...readKept() }));

/** Change how the screen is used, and keep it. */
export function changeView(change: Partial<LabelView>): void {
  useLabelView.setState(change);
  localStorage.setItem(KEY, JSON.stringify(useLabelView.getState()));
}

function readKept(): Partial<LabelView> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<LabelView>;
  } catch {
    return {};
  }
}

/**
 * Hash how the pixels were shown, so that labels given under one view can be told from others.
 *
 * @see Fowler, Noll & Vo, FNV-1a, 32 bits
 */
export function hashView(view: Readonly<Record<string, string | number | boolean>>): string {
  const text = JSON.stringify(Object.entries(view).sort(([a], [b]) => (a < b ? -1 : 1)));
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
