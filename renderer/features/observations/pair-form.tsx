import { type FormEvent, useState } from 'react';
import { ActionButton } from '../../ui/action-button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import type { Pair } from './use-run-commands.ts';

/** Asks for the paths of two files: a browser may not look at the disk of the core. */
export function PairForm({
  onSubmit,
  onClose,
}: {
  readonly onSubmit: (pair: Pair) => void;
  readonly onClose: () => void;
}) {
  const [pair, setPair] = useState<Pair>({ sciencePath: '', templatePath: '', allowBandMismatch: false });
  const isComplete = pair.sciencePath.trim() !== '' && pair.templatePath.trim() !== '';
  const submit = (): void => {
    if (isComplete)
      onSubmit({
        ...pair,
        sciencePath: pair.sciencePath.trim(),
        templatePath: pair.templatePath.trim(),
      });
  };
  const process: Action = {
    id: 'pair.process',
    title: 'Process the pair',
    keys: ['Ctrl+Enter'],
    isEnabled: isComplete,
    run: submit,
  };
  return (
    <Dialog title="Open FITS pair" actions={[process]} onClose={onClose}>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          submit();
        }}
      >
        <label className="text-field">
          <span>Science image</span>
          <input
            type="text"
            data-focus-first=""
            spellCheck={false}
            placeholder="/data/night/science.fits"
            value={pair.sciencePath}
            onChange={(event) => setPair({ ...pair, sciencePath: event.target.value })}
          />
        </label>
        <label className="text-field">
          <span>Template to compare it with</span>
          <input
            type="text"
            spellCheck={false}
            placeholder="/data/archive/template.fits"
            value={pair.templatePath}
            onChange={(event) => setPair({ ...pair, templatePath: event.target.value })}
          />
        </label>
        <label className="check-field">
          <input
            type="checkbox"
            checked={pair.allowBandMismatch}
            onChange={(event) => setPair({ ...pair, allowBandMismatch: event.target.checked })}
          />
          The two may be of different bands
        </label>
        <p className="pair-note dim">
          Paths on the machine where AstrID runs. The files are read, never changed; FITS, .fz and .gz.
        </p>
        <ActionButton action={process} look="primary" />
      </form>
    </Dialog>
  );
}
