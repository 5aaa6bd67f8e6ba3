import { useState } from 'react';
import { type Member, MemberProject, NewLogin, type Team } from '../../../core/api/contract/index.ts';
import { describeFailure } from '../../api/client.ts';
import { usePutMember, useRemoveMember, useTeam } from '../../api/team.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { TextField } from '../../ui/form.tsx';
import { formatDay } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { ToldOnce, useCopyAction, writeLines } from './told-once.tsx';

type Role = Member['role'];
const ROLES = MemberProject.shape.role.options.map((value) => ({ value, label: value }));

/** What each role may do with what is shared. */
const MEANINGS: Readonly<Record<Role, string>> = {
  viewer: 'sees what the others share, and shares nothing',
  labeller: 'also shares labels, comments and filters',
  operator: 'also shares fields, candidates, decisions and names of objects',
  admin: 'also shares taxonomy and rules, and lets people in',
};

/** Who is in the connected project, and what they may; admins change it. */
export function MembersDialog({
  where,
  onClose,
}: {
  /** The server and database as people know it. */
  readonly where: string;
  readonly onClose: () => void;
}) {
  const team = useTeam();
  const put = usePutMember();
  const remove = useRemoveMember();
  const [login, setLogin] = useState('');
  const [role, setRole] = useState<Role>('labeller');
  const [leaving, setLeaving] = useState<Member>();
  const isAdmin = team.data?.role === 'admin';
  const isBusy = put.isPending || remove.isPending;
  const wanted = login.trim();
  const isKnown = team.data?.items.some((member) => member.login === wanted) === true;
  const told = put.data?.password === undefined ? [] : describeAccess(where, team.data, put.data);
  const copy = useCopyAction(writeLines(told));
  const letIn: Action = {
    id: 'members.let-in',
    title: put.isPending ? 'Letting in …' : 'Let in',
    keys: ['Ctrl+Enter'],
    isEnabled: isAdmin && NewLogin.safeParse(wanted).success && !isKnown && !isBusy,
    run: () => put.mutate({ login: wanted, role }, { onSuccess: () => setLogin('') }),
  };
  const failure = put.error ?? remove.error;
  return (
    <Dialog
      title={team.data ? `Members of ${team.data.project.name}` : 'Members'}
      className="members"
      actions={[letIn, copy]}
      onClose={onClose}
    >
      {team.isError && (
        <FailureNote failure={describeFailure(team.error)} onRetry={() => void team.refetch()} />
      )}
      {failure && (
        <FailureNote
          failure={describeFailure(failure)}
          onDismiss={() => {
            put.reset();
            remove.reset();
          }}
        />
      )}
      {team.isPending && <p className="dim">asking {where} …</p>}
      {team.data && (
        <MemberTable
          team={team.data}
          isBusy={isBusy}
          onRole={(member, next) => {
            if (next !== member.role) put.mutate({ login: member.login, role: next });
          }}
          onRemove={setLeaving}
        />
      )}
      {isAdmin && (
        <form
          className="members-new"
          onSubmit={(event) => {
            event.preventDefault();
            if (letIn.isEnabled) letIn.run();
          }}
        >
          <TextField
            name="Let in"
            isFirst
            maxLength={63}
            placeholder="a login, e.g. ada"
            value={login}
            onText={setLogin}
          />
          <Choice name="Role" values={ROLES} value={role} onChoose={setRole} />
          <p className="dim members-meaning">{isKnown ? `${wanted} is in already` : MEANINGS[role]}</p>
          <div className="connect-actions">
            <ActionButton action={letIn} look="primary" />
          </div>
        </form>
      )}
      {put.data?.password !== undefined && (
        <ToldOnce
          sentence={`${put.data.login} is let in. Tell ${put.data.login} this; the password is shown this once and kept nowhere.`}
          lines={told}
          copy={copy}
        />
      )}
      {team.data && !isAdmin && (
        <p className="dim">Admins of the project let people in and change what they may.</p>
      )}
      {leaving !== undefined && (
        <ConfirmDialog
          title={`Shut out ${leaving.login}`}
          sentence={`${leaving.login} sees and shares nothing of this project any more, from this moment on. All that ${leaving.login} shared stays.`}
          verb="Shut out"
          onConfirm={() => remove.mutate(leaving.login)}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </Dialog>
  );
}

function MemberTable({
  team,
  isBusy,
  onRole,
  onRemove,
}: {
  readonly team: Team;
  readonly isBusy: boolean;
  readonly onRole: (member: Member, role: Role) => void;
  readonly onRemove: (member: Member) => void;
}) {
  const isAdmin = team.role === 'admin';
  return (
    <table className="members-table">
      <thead>
        <tr>
          <th>Login</th>
          <th>Role</th>
          <th>Since</th>
          {isAdmin && <th aria-label="Shut out" />}
        </tr>
      </thead>
      <tbody>
        {team.items.map((member) => (
          <tr key={member.login}>
            <td className="mono" title={member.login}>
              {member.login}
              {member.login === team.login && <span className="dim"> (you)</span>}
            </td>
            <td title={MEANINGS[member.role]}>
              {isAdmin ? (
                <Choice
                  name={`Role of ${member.login}`}
                  values={ROLES}
                  value={member.role}
                  onChoose={(role) => onRole(member, role)}
                />
              ) : (
                member.role
              )}
            </td>
            <td className="mono">{formatDay(member.since)}</td>
            {isAdmin && (
              <td>
                <button
                  type="button"
                  className="button button-outline"
                  aria-label={`Shut out ${member.login}`}
                  disabled={isBusy}
                  onClick={() => onRemove(member)}
                >
                  Shut out
                </button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What a new member has to know to connect. */
function describeAccess(
  where: string,
  team: Team | undefined,
  { login, password = '' }: { readonly login: string; readonly password?: string | undefined },
): readonly (readonly [string, string])[] {
  return [
    ['Address', `postgresql://${login}@${where}`],
    ['Password', password],
    ['Project', `${team?.project.name ?? ''} ${team?.project.id ?? ''}`.trim()],
  ];
}
