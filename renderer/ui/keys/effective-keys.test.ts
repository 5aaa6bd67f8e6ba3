import { expect, it } from 'vitest';
import type { Action, ActionLayer } from './dispatcher.ts';
import { effectiveKeys } from './effective-keys.ts';

const action = (id: string, keys: readonly string[], isEnabled = true): Action => ({
  id,
  title: id,
  keys,
  isEnabled,
  run: () => undefined,
});
const layer = (...actions: readonly Action[]): ActionLayer => ({
  name: 'a layer',
  rank: 'screen',
  actions: () => actions,
});

it('a key of several actions is that of the nearest which is enabled', () => {
  const layers = [
    layer(action('regions.exclude', ['E'], false), action('regions.include', ['I'])),
    layer(action('field.stretch', ['E', 'Shift+E']), action('field.invert', ['I'])),
  ];
  expect([...effectiveKeys(layers, ({ keys }) => keys)]).toEqual([
    ['regions.include', ['I']],
    ['field.stretch', ['E', 'Shift+E']],
  ]);
});

it('an action that is not enabled keeps a key that nobody else has', () => {
  const layers = [layer(action('label.undo', ['Backspace'], false))];
  expect(effectiveKeys(layers, ({ keys }) => keys).get('label.undo')).toEqual(['Backspace']);
});
