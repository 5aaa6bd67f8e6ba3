import type { Keymap } from '../../core/api/contract/index.ts';
import type { KeysOf } from '../ui/keys/dispatcher.ts';

/** Keys that replace an action's own, by the action's id. */
export type Bindings = Readonly<Record<string, readonly string[]>>;

/**
 * Keymaps to begin with; what a preset does not name keeps its own keys.
 *
 * `ds9` leaves the letters of regions (i, e, s, b) to regions; `prodigy` accepts, rejects and ignores with A, X and
 * Space; the one-hand presets keep every decision under one hand, so that the other stays on the mouse.
 */
export const PRESETS: Readonly<
  Record<Keymap['preset'], { readonly title: string; readonly keys: Bindings }>
> = {
  astrid: { title: 'AstrID', keys: {} },
  ds9: {
    title: 'DS9',
    keys: {
      'field.zoom-in': ['Z', '+', '='],
      'field.zoom-out': ['Shift+Z', '-'],
      'field.invert': ['Shift+I'],
      'field.stretch': ['Shift+E'],
      'field.blink': ['Ctrl+B'],
      'field.blink-step': ['Ctrl+Shift+B'],
    },
  },
  prodigy: {
    title: 'Prodigy',
    keys: {
      'label.real': ['A'],
      'label.bogus': ['X'],
      'label.skip': ['Space'],
      'label.peek': ['P'],
    },
  },
  'left-hand': {
    title: 'One hand, left',
    keys: {
      'label.real': ['F'],
      'label.bogus': ['D'],
      'label.unsure': ['S'],
      'label.undo': ['A', 'Ctrl+Z'],
      'label.skip': ['W'],
      'label.previous': ['Q', 'ArrowLeft'],
      'label.next': ['E', 'ArrowRight'],
      'label.flag': ['R'],
      'queue.next': ['S', 'ArrowDown'],
      'queue.previous': ['W', 'ArrowUp'],
      'queue.open': ['D', 'Enter'],
      'queue.label': ['F', 'Shift+Enter'],
      'field.next': ['E'],
      'field.previous': ['W'],
      'field.stretch': ['Shift+E'],
    },
  },
  'right-hand': {
    title: 'One hand, right',
    keys: {
      'label.real': ['J'],
      'label.bogus': ['K'],
      'label.unsure': ['L'],
      'label.undo': ['H', 'Backspace', 'Ctrl+Z'],
      'label.skip': ['O'],
      'label.previous': ['U', 'ArrowLeft'],
      'label.next': ['I', 'ArrowRight'],
      'label.flag': ['P'],
      'queue.open': ['L', 'Enter'],
      'queue.label': ['I', 'Shift+Enter'],
    },
  },
};

/** The keys that a person has chosen for an action, by hand or with a preset; `undefined` where neither names it. */
export function chosenKeys(keymap: Keymap, id: string): readonly string[] | undefined {
  return keymap.bindings[id] ?? PRESETS[keymap.preset].keys[id];
}

/**
 * Tell the keys of every action under a keymap.
 *
 * A chosen key is taken from the actions of the same screen that had it by themselves: they stay in the palette.
 */
export function keysByPreset(keymap: Keymap): KeysOf {
  const taken = new Map<string, string>();
  for (const id of [...Object.keys(PRESETS[keymap.preset].keys), ...Object.keys(keymap.bindings)])
    for (const chord of chosenKeys(keymap, id)!) taken.set(`${scopeOf(id)} ${chord}`, id);
  const known = new Map<string, readonly string[]>();
  return ({ id, keys }) => {
    const chosen = chosenKeys(keymap, id);
    if (chosen !== undefined) return chosen;
    if (taken.size === 0) return keys;
    const name = `${id} ${keys.join(' ')}`;
    const left = known.get(name) ?? keys.filter((chord) => !taken.has(`${scopeOf(id)} ${chord}`));
    // The same array each time: whoever draws keys asks whether they have changed.
    known.set(name, left);
    return left;
  };
}

/** The part of the window that an action belongs to: what stands before the dot. */
export function scopeOf(id: string): string {
  return id.slice(0, id.indexOf('.'));
}
