import { create } from 'zustand';
import type { Action, ActionLayer, LayerRank } from './dispatcher.ts';

/** An action as it is remembered when the part of the window that has it is not on screen. */
export interface KnownAction {
  readonly id: string;
  readonly title: string;
  /** Its own keys, before any keymap. */
  readonly keys: readonly string[];
  /** Heading of its layer. */
  readonly layer: string;
  readonly rank: LayerRank;
  /** The screen that has it; absent for those that are everywhere. */
  readonly screen?: string | undefined;
}

const STORAGE_KEY = 'astrid.actions';

/** What this window has met, and beside which shipped list: with another program it begins anew. */
interface Met {
  readonly seed: string;
  readonly actions: Readonly<Record<string, KnownAction>>;
}

let met = readMet();

/** Every action that this window knows of, by its id: those it was shipped with, and those it has met. */
export const useActionCatalog = create<{ readonly actions: Readonly<Record<string, KnownAction>> }>(() => ({
  actions: {},
}));

/** Know of the actions that come with the program, and of those that this window has met beside them. */
export function seedActions(known: readonly KnownAction[]): void {
  const seed = `${known.length} ${known.reduce((letters, { id, title }) => letters + id.length + title.length, 0)}`;
  if (met.seed !== seed) met = { seed, actions: {} };
  const shipped = Object.fromEntries(known.map((action) => [action.id, action]));
  useActionCatalog.setState({ actions: { ...shipped, ...met.actions } });
}

/** Remember what is on screens now. Dialogs come and go with their actions: they are left out. */
export function noteActions(layers: readonly ActionLayer[], screenOf: (layer: ActionLayer) => string): void {
  const news = layers
    .filter(({ rank }) => rank !== 'dialog')
    .flatMap((layer) => layer.actions().map((action) => toKnown(action, layer, screenOf(layer))))
    .filter((action) => JSON.stringify(action) !== JSON.stringify(met.actions[action.id]));
  if (news.length === 0) return;
  const byId = Object.fromEntries(news.map((action) => [action.id, action]));
  met = { ...met, actions: { ...met.actions, ...byId } };
  useActionCatalog.setState(({ actions }) => ({ actions: { ...actions, ...byId } }));
  localStorage.setItem(STORAGE_KEY, JSON.stringify(met));
}

function toKnown({ id, title, keys }: Action, { name, rank }: ActionLayer, screen: string): KnownAction {
  return { id, title, keys, layer: name, rank, ...(rank === 'screen' ? { screen } : {}) };
}

function readMet(): Met {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '') as Met;
    return { seed: String(stored.seed), actions: stored.actions ?? {} };
  } catch {
    return { seed: '', actions: {} };
  }
}
