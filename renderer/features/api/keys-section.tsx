import { useMemo, useState } from 'react';
import type { Keymap } from '../../../core/api/contract/index.ts';
import { useChangeSetting, useSettings } from '../../api/settings.ts';
import { announce } from '../../ui/announce.ts';
import { Choice } from '../../ui/choice.tsx';
import { KeyCap, nameOfChord } from '../../ui/key-cap.tsx';
import { type KnownAction, useActionCatalog } from '../../ui/keys/action-catalog.ts';
import type { KeysOf } from '../../ui/keys/dispatcher.ts';
import { type Conflict, findConflicts, findLosers } from './find-conflicts.ts';
import { KeyRecorder } from './key-recorder.tsx';
import { SettingRow } from './setting-row.tsx';

/** What the window knows of keys. */
export interface KeymapParts {
  readonly presets: readonly { readonly value: Keymap['preset']; readonly label: string }[];
  /** Tells the keys of every action under a keymap. */
  readonly keysUnder: (keymap: Keymap) => KeysOf;
}

/** Every action and its keys: presets, changes by hand, and what would mean two things. */
export function KeysSection({ presets, keysUnder }: KeymapParts) {
  const keymap = useSettings()?.keymap;
  const change = useChangeSetting();
  const known = useActionCatalog(({ actions }) => actions);
  const [text, setText] = useState('');
  const [recording, setRecording] = useState<string>();
  const actions = useMemo(() => Object.values(known), [known]);
  const keysOf = useMemo(() => (keymap === undefined ? undefined : keysUnder(keymap)), [keymap, keysUnder]);
  const conflicts = useMemo(() => (keysOf ? findConflicts(actions, keysOf) : []), [actions, keysOf]);
  if (keymap === undefined || keysOf === undefined) return null;
  const bind = (id: string, keys: readonly string[] | undefined): void =>
    change('keymap', (was) => {
      const { [id]: _before, ...bindings } = was.bindings;
      return { ...was, bindings: keys === undefined ? bindings : { ...bindings, [id]: [...keys] } };
    });
  const words = text.toLowerCase().split(/\s+/);
  const shown = actions.filter((action) =>
    words.every((word) =>
      `${action.layer} ${action.title} ${keysOf(action).join(' ')}`.toLowerCase().includes(word),
    ),
  );
  const layers = [...new Set(shown.map(({ layer }) => layer))];
  const unknown = Object.keys(keymap.bindings).filter((id) => known[id] === undefined);
  return (
    <>
      <SettingRow
        name="Preset"
        note="What you change below stays, whichever preset is chosen. Every action stays in the palette, Ctrl K."
      >
        <Choice
          name="Preset"
          values={presets}
          value={keymap.preset}
          onChoose={(preset) => change('keymap', (was) => ({ ...was, preset }))}
        />
      </SettingRow>
      <div className="keymap-bar">
        <input
          className="palette-input"
          type="text"
          aria-label="Filter actions"
          placeholder="Filter by name or key"
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <span className="dim">
          {conflicts.length === 0 ? 'no conflicts' : `${conflicts.length} in conflict`}
          {unknown.length > 0 && ` · ${unknown.length} of other versions kept`}
        </span>
        <button
          type="button"
          className="button button-outline"
          disabled={Object.keys(keymap.bindings).length === 0}
          onClick={() => change('keymap', (was) => ({ ...was, bindings: {} }))}
        >
          Undo all changes
        </button>
      </div>
      {layers.map((layer) => (
        <section key={layer} aria-label={layer} className="keymap-group">
          <h2>{layer}</h2>
          {shown
            .filter((action) => action.layer === layer)
            .map((action) => (
              <KeyRow
                key={action.id}
                action={action}
                chords={keysOf(action)}
                isChanged={keymap.bindings[action.id] !== undefined}
                conflict={conflicts.find(({ ids }) => ids.includes(action.id))}
                others={known}
                losers={findLosers(action, actions, keysOf)}
                isRecording={recording === action.id}
                onRecord={() => setRecording(action.id)}
                onKeys={(keys) => {
                  bind(action.id, keys);
                  setRecording(undefined);
                  announce(
                    keys === undefined
                      ? `${action.title}: as before`
                      : `${action.title}: ${keys.map(nameOfChord)}`,
                  );
                }}
                onCancel={() => setRecording(undefined)}
              />
            ))}
        </section>
      ))}
      {shown.length === 0 && <p className="dim setting-none">No action is called that.</p>}
    </>
  );
}

function KeyRow({
  action,
  chords,
  isChanged,
  conflict,
  others,
  losers,
  isRecording,
  onRecord,
  onKeys,
  onCancel,
}: {
  readonly action: KnownAction;
  readonly chords: readonly string[];
  readonly isChanged: boolean;
  readonly conflict: Conflict | undefined;
  readonly others: Readonly<Record<string, KnownAction>>;
  /** Actions that lost a key to this one. */
  readonly losers: readonly KnownAction[];
  readonly isRecording: boolean;
  readonly onRecord: () => void;
  /** `undefined` goes back to the preset's. */
  readonly onKeys: (keys: readonly string[] | undefined) => void;
  readonly onCancel: () => void;
}) {
  const clash = conflict?.ids.filter((id) => id !== action.id).map((id) => others[id]?.title ?? id);
  return (
    <div className="key-row">
      <span className="ellipsis">{action.title}</span>
      <span className="key-row-keys">
        {isRecording ? (
          <KeyRecorder
            onChord={(chord) => onKeys([chord, ...chords.filter((one) => one !== chord)].slice(0, 4))}
            onCancel={onCancel}
          />
        ) : (
          chords.map((chord) => (
            <button
              key={chord}
              type="button"
              className="key-remove"
              title={`Take ${nameOfChord(chord)} away`}
              aria-label={`Take ${nameOfChord(chord)} from ${action.title}`}
              onClick={() => onKeys(chords.filter((one) => one !== chord))}
            >
              <KeyCap chord={chord} />
            </button>
          ))
        )}
      </span>
      <span className="key-row-conflict ellipsis">
        {clash !== undefined && (
          <>
            <KeyCap chord={conflict!.chord} /> is also: {clash.join(', ')}
          </>
        )}
        {losers.length > 0 && ` taken from: ${losers.map(({ title }) => title).join(', ')}`}
      </span>
      <button type="button" className="button" aria-label={`Add a key to ${action.title}`} onClick={onRecord}>
        Add
      </button>
      <button
        type="button"
        className="button"
        aria-label={`Reset ${action.title}`}
        disabled={!isChanged}
        onClick={() => onKeys(undefined)}
      >
        Reset
      </button>
    </div>
  );
}
