import { useState } from 'react';
import { NewApiKey, ROLES, type Role, SCOPES, type Scope } from '../../../core/api/contract/index.ts';
import { useCreateKey } from '../../api/access.ts';
import { describeFailure } from '../../api/client.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Form, TextField } from '../../ui/form.tsx';
import { formatDay } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';

/** What each role is for. */
const MEANINGS: Readonly<Record<Role, string>> = {
  viewer: 'reads runs, candidates, objects, labels and pixels of runs',
  labeller: 'also labels candidates, as itself',
  operator: 'also queues and stops runs, decides on differences, reads files of this machine, syncs',
  admin: 'also changes taxonomy, rules, models, connection and keys, and may label for others',
};

const WORDS = [...new Set(SCOPES.map((scope) => scope.split(':')[0]!))];
const DAYS = [7, 30, 90, 365] as const;

/** Asks what a key is for, makes it, and shows it this once. */
export function NewKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const create = useCreateKey();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState<number>(90);
  const [isKept, setIsKept] = useState(false);
  const [scopes, setScopes] = useState<ReadonlySet<Scope>>(new Set());
  const wanted = NewApiKey.safeParse({
    name,
    role,
    expiresInDays: days,
    ...(isKept ? { scopes: SCOPES.filter((scope) => scopes.has(scope)) } : {}),
  });
  const make: Action = {
    id: 'access.make',
    title: create.isPending ? 'Making …' : 'Make the key',
    keys: ['Ctrl+Enter'],
    isEnabled: wanted.success && !create.isPending,
    run: () => wanted.success && create.mutate(wanted.data),
  };
  if (create.data !== undefined)
    return <MadeKey secret={create.data.key} record={create.data.record} onClose={onClose} />;
  const toggle = (scope: Scope): void => {
    const next = new Set(scopes);
    if (!next.delete(scope)) next.add(scope);
    setScopes(next);
  };
  return (
    <Dialog title="New key" className="new-key" actions={[make]} onClose={onClose}>
      <Form act={make} failure={create.isError ? describeFailure(create.error).message : undefined}>
        <TextField
          name="Name"
          isFirst
          maxLength={80}
          placeholder="what uses it, e.g. night script"
          value={name}
          onText={setName}
        />
        <div className="new-key-row">
          <span>Role</span>
          <Choice
            name="Role"
            values={ROLES.map((value) => ({ value, label: value }))}
            value={role}
            onChoose={setRole}
          />
        </div>
        <p className="dim new-key-note">{MEANINGS[role]}</p>
        <div className="new-key-row">
          <span>Lasts</span>
          <Choice
            name="Lasts"
            values={DAYS.map((value) => ({ value, label: `${value} days` }))}
            value={days}
            onChoose={setDays}
          />
        </div>
        <div className="new-key-row">
          <span>Kept to</span>
          <Choice
            name="Kept to"
            values={[
              { value: 'all', label: 'all that the role may' },
              { value: 'some', label: 'some of it' },
            ]}
            value={isKept ? 'some' : 'all'}
            onChoose={(value) => setIsKept(value === 'some')}
          />
        </div>
        {isKept && (
          <fieldset className="new-key-scopes" aria-label="Scopes">
            {WORDS.map((word) => (
              <div key={word}>
                <span>{word}</span>
                {(['read', 'write'] as const).map((what) => {
                  const scope = SCOPES.find((one) => one === `${word}:${what}`);
                  return scope === undefined ? (
                    <span key={what} />
                  ) : (
                    <label key={what} className="check-field">
                      <input
                        type="checkbox"
                        aria-label={scope}
                        checked={scopes.has(scope)}
                        onChange={() => toggle(scope)}
                      />
                      {what}
                    </label>
                  );
                })}
              </div>
            ))}
          </fieldset>
        )}
      </Form>
    </Dialog>
  );
}

function MadeKey({
  secret,
  record: { name, role, expiresAt },
  onClose,
}: {
  readonly secret: string;
  readonly record: { readonly name: string; readonly role: Role; readonly expiresAt: string };
  readonly onClose: () => void;
}) {
  const [isCopied, setIsCopied] = useState(false);
  const copy: Action = {
    id: 'access.copy',
    title: isCopied ? 'Copied' : 'Copy it',
    keys: ['C'],
    run: () =>
      void navigator.clipboard.writeText(secret).then(
        () => setIsCopied(true),
        () => undefined,
      ),
  };
  return (
    <Dialog title={`The key of ${name}`} className="new-key" actions={[copy]} onClose={onClose}>
      <p>
        It is shown this once, and kept nowhere: not in this workspace, and not in a log. It is{' '}
        {nameRole(role)} until {formatDay(expiresAt)}.
      </p>
      <p className="mono selectable new-key-secret">{secret}</p>
      <p className="dim new-key-note">
        A program sends it with each request: <code className="mono">Authorization: Bearer KEY</code>
      </p>
      <div className="new-key-actions">
        <ActionButton action={copy} look="primary" />
      </div>
    </Dialog>
  );
}

function nameRole(role: Role): string {
  return /^[ao]/.test(role) ? `an ${role}` : `a ${role}`;
}
