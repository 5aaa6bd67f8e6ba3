import { describe, expect, it } from 'vitest';
import { Keymap } from '../../core/api/contract/index.ts';
import { keysByPreset, PRESETS } from './key-presets.ts';
import knownActions from './known-actions.json' with { type: 'json' };

/** Actions of which only one is enabled at a time, so that they may have the same key, and why. */
const NEVER_AT_ONCE: readonly (readonly string[])[] = [
  // A tool or a region is let go of first; without one, the screen is left.
  ['field.queue', 'tools.let-go'],
  // A label that could not be written is saved again or dropped before anything else is possible.
  ['label.give-up', 'label.queue'],
  // The last needs a failure, the second the end of the queue, the first a candidate.
  ['label.field', 'label.next-run', 'label.retry'],
];

/** Letters of DS9 for a region: they are the region's only while one is chosen (and then go first). */
const isOfChosenRegion = (id: string): boolean =>
  /^regions\.(include|exclude|source|background|delete)$/.test(id);

/** What a key does to the images is remembered with the screen where it was met last, and is there on Field too. */
const isOn = (screen: string, action: { readonly id: string; readonly screen?: string }): boolean =>
  action.screen === screen || (screen === 'field' && action.id.startsWith('field.'));

const everywhere = knownActions.filter(({ screen }) => screen === undefined);
const screens = [...new Set(knownActions.map(({ screen }) => screen))].filter((one) => one !== undefined);

describe.each(Keymap.shape.preset.unwrap().options)('with the keys of %s', (preset) => {
  const keysOf = keysByPreset(Keymap.parse({ preset }));

  it.each(screens)('no key means two things at once on the screen %s', (screen) => {
    const here = [...knownActions.filter((action) => isOn(screen, action)), ...everywhere];
    const byKey = new Map<string, string[]>();
    for (const action of here.filter(({ id }) => !isOfChosenRegion(id)))
      for (const key of keysOf(action)) byKey.set(key, [...(byKey.get(key) ?? []), action.id]);
    const clashes = [...byKey].filter(
      ([, ids]) => ids.length > 1 && !NEVER_AT_ONCE.some((group) => ids.every((id) => group.includes(id))),
    );
    expect(clashes).toEqual([]);
  });
});

it('presets name only actions that exist', () => {
  const known = new Set(knownActions.map(({ id }) => id));
  const named = Object.values(PRESETS).flatMap(({ keys }) => Object.keys(keys));
  expect(named.filter((id) => !known.has(id))).toEqual([]);
});
