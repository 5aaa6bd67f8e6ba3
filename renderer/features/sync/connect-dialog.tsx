import { type FormEvent, useEffect, useRef, useState } from 'react';
import type {
  ConnectionRequest,
  ConnectionStep,
  FoundedProject,
  MemberProject,
} from '../../../core/api/contract/index.ts';
import { client, describeFailure } from '../../api/client.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { FindingMark } from '../../ui/marks.tsx';
import { NewProjectPart, useProjectDraft } from './new-project-part.tsx';
import { ToldOnce, useCopyAction } from './told-once.tsx';

interface Form {
  readonly address: string;
  readonly password: string;
  readonly projectId: string;
  readonly authority: string;
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const EMPTY: Form = {
  address: '',
  password: '',
  projectId: '',
  authority: '',
  endpoint: '',
  bucket: '',
  accessKeyId: '',
  secretAccessKey: '',
};

/** Asks for what a connection needs, tries each step, and says of each what is wrong. */
export function ConnectDialog({
  secretsKept,
  onConnected,
  onClose,
}: {
  /** Where passwords are kept, in words. */
  readonly secretsKept: string;
  readonly onConnected: () => void;
  readonly onClose: () => void;
}) {
  const [form, setForm] = useState(EMPTY);
  const [steps, setSteps] = useState<readonly ConnectionStep[]>();
  const [busy, setBusy] = useState<'examine' | 'connect'>();
  const [failure, setFailure] = useState<{ readonly code: string; readonly message: string }>();
  const [projects, setProjects] = useState<readonly MemberProject[]>();
  const [isBeginning, setIsBeginning] = useState(false);
  const [founded, setFounded] = useState<FoundedProject>();
  const place = readPlace(form);
  const request = readForm(form);
  const draft = useProjectDraft(place, (made) => {
    setFounded(made);
    setIsBeginning(false);
    setProjects(undefined);
    setFailure(undefined);
    setForm((now) => signInAs(now, made));
  });
  const copy = useCopyAction(founded?.password ?? '');
  const foot = useRef<HTMLDivElement>(null);
  // What was typed into is gone with the part of the new project: the next step is to connect.
  useEffect(() => {
    if (founded) foot.current?.querySelector<HTMLButtonElement>('button:last-of-type')?.focus();
  }, [founded]);
  /** The project that is named, or the only one there is; of several, somebody has to choose. */
  const findProject = async (): Promise<string | undefined> => {
    if (form.projectId.trim() !== '' || place === undefined) return form.projectId.trim();
    const { items } = await client.sync.listProjects(place);
    setProjects(items);
    if (items.length !== 1) return undefined;
    setForm((now) => ({ ...now, projectId: items[0]!.id }));
    return items[0]!.id;
  };
  const run = async (what: 'examine' | 'connect'): Promise<void> => {
    if (place === undefined || busy !== undefined) return;
    setBusy(what);
    setFailure(undefined);
    setSteps(undefined);
    setProjects(undefined);
    try {
      const projectId = await findProject();
      const request = projectId === undefined ? undefined : readForm({ ...form, projectId });
      if (request === undefined) return;
      const tried = (await client.sync.examineConnection(request)).steps;
      setSteps(tried);
      if (what === 'examine' || tried.some(({ state }) => state === 'failed')) return;
      await client.sync.connect(request);
      onConnected();
    } catch (error) {
      setFailure(describeFailure(error));
    } finally {
      setBusy(undefined);
    }
  };
  const isReady = place !== undefined && !lacksPart(form) && busy === undefined && !isBeginning;
  const examine: Action = {
    id: 'connect.try',
    title: busy === undefined ? 'Try it' : 'Trying …',
    keys: ['Ctrl+T'],
    isEnabled: isReady,
    run: () => void run('examine'),
  };
  const connect: Action = {
    id: 'connect.connect',
    title: 'Connect',
    keys: ['Ctrl+Enter'],
    isEnabled: isReady,
    run: () => void run('connect'),
  };
  const begin: Action = {
    id: 'connect.new-project',
    title: isBeginning ? 'An existing project' : 'New project …',
    keys: ['Ctrl+B'],
    isEnabled: busy === undefined && !draft.isBusy,
    run: () => setIsBeginning(!isBeginning),
  };
  const field = (name: keyof Form, label: string, more: FieldLook = {}) => (
    <label className="text-field">
      <span>{label}</span>
      <input
        type={more.isSecret ? 'password' : 'text'}
        autoComplete="off"
        spellCheck={false}
        placeholder={more.placeholder}
        {...(more.isFirst ? { 'data-focus-first': '' } : {})}
        value={form[name]}
        onChange={(event) => setForm({ ...form, [name]: event.target.value })}
      />
    </label>
  );
  return (
    <Dialog
      title="Share this workspace"
      className="connect"
      actions={[examine, connect, begin, ...(isBeginning ? [draft.make] : []), copy]}
      onClose={onClose}
    >
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (isBeginning && draft.make.isEnabled) draft.make.run();
          else if (isReady) void run('connect');
        }}
      >
        <fieldset className="connect-part">
          <legend>Catalogue: labels and candidates</legend>
          {field('address', 'Address', {
            placeholder: 'postgresql://ada@db.example.org:5432/sky',
            isFirst: true,
          })}
          {field('password', 'Password', { isSecret: true, placeholder: 'as the admin told it' })}
          <div className="connect-project">
            {field('projectId', 'Project', { placeholder: 'may be left out: yours are listed' })}
            <ActionButton action={begin} isPressed={isBeginning} look="outline" />
          </div>
          {projects?.length === 0 && (
            <p className="connect-hint" role="status">
              This login is a member of no project yet. Begin one, or ask an admin of one to let you in.
            </p>
          )}
          {projects !== undefined && projects.length > 1 && (
            <fieldset className="connect-projects">
              <legend className="dim">This login is a member of several; choose one</legend>
              {projects.map(({ id, name, role }) => (
                <button
                  key={id}
                  type="button"
                  className="button"
                  aria-pressed={form.projectId === id}
                  onClick={() => setForm({ ...form, projectId: id })}
                >
                  {name} <span className="dim">{role}</span>
                </button>
              ))}
            </fieldset>
          )}
          <label className="text-field">
            <span>Authority</span>
            <input
              type="file"
              accept=".pem,.crt,.cer"
              aria-describedby="connect-authority"
              onChange={(event) => {
                const file = event.target.files?.[0];
                if (file === undefined) setForm({ ...form, authority: '' });
                else void file.text().then((authority) => setForm((now) => ({ ...now, authority })));
              }}
            />
          </label>
          <p id="connect-authority" className="dim connect-hint">
            Only where the server’s certificate is signed by none of the known authorities, as Supabase’s is.
          </p>
        </fieldset>
        {isBeginning && <NewProjectPart draft={draft} />}
        {founded && (
          <ToldOnce
            sentence={describeFounded(founded)}
            lines={founded.password === undefined ? [] : [['Password', founded.password]]}
            copy={copy}
          />
        )}
        {!isBeginning && (
          <>
            <fieldset className="connect-part">
              <legend>Bucket: pixels of candidates (may be left out)</legend>
              {field('endpoint', 'S3 endpoint', { placeholder: 'https://ACCOUNT.r2.cloudflarestorage.com' })}
              {field('bucket', 'Bucket', { placeholder: 'observatory' })}
              {field('accessKeyId', 'Access key')}
              {field('secretAccessKey', 'Secret', { isSecret: true })}
            </fieldset>
            {/* Their places are kept, so that nothing moves when the answers come. */}
            <ul className="connect-steps" aria-live="polite">
              {(['catalogue', 'bucket'] as const).map((name) => (
                <Step
                  key={name}
                  name={name}
                  isBusy={busy !== undefined}
                  isAsked={name === 'catalogue' || request?.bucket !== undefined}
                  step={steps?.find((step) => step.name === name)}
                />
              ))}
            </ul>
          </>
        )}
        {failure && (
          <p className="connect-failure" role="alert">
            <FindingMark state="error" /> {failure.message} <span className="mono dim">{failure.code}</span>
          </p>
        )}
        <p className="dim connect-note">
          The password and the secret go to {secretsKept}, and nowhere else. Nothing is sent before all of it
          works.
        </p>
        <div ref={foot} className={isBeginning ? 'connect-actions' : 'connect-actions connect-foot'}>
          <ActionButton action={examine} />
          <ActionButton action={connect} look="primary" />
        </div>
      </form>
    </Dialog>
  );
}

