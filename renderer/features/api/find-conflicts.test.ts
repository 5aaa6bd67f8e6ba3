import { describe, expect, it } from 'vitest';
import type { KnownAction } from '../../ui/keys/action-catalog.ts';
import { findConflicts, findLosers } from './find-conflicts.ts';

const make = (id: string, keys: readonly string[], screen?: string): KnownAction => ({
  id,
  title: id,
  keys,
  layer: 'x',
  rank: screen === undefined ? 'global' : 'screen',
  screen,
});

const real = make('label.real', ['R'], 'label');
const undo = make('label.undo', ['Ctrl+Z'], 'label');
const retry = make('label.retry', ['Enter'], 'label');
const open = make('label.open', ['Enter'], 'label');
const fit = make('field.fit', ['R'], 'field');
const palette = make('shell.palette', ['Ctrl+K']);

describe('a conflict of keys', () => {
  const all = [real, undo, retry, open, fit, palette];

  it('is none where actions are on different screens, or share a key by themselves', () => {
    expect(findConflicts(all, ({ keys }) => keys)).toEqual([]);
  });

  it('is found on one screen, and between a screen and what is everywhere', () => {
    const keysOf = (action: KnownAction): readonly string[] =>
      ({ 'label.undo': ['R'], 'field.fit': ['Ctrl+K'] })[action.id] ?? action.keys;
    expect(findConflicts(all, keysOf)).toEqual([
      { chord: 'R', ids: ['label.real', 'label.undo'] },
      { chord: 'Ctrl+K', ids: ['field.fit', 'shell.palette'] },
    ]);
  });

  it('that was solved by taking the chord away is told with who lost it', () => {
    const keysOf = (action: KnownAction): readonly string[] =>
      ({ 'label.undo': ['R'], 'label.real': [] })[action.id] ?? action.keys;
    expect(findLosers(undo, all, keysOf)).toEqual([real]);
    expect(findLosers(fit, all, keysOf)).toEqual([]);
  });
});
