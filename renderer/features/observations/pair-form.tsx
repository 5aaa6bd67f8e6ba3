import { useState } from 'react';
import { Dialog } from '../../ui/dialog.tsx';
import { Form, TextField } from '../../ui/form.tsx';
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
  const process: Action = {
    id: 'pair.process',
    title: 'Process the pair',
    keys: ['Ctrl+Enter'],
    isEnabled: isComplete,
    run: () =>
      onSubmit({
        ...pair,
        sciencePath: pair.sciencePath.trim(),
        templatePath: pair.templatePath.trim(),
      }),
  };
  return (
    <Dialog title="Open FITS pair" actions={[process]} onClose={onClose}>
      <Form act={process}>
        <TextField
          name="Science image"
          isFirst
          placeholder="/data/night/science.fits"
          value={pair.sciencePath}
          onText={(sciencePath) => setPair({ ...pair, sciencePath })}
        />
        <TextField
          name="Template to compare it with"
          placeholder="/data/archive/template.fits"
          value={pair.templatePath}
          onText={(templatePath) => setPair({ ...pair, templatePath })}
        />
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
      </Form>
    </Dialog>
  );
}