interface FieldLook {
  readonly isSecret?: boolean;
  readonly isFirst?: boolean;
  readonly placeholder?: string;
}

function Step({
  name,
  step,
  isBusy,
  isAsked,
}: {
  readonly name: string;
  readonly step: ConnectionStep | undefined;
  readonly isBusy: boolean;
  readonly isAsked: boolean;
}) {
  const text = step?.message ?? (isBusy && isAsked ? 'asking …' : isAsked ? 'not tried yet' : 'left out');
  return (
    <li className={step === undefined ? 'dim' : ''}>
      <span className="connect-mark">
        {step && <FindingMark state={step.state === 'ok' ? 'ok' : 'error'} />}
      </span>
      <span>{name}</span>
      <span className="selectable">
        {text} {step?.code && <span className="mono dim">{step.code}</span>}
      </span>
    </li>
  );
}

/** Fill in whom to connect as, and to what, once a project was begun. */
function signInAs(form: Form, { project, login, password }: FoundedProject): Form {
  const url = new URL(form.address.trim());
  const isSame = decodeURIComponent(url.username) === login;
  url.username = login;
  url.password = '';
  return {
    ...form,
    projectId: project.id,
    address: isSame ? form.address : url.href,
    // A login that was there before has a password that only its owner knows.
    password: password ?? (isSame ? form.password : ''),
  };
}

