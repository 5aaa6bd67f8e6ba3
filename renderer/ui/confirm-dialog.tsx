import { useState } from 'react';
import { Dialog } from './dialog.tsx';
import { Form, TextField } from './form.tsx';
import type { Action } from './keys/dispatcher.ts';

/** Asks before something is done that people do not want by mistake. */
export function ConfirmDialog({
  title,
  sentence,
  verb,
  typed,
  onConfirm,
  onClose,
}: {
  readonly title: string;
  readonly sentence: string;
  /** What the button says. */
  readonly verb: string;
  /** Words that have to be typed first, for what changes the work of others. */
  readonly typed?: string | undefined;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState('');
  const confirm: Action = {
    id: 'dialog.confirm',
    title: verb,
    keys: typed === undefined ? ['Enter'] : ['Ctrl+Enter'],
    isEnabled: typed === undefined || text.trim() === typed,
    run: () => {
      onClose();
      onConfirm();
    },
  };
  return (
    <Dialog title={title} className="confirm" actions={[confirm]} onClose={onClose}>
      <Form act={confirm}>
        <p className="confirm-sentence">{sentence}</p>
        {typed !== undefined && (
          <TextField
            name={
              <>
                Type <span className="mono">{typed}</span>
              </>
            }
            isFirst
            value={text}
            onText={setText}
          />
        )}
      </Form>
    </Dialog>
  );
}
