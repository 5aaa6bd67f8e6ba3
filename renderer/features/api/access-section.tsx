import { useState } from 'react';
import type { ApiKey } from '../../../core/api/contract/index.ts';
import { useApiKeys, useAudit, useRevokeKey } from '../../api/access.ts';
import { describeFailure } from '../../api/client.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatClock, formatCount, formatDay } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { NewKeyDialog } from './new-key-dialog.tsx';
import './access.css';

const dayAndTime = (instant: string): string => `${formatDay(instant)} ${formatClock(instant)}`;

/** Who may use the API of this workspace, and who wrote what. */
export function AccessSection() {
  const known = useApiKeys();
  const [isMaking, setIsMaking] = useState(false);
  const make: Action = { id: 'access.new', title: 'New key', keys: ['N'], run: () => setIsMaking(true) };
  useActions('Access', 'screen', [make]);
  const keys = known.data ?? [];
  const active = keys.filter(({ state }) => state === 'active');
  return (
    <>
      <div className="keymap-bar">
        <h2>Keys of programs</h2>
        <span className="dim">
          {known.isPending ? '' : `${formatCount(active.length)} let in; “astrid serve --api” serves them`}
        </span>
        <span className="top-gap" />
        <ActionButton action={make} look="outline" />
      </div>
      {known.isError && (
        <FailureNote failure={describeFailure(known.error)} onRetry={() => void known.refetch()} />
      )}
      {known.isSuccess && keys.length === 0 && (
        <p className="dim setting-none">
          No program has a key. A key lets a script list runs and candidates, or label and queue fields, as
          far as the role that you give it goes.
        </p>
      )}
      <KeyTable keys={[...active, ...keys.filter(({ state }) => state !== 'active')]} />
      <AuditTable />
      {isMaking && <NewKeyDialog onClose={() => setIsMaking(false)} />}
    </>
  );
}

function KeyTable({ keys }: { readonly keys: readonly ApiKey[] }) {
  const revoke = useRevokeKey();
  const [asked, setAsked] = useState<ApiKey>();
  if (keys.length === 0) return null;
  return (
    <>
      {revoke.isError && (
        <FailureNote failure={describeFailure(revoke.error)} onDismiss={() => revoke.reset()} />
      )}
      <table className="access-table access-keys">
        <thead>
          <tr>
            <th>Name</th>
            <th>Role</th>
            <th>Kept to</th>
            <th>Until</th>
            <th>Last used, UTC</th>
            <th>Id</th>
            <th aria-label="Revoke" />
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => {
            const { id, name, role, scopes, state, expiresAt, lastUsedAt } = key;
            return (
              <tr key={id} className={state === 'active' ? undefined : 'dim'}>
                <td title={name}>{name}</td>
                <td>{role}</td>
                <td className={scopes === undefined ? 'dim' : 'mono'} title={scopes?.join(', ')}>
                  {scopes === undefined ? 'all of it' : scopes.join(', ')}
                </td>
                <td>{state === 'active' ? formatDay(expiresAt) : state}</td>
                <td className={lastUsedAt === undefined ? 'dim' : undefined}>
                  {lastUsedAt === undefined ? 'never' : dayAndTime(lastUsedAt)}
                </td>
                <td className="mono dim selectable">{id}</td>
                <td>
                  {state === 'active' && (
                    <button
                      type="button"
                      className="button button-outline"
                      aria-label={`Revoke ${name}`}
                      disabled={revoke.isPending}
                      onClick={() => setAsked(key)}
                    >
                      Revoke
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {asked !== undefined && (
        <ConfirmDialog
          title={`Revoke ${asked.name}`}
          sentence="Whatever uses this key is let in no more, from this moment on. It cannot be given back; another key can be made."
          verb="Revoke it"
          onConfirm={() => revoke.mutate(asked.id)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}

function AuditTable() {
  const audit = useAudit();
  const { entries = [], total = 0 } = audit.data ?? {};
  return (
    <>
      <div className="keymap-bar access-audit-bar">
        <h2>Who wrote what</h2>
        <span className="dim">
          {audit.isPending
            ? ''
            : `${formatCount(total)} ${total === 1 ? 'request' : 'requests'}, kept for ever`}
        </span>
      </div>
      {audit.isError && (
        <FailureNote failure={describeFailure(audit.error)} onRetry={() => void audit.refetch()} />
      )}
      {audit.isSuccess && entries.length === 0 && (
        <p className="dim setting-none">Nothing was written yet, neither here nor by a program.</p>
      )}
      {entries.length > 0 && (
        <table className="access-table access-audit">
          <thead>
            <tr>
              <th>When, UTC</th>
              <th>Who</th>
              <th>What</th>
              <th>Where</th>
              <th>Answer</th>
            </tr>
          </thead>
          <tbody>
            {entries.map(({ requestId, at, principal, principalName, route, method, path, status }) => (
              <tr key={requestId} title={`request ${requestId}`}>
                <td>{dayAndTime(at)}</td>
                <td title={principal}>{principalName}</td>
                <td>{route}</td>
                <td className="mono dim selectable" title={path}>
                  {method} {path}
                </td>
                <td className={status < 400 ? 'number' : 'number access-refused'}>{status}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {audit.hasNextPage && (
        <p className="setting-none">
          <button
            type="button"
            className="button button-outline"
            disabled={audit.isFetchingNextPage}
            onClick={() => void audit.fetchNextPage()}
          >
            Earlier
          </button>
        </p>
      )}
    </>
  );
}
