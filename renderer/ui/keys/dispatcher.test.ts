import { describe, expect, it, vi } from 'vitest';
import {
  type Action,
  chordOf,
  KeyDispatcher,
  type KeyPress,
  matchesChord,
  parseChord,
} from './dispatcher.ts';

function pressOf(key: string, changes: Partial<KeyPress> = {}): KeyPress {
  return {
    key,
    code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    repeat: false,
    isComposing: false,
    ...changes,
  };
}

function dispatcherWith(...actions: (Partial<Action> & Pick<Action, 'keys'>)[]) {
  const keys = new KeyDispatcher();
  const runs = actions.map((action) => vi.fn(action.run));
  keys.add({
    name: 'Test',
    rank: 'screen',
    actions: () =>
      actions.map((action, i) => ({ id: `test.${i}`, title: 'test', ...action, run: () => runs[i]!() })),
  });
  return { keys, runs };
}

describe('a chord', () => {
  it('is read from its name', () => {
    expect(parseChord('Ctrl+Shift+Z')).toEqual({ ctrl: true, shift: true, alt: false, key: 'Z' });
    expect(parseChord('+')).toEqual({ ctrl: false, shift: false, alt: false, key: '+' });
  });

  it('takes letters by what they write and digits by where they are: AZERTY works', () => {
    const azertyA = pressOf('a', { code: 'KeyQ' });
    expect(matchesChord(parseChord('A'), azertyA)).toBe(true);
    expect(matchesChord(parseChord('Q'), azertyA)).toBe(false);
    const azerty1 = pressOf('&', { code: 'Digit1' });
    expect(matchesChord(parseChord('1'), azerty1)).toBe(true);
  });

  it('tells Shift+B from B, and does not mind CapsLock', () => {
    expect(matchesChord(parseChord('B'), pressOf('B'))).toBe(true);
    expect(matchesChord(parseChord('B'), pressOf('B', { shiftKey: true }))).toBe(false);
    expect(matchesChord(parseChord('Shift+B'), pressOf('B', { shiftKey: true }))).toBe(true);
  });

  it('takes signs however they are typed, and the command key for Ctrl', () => {
    expect(matchesChord(parseChord('?'), pressOf('?', { shiftKey: true }))).toBe(true);
    expect(matchesChord(parseChord('Ctrl+K'), pressOf('k', { metaKey: true }))).toBe(true);
    expect(matchesChord(parseChord('K'), pressOf('k', { ctrlKey: true }))).toBe(false);
  });
});

