import { useState } from 'react';
import { Dialog } from '../../ui/dialog.tsx';
import { KeyCap } from '../../ui/key-cap.tsx';
import type { ActionLayer } from '../../ui/keys/dispatcher.ts';
import { rankEntries } from './rank-entries.ts';
import { type Entry, useEntries } from './use-entries.ts';

/** Lines shown at once; more typing finds the rest. */
const SHOWN = 12;

function showChosen(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' });
}

/** Everything that can be done or opened, anywhere in the program, found by typing. */
export function CommandPalette({
  layers,
  onClose,
}: {
  readonly layers: readonly ActionLayer[];
  readonly onClose: () => void;
}) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const { entries, isLoading } = useEntries(layers, text);
  const found = rankEntries(entries, text, SHOWN);
  const chosen = Math.min(at, found.length - 1);
  const run = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    onClose();
    // The dialog hides the keys and actions of everything under it until it is gone.
    setTimeout(() => entry.run(), 0);
  };
  return (
    <Dialog title="Do or find anything" className="palette" onClose={onClose}>
      <input
        className="palette-input"
        data-focus-first=""
        type="text"
        role="combobox"
        aria-label="Command, field, candidate, object or setting"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[chosen] && `palette-${found[chosen].id}`}
        placeholder="A few letters of an action, screen, field, candidate, object or setting"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, found.length - 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
          else if (event.key === 'Enter') run(found[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <div id="palette-list" className="palette-list" role="listbox" aria-label="Found">
        {found.map((entry, i) => (
          <div
            key={entry.id}
            id={`palette-${entry.id}`}
            role="option"
            tabIndex={-1}
            ref={i === chosen ? showChosen : undefined}
            aria-selected={i === chosen}
            className="palette-line"
            onPointerMove={() => setAt(i)}
            onPointerUp={() => run(entry)}
          >
            <span className="dim palette-group">{entry.group}</span>
            <span className="ellipsis">{entry.title}</span>
            {entry.note !== undefined && <span className="mono dim palette-note">{entry.note}</span>}
            {entry.chord !== undefined && <KeyCap chord={entry.chord} />}
          </div>
        ))}
        {found.length === 0 && (
          <p className="palette-none dim">{isLoading ? 'Looking…' : 'Nothing here is called that.'}</p>
        )}
      </div>
    </Dialog>
  );
}
