import { describe, expect, it } from 'vitest';
import { Keymap } from '../../core/api/contract/index.ts';
import { keysByPreset } from './key-presets.ts';

describe('the keys of an action', () => {
  const real = { id: 'label.real', keys: ['R'] };
  const flag = { id: 'label.flag', keys: ['F'] };

  it('are its own where neither the person nor the preset says otherwise', () => {
    expect(keysByPreset(Keymap.parse({}))(real)).toEqual(['R']);
  });

  it('are those the person has bound, before those of the preset', () => {
    const keysOf = keysByPreset(Keymap.parse({ preset: 'prodigy', bindings: { 'label.real': ['Y'] } }));
    expect(keysOf(real)).toEqual(['Y']);
    expect(keysOf({ id: 'label.bogus', keys: ['B'] })).toEqual(['X']);
  });

  it('lose a chord that was given to another action of the same screen, and only there', () => {
    const keysOf = keysByPreset(Keymap.parse({ bindings: { 'label.real': ['F'] } }));
    expect(keysOf(flag)).toEqual([]);
    expect(keysOf({ id: 'field.freeze', keys: ['F'] })).toEqual(['F']);
  });

  it('are the same array each time, so that nothing is drawn anew for it', () => {
    const keysOf = keysByPreset(Keymap.parse({ bindings: { 'label.real': ['F'] } }));
    expect(keysOf({ ...flag, keys: ['F', 'Ctrl+F'] })).toBe(keysOf({ ...flag, keys: ['F', 'Ctrl+F'] }));
  });

  it('bound to actions of another version are kept', () => {
    const bindings = { 'later.action': ['Ctrl+J'] };
    expect(Keymap.parse({ bindings }).bindings).toEqual(bindings);
  });
});