describe('the dispatcher', () => {
  it('runs the action of a key and says whether there was one', () => {
    const { keys, runs } = dispatcherWith({ keys: ['R'] }, { keys: ['B', 'X'] });
    expect(keys.press(pressOf('x'), 'page')).toBe(true);
    expect(keys.press(pressOf('q'), 'page')).toBe(false);
    expect(runs.map((run) => run.mock.calls.length)).toEqual([0, 1]);
  });

  it('leaves letters to text fields, but not Ctrl chords and Escape', () => {
    const { keys, runs } = dispatcherWith({ keys: ['R'] }, { keys: ['Ctrl+K'] }, { keys: ['Escape'] });
    expect(keys.press(pressOf('r'), 'text')).toBe(false);
    expect(keys.press(pressOf('k', { ctrlKey: true }), 'text')).toBe(true);
    expect(keys.press(pressOf('Escape'), 'text')).toBe(true);
    expect(runs.map((run) => run.mock.calls.length)).toEqual([0, 1, 1]);
  });

  it('leaves Enter, Space and Tab to a focused button, and gives it letters', () => {
    const { keys } = dispatcherWith(
      { keys: ['Enter'] },
      { keys: ['Space'] },
      { keys: ['R'] },
      { keys: ['Tab'] },
    );
    expect(keys.press(pressOf('Enter'), 'control')).toBe(false);
    expect(keys.press(pressOf(' '), 'control')).toBe(false);
    expect(keys.press(pressOf('Tab'), 'control')).toBe(false);
    expect(keys.press(pressOf('r'), 'control')).toBe(true);
    expect(keys.press(pressOf(' '), 'page')).toBe(true);
  });

  it('does not repeat an action while its key is held, unless that is meant', () => {
    const { keys, runs } = dispatcherWith({ keys: ['R'] }, { keys: ['J'], repeats: true });
    for (const repeat of [false, true, true]) {
      keys.press(pressOf('r', { repeat }), 'page');
      keys.press(pressOf('j', { repeat }), 'page');
    }
    expect(runs.map((run) => run.mock.calls.length)).toEqual([1, 3]);
  });

  it('ends a held action when the key is lifted, or when the window loses the keyboard', () => {
    const release = vi.fn();
    const { keys, runs } = dispatcherWith({ keys: ['Space'], release });
    const space = pressOf(' ', { code: 'Space' });
    keys.press(space, 'page');
    keys.press({ ...space, repeat: true }, 'page');
    expect([runs[0]!.mock.calls.length, release.mock.calls.length]).toEqual([1, 0]);
    keys.lift('Space');
    keys.lift('Space');
    expect(release).toHaveBeenCalledTimes(1);
    keys.press(space, 'page');
    keys.liftAll();
    expect(release).toHaveBeenCalledTimes(2);
  });

  it('asks the screen before the whole window, whichever came first', () => {
    const keys = new KeyDispatcher();
    const called: string[] = [];
    const layer = (rank: 'global' | 'screen' | 'dialog') =>
      keys.add({
        name: rank,
        rank,
        actions: () => [{ id: rank, title: rank, keys: ['P'], run: () => called.push(rank) }],
      });
    layer('screen');
    layer('global');
    keys.press(pressOf('p'), 'page');
    const close = layer('dialog');
    keys.press(pressOf('p'), 'page');
    close();
    keys.press(pressOf('p'), 'page');
    expect(called).toEqual(['screen', 'dialog', 'screen']);
  });

  it('keeps all other keys from what lies under a dialog', () => {
    const { keys, runs } = dispatcherWith({ keys: ['R'] });
    keys.add({ name: 'Dialog', rank: 'dialog', actions: () => [] });
    expect(keys.press(pressOf('r'), 'page')).toBe(false);
    expect(runs[0]).not.toHaveBeenCalled();
  });

  it('runs an action by its name, unless it is not possible or a dialog hides it', () => {
    const { keys, runs } = dispatcherWith({ keys: ['R'] }, { keys: ['B'], isEnabled: false });
    for (const id of ['test.0', 'test.1', 'test.2']) keys.runAction(id);
    keys.add({ name: 'Dialog', rank: 'dialog', actions: () => [] });
    keys.runAction('test.0');
    expect(runs.map((run) => run.mock.calls.length)).toEqual([1, 0]);
  });

  it('passes over actions that are not possible now', () => {
    const { keys, runs } = dispatcherWith({ keys: ['R'], isEnabled: false }, { keys: ['R'] });
    keys.press(pressOf('r'), 'page');
    expect(runs.map((run) => run.mock.calls.length)).toEqual([0, 1]);
  });
});

describe('the keys that a person has chosen', () => {
  it('do what the action does, and its own keys no longer', () => {
    const { keys, runs } = dispatcherWith({ id: 'test.real', keys: ['R'] });
    keys.setKeys(() => ['Ctrl++']);
    expect(keys.press(pressOf('r'), 'page')).toBe(false);
    expect(keys.press(pressOf('+', { ctrlKey: true, shiftKey: true }), 'page')).toBe(true);
    expect(runs[0]).toHaveBeenCalledTimes(1);
  });

  it('are written as chords when they are pressed, and match what was written', () => {
    const presses = [
      [pressOf('a'), 'A'],
      [pressOf('K', { ctrlKey: true, shiftKey: true }), 'Ctrl+Shift+K'],
      [pressOf('&', { code: 'Digit1' }), '1'],
      [pressOf('?', { code: 'Slash', shiftKey: true }), '?'],
      [pressOf(' ', { code: 'Space' }), 'Space'],
      [pressOf('ArrowLeft', { shiftKey: true }), 'Shift+ArrowLeft'],
      [pressOf('+', { ctrlKey: true }), 'Ctrl++'],
    ] as const;
    for (const [press, chord] of presses) {
      expect(chordOf(press)).toBe(chord);
      expect(matchesChord(parseChord(chord), press)).toBe(true);
    }
    expect(chordOf(pressOf('Shift', { shiftKey: true }))).toBeUndefined();
  });
});
