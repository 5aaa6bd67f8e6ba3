import { useState } from 'react';
import { GivenName, type SkyObject } from '../../../core/api/contract/index.ts';
import { useNameObject } from '../../api/catalog.ts';
import { describeFailure } from '../../api/client.ts';
import { announce } from '../../ui/announce.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Form, TextField } from '../../ui/form.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';

/** Asks what people call an object; an empty name takes it back. */
export function NameDialog({
  object: { id, name, givenName },
  onClose,
}: {
  readonly object: Pick<SkyObject, 'id' | 'name' | 'givenName'>;
  readonly onClose: () => void;
}) {
  const give = useNameObject();
  const [text, setText] = useState(givenName ?? '');
  const wanted = text.trim();
  const isEmpty = wanted === '';
  const save: Action = {
    id: 'object.save-name',
    title: isEmpty && givenName !== undefined ? 'Take its name away' : 'Name it',
    keys: ['Ctrl+Enter'],
    isEnabled:
      wanted !== (givenName ?? '') && (isEmpty || GivenName.safeParse(wanted).success) && !give.isPending,
    run: () =>
      give.mutate(
        { id, givenName: isEmpty ? undefined : wanted },
        {
          onSuccess: () => {
            announce(isEmpty ? `${name} has no name of its own` : `${name} is called ${wanted}`);
            onClose();
          },
        },
      ),
  };
  return (
    <Dialog title="What it is called" actions={[save]} onClose={onClose}>
      <Form act={save} failure={give.isError ? describeFailure(give.error).message : undefined}>
        <TextField name="Name" isFirst maxLength={100} placeholder={name} value={text} onText={setText} />
        <p className="dim object-name-note">
          {name} stays what it is called after its place. A name of its own goes to all workstations of the
          project; where two people give different ones, both are kept.
        </p>
      </Form>
    </Dialog>
  );
}
