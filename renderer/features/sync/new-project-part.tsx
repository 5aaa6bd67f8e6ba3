import { useState } from 'react';
import { type FoundedProject, NewLogin, type NewProject } from '../../../core/api/contract/index.ts';
import { describeFailure } from '../../api/client.ts';
import { useCreateProject } from '../../api/team.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { TextField } from '../../ui/form.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { FindingMark } from '../../ui/marks.tsx';

/** What begins a project of a new name at a place, and what was typed for it. */
export interface ProjectDraft {
  readonly name: string;
  readonly login: string;
  readonly setName: (name: string) => void;
  readonly setLogin: (login: string) => void;
  readonly isBusy: boolean;
  readonly make: Action;
  readonly failure: { readonly code: string; readonly message: string } | undefined;
}

/** Keeps what is typed of a new project, and begins it. */
export function useProjectDraft(
  place: Pick<NewProject, 'catalogueUrl' | 'authority'> | undefined,
  onFounded: (founded: FoundedProject) => void,
): ProjectDraft {
  const create = useCreateProject();
  const [name, setName] = useState('');
  const [login, setLogin] = useState('');
  const isLogin = login.trim() === '' || NewLogin.safeParse(login.trim()).success;
  return {
    name,
    login,
    setName,
    setLogin,
    isBusy: create.isPending,
    failure: create.error ? describeFailure(create.error) : undefined,
    make: {
      id: 'connect.make-project',
      title: create.isPending ? 'Beginning it …' : 'Begin the project',
      keys: ['Ctrl+Enter'],
      isEnabled: place !== undefined && name.trim() !== '' && isLogin && !create.isPending,
      run: () =>
        place &&
        create.mutate(
          { ...place, name: name.trim(), ...(login.trim() === '' ? {} : { login: login.trim() }) },
          { onSuccess: onFounded },
        ),
    },
  };
}

/** Asks for the name of a new project and who is its first admin. */
export function NewProjectPart({ draft }: { readonly draft: ProjectDraft }) {
  const { name, login, failure, make } = draft;
  return (
    <fieldset className="connect-part">
      <legend>New project</legend>
      <TextField
        name="Name"
        maxLength={200}
        placeholder="winter survey"
        value={name}
        onText={draft.setName}
      />
      <label className="text-field">
        <span>Your login</span>
        <input
          type="text"
          autoComplete="off"
          spellCheck={false}
          maxLength={63}
          placeholder="ada: made for you; left out: the one of the address"
          aria-describedby="new-project-login"
          value={login}
          onChange={({ target }) => draft.setLogin(target.value)}
        />
      </label>
      <p id="new-project-login" className="dim connect-hint">
        The address above has the login of the database’s owner, or of an admin of another project; an empty
        database is set up on the way. Work with a login of your own: the owner’s may do anything to the
        database.
      </p>
      {failure && (
        <p className="connect-failure" role="alert">
          <FindingMark state="error" /> {failure.message} <span className="mono dim">{failure.code}</span>
        </p>
      )}
      <div className="connect-actions connect-hint">
        <ActionButton action={make} look="primary" />
      </div>
    </fieldset>
  );
}
