import { useMemo, useState } from 'react';
import { useRuns } from '../api/queries.ts';
import { Dialog } from '../ui/dialog.tsx';
import { KeyCap } from '../ui/key-cap.tsx';
import type { Action, ActionLayer } from '../ui/keys/dispatcher.ts';
import { goTo } from './navigation.ts';

/** Something the palette can do. */
interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly chord?: string | undefined;
  run(): void;
}

/** Lines shown at once; more typing finds the rest. */
const SHOWN = 12;

/** Everything that can be done here, and every field, found by typing. */
export function CommandPalette({
  layers,
  onClose,
}: {
  readonly layers: readonly ActionLayer[];
  readonly onClose: () => void;
}) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const runs = useRuns().data?.runs;
  const commands = useMemo(
    (): Command[] => [
      ...layers.flatMap(commandsOf),
      ...(runs ?? []).map((run) => ({
        id: run.id,
        title: run.science?.object ?? run.science?.name ?? fileName(run.sciencePath),
        group: 'Open field',
        run: () => goTo({ screen: 'field', runId: run.id }),
      })),
    ],
    [layers, runs],
  );
  const found = commands.filter((command) => matches(command, text)).slice(0, SHOWN);
  const chosen = Math.min(at, found.length - 1);
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  return (
    <Dialog title="Do or find anything" className="palette" onClose={onClose}>
      <input
        className="palette-input"
        data-focus-first=""
        type="text"
        role="combobox"
        aria-label="Command or field"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[chosen] && `palette-${found[chosen].id}`}
        placeholder="Type a few letters"
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
      <div id="palette-list" className="palette-list" role="listbox" aria-label="Commands and fields">
        {found.map((command, i) => (
          <div
            key={command.id}
            id={`palette-${command.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === chosen}
            className="palette-line"
            onPointerMove={() => setAt(i)}
            onPointerUp={() => run(command)}
          >
            <span className="dim palette-group">{command.group}</span>
            <span className="ellipsis">{command.title}</span>
            {command.chord !== undefined && <KeyCap chord={command.chord} />}
          </div>
        ))}
        {found.length === 0 && <p className="palette-none dim">Nothing here is called that.</p>}
      </div>
    </Dialog>
  );
}

function commandsOf(layer: ActionLayer): Command[] {
  const isCommand = (action: Action): boolean => action.isEnabled !== false && action.release === undefined;
  return layer
    .actions()
    .filter(isCommand)
    .map((action) => ({
      id: action.id,
      title: action.title,
      group: layer.name,
      chord: action.keys[0],
      run: action.run,
    }));
}

function matches(command: Command, text: string): boolean {
  const haystack = `${command.group} ${command.title}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1)!;
}
