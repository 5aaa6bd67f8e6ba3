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

/** Every action that this window knows of, by its id: those it was shipped with, and those it has met. */
export const useActionCatalog = create<{ readonly actions: Readonly<Record<string, KnownAction>> }>(() => ({
  actions: readStored(),
}));

/** Know of actions that come with the program, unless the window has met them in a newer form. */
export function seedActions(known: readonly KnownAction[]): void {
  useActionCatalog.setState(({ actions }) => ({
    actions: { ...Object.fromEntries(known.map((action) => [action.id, action])), ...actions },
  }));
}

/** Remember what is on a screen now. Dialogs come and go with their actions: they are left out. */
export function noteActions(layers: readonly ActionLayer[], screen: string): void {
  const { actions } = useActionCatalog.getState();
  const met = layers
    .filter(({ rank }) => rank !== 'dialog')
    .flatMap((layer) => layer.actions().map((action) => toKnown(action, layer, screen)))
    .filter((action) => JSON.stringify(action) !== JSON.stringify(actions[action.id]));
  if (met.length === 0) return;
  const next = { ...actions, ...Object.fromEntries(met.map((action) => [action.id, action])) };
  useActionCatalog.setState({ actions: next });
  localStorage.setItem(STORAGE_KEY, JSON.stringify(next));
}

function toKnown({ id, title, keys }: Action, { name, rank }: ActionLayer, screen: string): KnownAction {
  return { id, title, keys, layer: name, rank, ...(rank === 'screen' ? { screen } : {}) };
}

function readStored(): Readonly<Record<string, KnownAction>> {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as Readonly<Record<string, KnownAction>>;
  } catch {
    return {};
  }
}
