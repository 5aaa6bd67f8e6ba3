import { type RefObject, useEffect, useState } from 'react';
import { useChangeSetting, useSettings } from '../../api/settings.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Form, TextField } from '../../ui/form.tsx';
import { KeyCap } from '../../ui/key-cap.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { Menu } from '../../ui/menu.tsx';
import { changeList, useQueueView } from './queue-view.ts';

/** Pause in typing after which the list is asked for, ms. */
const TYPED_MS = 180;

const HELP =
  'Words that must be there, -words that must not. status:failed  grade:red  band:r  night:2026-03-01  candidates>10  seeing<1.5  is:unlabelled; each with - before it is left out.';

/** What is typed to keep the list to some runs, and the filters that were saved. */
export function QueueFilter({
  input,
  focusKey,
}: {
  readonly input: RefObject<HTMLInputElement | null>;
  readonly focusKey: string | undefined;
}) {
  const filter = useQueueView((view) => view.filter);
  const [typed, setTyped] = useState(filter);
  const saved = useSettings()?.queue.filters ?? [];
  const change = useChangeSetting();
  useEffect(() => setTyped(filter), [filter]);
  useEffect(() => {
    if (typed === useQueueView.getState().filter) return;
    const timer = setTimeout(() => changeList({ filter: typed }), TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <>
      <div className="queue-filter">
        <input
          ref={input}
          className="palette-input"
          type="text"
          aria-label="Filter"
          title={HELP}
          placeholder="Filter: m31 -bias status:failed"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' && event.key !== 'Enter') return;
            // Back to the list; a second Escape there means what it means there.
            event.stopPropagation();
            if (event.key === 'Escape' && typed !== '') changeList({ filter: '' });
            event.currentTarget.blur();
          }}
        />
        {focusKey !== undefined && <KeyCap chord={focusKey} />}
      </div>
      {saved.length > 0 && (
        <Menu
          name="saved"
          choices={[
            ...saved.map(({ name, text }) => ({ value: text, label: name })),
            { value: '\u0000', label: `Forget ${saved.find(({ text }) => text === filter)?.name ?? 'none'}` },
          ]}
          value={saved.find(({ text }) => text === filter)?.name ?? '–'}
          isChosen={(text) => text === filter}
          onChoose={(text) =>
            text === '\u0000'
              ? change('queue', (was) => ({
                  ...was,
                  filters: was.filters.filter((one) => one.text !== filter),
                }))
              : changeList({ filter: text })
          }
        />
      )}
    </>
  );
}

/** Asks what a filter shall be called. */
export function SaveFilter({ onClose }: { readonly onClose: () => void }) {
  const filter = useQueueView((view) => view.filter);
  const change = useChangeSetting();
  const [name, setName] = useState(filter);
  const save: Action = {
    id: 'filter.save',
    title: 'Save it',
    keys: ['Ctrl+Enter'],
    isEnabled: name.trim() !== '',
    run: () => {
      change('queue', (was) => ({
        ...was,
        filters: [
          ...was.filters.filter((one) => one.name !== name.trim()),
          { name: name.trim().slice(0, 60), text: filter },
        ],
      }));
      onClose();
    },
  };
  return (
    <Dialog title="Save this filter" className="confirm" actions={[save]} onClose={onClose}>
      <Form act={save}>
        <p className="confirm-sentence mono">{filter}</p>
        <TextField name="Name" isFirst maxLength={60} value={name} onText={setName} />
      </Form>
    </Dialog>
  );
}
