/** Something a person can do; every one has a key. */
export interface Action {
  /** `context.verb`, unique in the window. */
  readonly id: string;
  /** What it does, in the fewest words: on buttons, in the key sheet, in the palette. */
  readonly title: string;
  /** `R`, `Shift+Enter`, `Ctrl+K`, `?`, `Space`, `ArrowLeft`, `1`; the first is the one shown. */
  readonly keys: readonly string[];
  readonly isEnabled?: boolean | undefined;
  /** Runs again and again while the key is held. */
  readonly repeats?: boolean | undefined;
  run(): void;
  /** Given, the action lasts while the key is held, and this ends it. */
  release?: (() => void) | undefined;
}

/** Where actions come from; a later layer of the same rank goes first. */
export interface ActionLayer {
  /** Heading in the key sheet. */
  readonly name: string;
  readonly rank: LayerRank;
  actions(): readonly Action[];
}

/** What goes first: a dialog hides the keys of everything under it. */
export type LayerRank = 'global' | 'screen' | 'dialog';

/** What a key event says, as far as it matters. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly repeat: boolean;
  readonly isComposing: boolean;
}

/** What has the focus: text takes letters, a control takes Enter and Space. */
export type FocusKind = 'page' | 'control' | 'text';

/** Tells the keys of an action. */
export type KeysOf = (action: Pick<Action, 'id' | 'keys'>) => readonly string[];

const RANKS: readonly LayerRank[] = ['dialog', 'screen', 'global'];

/** Finds the action of a key and runs it. */
export class KeyDispatcher {
  readonly #layers: ActionLayer[] = [];
  readonly #held = new Map<string, Action>();
  readonly #listeners = new Set<() => void>();
  #keysOf: KeysOf = (action) => action.keys;

  /** Make a layer's keys work. @returns what takes them away. */
  add(layer: ActionLayer): () => void {
    this.#layers.unshift(layer);
    this.#tell();
    return () => {
      this.#layers.splice(this.#layers.indexOf(layer), 1);
      this.#tell();
    };
  }

  /** Give actions other keys than their own. */
  setKeys(keysOf: KeysOf): void {
    this.#keysOf = keysOf;
    this.#tell();
  }

  /** The keys of an action as this person has them. */
  keysOf = (action: Pick<Action, 'id' | 'keys'>): readonly string[] => this.#keysOf(action);

  /** Run what a pressed key means. @returns whether it meant anything. */
  press(press: KeyPress, focus: FocusKind): boolean {
    if (press.isComposing) return false;
    const action = this.#find(press, focus);
    if (action === undefined) return false;
    if (press.repeat && !action.repeats) return true;
    if (action.release !== undefined) {
      if (this.#held.has(press.code)) return true;
      this.#held.set(press.code, action);
    }
    action.run();
    return true;
  }

  /** Run an action by its name, as a menu does. @returns whether it was there and possible */
  runAction(id: string): boolean {
    for (const layer of this.liveLayers()) {
      const action = layer.actions().find((one) => one.id === id);
      if (action === undefined) continue;
      if (action.isEnabled !== false) action.run();
      return action.isEnabled !== false;
    }
    return false;
  }

  /** End what a key held. */
  lift(code: string): void {
    const action = this.#held.get(code);
    this.#held.delete(code);
    action?.release?.();
  }

  /** End everything held: the window lost the keyboard. */
  liftAll(): void {
    for (const code of [...this.#held.keys()]) this.lift(code);
  }

  /** The layers whose keys work now, nearest first. */
  liveLayers(): readonly ActionLayer[] {
    const dialog = this.#layers.find((layer) => layer.rank === 'dialog');
    if (dialog !== undefined) return [dialog];
    return RANKS.flatMap((rank) => this.#layers.filter((layer) => layer.rank === rank));
  }

  /** Be told when layers come or go. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #find(press: KeyPress, focus: FocusKind): Action | undefined {
    for (const layer of this.liveLayers())
      for (const action of layer.actions())
        if (action.isEnabled !== false && this.#keysOf(action).some((key) => isMeant(key, press, focus)))
          return action;
    return undefined;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

interface Chord {
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly key: string;
}

/** Split `Ctrl+Shift+K` into its parts; a last `+` is the plus key. */
export function parseChord(spec: string): Chord {
  const parts = spec.endsWith('+') ? [...spec.slice(0, -1).split('+').slice(0, -1), '+'] : spec.split('+');
  const key = parts.at(-1)!;
  const has = (name: string): boolean => parts.slice(0, -1).includes(name);
  return { ctrl: has('Ctrl'), shift: has('Shift'), alt: has('Alt'), key };
}

/** Tell whether a press is the chord: letters by what they write, digits by where they are, so that other layouts work. */
export function matchesChord(chord: Chord, press: KeyPress): boolean {
  if (chord.ctrl !== (press.ctrlKey || press.metaKey) || chord.alt !== press.altKey) return false;
  if (/^[A-Z]$/.test(chord.key))
    return press.key.toUpperCase() === chord.key && press.shiftKey === chord.shift;
  if (/^[0-9]$/.test(chord.key))
    return (
      /^(Digit|Numpad)[0-9]$/.test(press.code) &&
      press.code.endsWith(chord.key) &&
      press.shiftKey === chord.shift
    );
  if (chord.key.length === 1) return press.key === chord.key;
  return (press.key === ' ' ? 'Space' : press.key) === chord.key && press.shiftKey === chord.shift;
}

/** Write what was pressed as a chord; `undefined` while only Shift, Ctrl, Alt or Meta is down. */
export function chordOf(press: KeyPress): string | undefined {
  if (/^(Shift|Control|Alt|Meta|AltGraph|CapsLock|Dead|Unidentified)$/.test(press.key)) return undefined;
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(press.code)?.[1];
  const isLetter = /^[a-z]$/i.test(press.key);
  const key = digit ?? (isLetter ? press.key.toUpperCase() : press.key === ' ' ? 'Space' : press.key);
  // What Shift writes with a sign is another sign: it is not said twice.
  const saysShift = press.shiftKey && (digit !== undefined || isLetter || key.length > 1);
  const parts = [
    press.ctrlKey || press.metaKey ? 'Ctrl' : '',
    press.altKey ? 'Alt' : '',
    saysShift ? 'Shift' : '',
  ];
  return [...parts.filter((part) => part !== ''), key].join('+');
}

function isMeant(spec: string, press: KeyPress, focus: FocusKind): boolean {
  const chord = parseChord(spec);
  if (!matchesChord(chord, press)) return false;
  const isFree = chord.ctrl || chord.alt || /^(F\d+|Escape)$/.test(chord.key);
  if (focus === 'text') return isFree;
  // A focused button is pressed with these: that is what they mean there.
  if (focus === 'control') return isFree || !/^(Enter|Space|Tab|Arrow.*)$/.test(chord.key) || chord.shift;
  return true;
}