function describeFounded({ project, login, password }: FoundedProject): string {
  const begun = `“${project.name}” is begun, and ${login} is its admin.`;
  return password === undefined
    ? `${begun} Connect with the password of ${login}.`
    : `${begun} Both are filled in above; the password is shown this once, for other workstations of yours.`;
}

/** Read where the catalogue is; `undefined` while that is not said. */
function readPlace(form: Form): Pick<ConnectionRequest, 'catalogueUrl' | 'authority'> | undefined {
  const address = form.address.trim();
  // The password has a field of its own, so that nobody has to know how to escape it in an address.
  const url =
    /^postgres(ql)?:\/\/[^@/]+@[^/]+\/.+/.test(address) && URL.canParse(address)
      ? new URL(address)
      : undefined;
  if (url === undefined) return undefined;
  if (form.password !== '') url.password = encodeURIComponent(form.password);
  return { catalogueUrl: url.href, ...(form.authority === '' ? {} : { authority: form.authority }) };
}

/** Tell whether a bucket is named, and not all that it needs; or a project that is none. */
function lacksPart({ projectId, endpoint, bucket, accessKeyId, secretAccessKey }: Form): boolean {
  if (projectId.trim() !== '' && !/^[0-9a-f-]{36}$/i.test(projectId.trim())) return true;
  const needed = [endpoint, bucket, accessKeyId, secretAccessKey].map((text) => text.trim() !== '');
  return (needed[0]! || needed[1]!) && !needed.every(Boolean);
}

/** Read the form; `undefined` while something that is needed is missing. */
function readForm(form: Form): ConnectionRequest | undefined {
  const place = readPlace(form);
  const projectId = form.projectId.trim();
  if (place === undefined || projectId === '' || lacksPart(form)) return undefined;
  const { endpoint, bucket, accessKeyId, secretAccessKey } = form;
  const hasBucket = endpoint.trim() !== '';
  return {
    ...place,
    projectId,
    ...(hasBucket
      ? {
          bucket: {
            endpoint: endpoint.trim(),
            bucket: bucket.trim(),
            accessKeyId: accessKeyId.trim(),
            secretAccessKey: secretAccessKey.trim(),
          },
        }
      : {}),
  };
}
