import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ModelRun } from '../../../core/api/contract/index.ts';
import { client, describeFailure } from '../../api/client.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatClock, formatCount, formatDay, NOT_KNOWN } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { StateMark } from '../../ui/marks.tsx';

/** Where the folder that was read last is remembered, on this machine. */
const FOLDER = 'astrid.mlflow';

/** What MLflow keeps of models that were trained, here or with other programs: read where it lies, and only read. */
export function ModelRuns({ onLeave }: { readonly onLeave: () => void }) {
  const [typed, setTyped] = useState(() => localStorage.getItem(FOLDER) ?? '');
  const [folder, setFolder] = useState(typed);
  const [at, setAt] = useState(0);
  const answer = useQuery({
    queryKey: ['model-runs', folder],
    queryFn: async ({ signal }) => (await client.detection.listModelRuns({ folder }, { signal })).runs,
    enabled: folder !== '',
    staleTime: 0,
  });
  const runs = answer.data ?? [];
  const selected = runs[Math.min(at, runs.length - 1)];
  const move = (to: number): void => setAt(Math.max(0, Math.min(runs.length - 1, to)));
  const read: Action = {
    id: 'models.read-runs',
    title: 'Read it',
    keys: ['Ctrl+Enter'],
    isEnabled: typed.trim() !== '',
    run: () => {
      localStorage.setItem(FOLDER, typed.trim());
      if (typed.trim() === folder) void answer.refetch();
      setFolder(typed.trim());
      setAt(0);
    },
  };
  useActions('Runs of MLflow', 'screen', [
    read,
    { id: 'models.next-run', title: 'Next run', keys: ['J', 'ArrowDown'], run: () => move(at + 1) },
    { id: 'models.previous-run', title: 'Previous run', keys: ['K', 'ArrowUp'], run: () => move(at - 1) },
    { id: 'models.leave-runs', title: 'Back to the model', keys: ['Escape'], run: onLeave },
  ]);
  return (
    <section className="model-runs" aria-label="Runs of MLflow">
      <form
        className="model-runs-head"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (read.isEnabled) read.run();
        }}
      >
        <label className="text-field">
          <span>Folder of MLflow</span>
          <input
            type="text"
            spellCheck={false}
            // biome-ignore lint/a11y/noAutofocus: it is what this part is opened for
            autoFocus={folder === ''}
            placeholder="/home/me/mlruns"
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
        </label>
        <ActionButton action={read} look="outline" />
      </form>
      {answer.isError ? (
        <FailureNote failure={describeFailure(answer.error)} onRetry={() => void answer.refetch()} />
      ) : folder === '' ? (
        <p className="dim model-runs-none">
          The folder in which MLflow keeps its runs on the machine where AstrID runs: <code>mlruns</code>. It
          is read where it lies. <code>astrid models export --mlflow mlruns</code> writes a model there.
        </p>
      ) : answer.isPending ? (
        <p className="model-runs-none">
          <span className="skeleton" style={{ width: '40%' }} />
        </p>
      ) : runs.length === 0 ? (
        <p className="dim model-runs-none">There are no runs in it.</p>
      ) : (
        <div className="model-runs-body">
          <RunList runs={runs} selected={selected} onSelect={setAt} />
          {selected && <RunFacts run={selected} />}
        </div>
      )}
    </section>
  );
}

function RunList({
  runs,
  selected,
  onSelect,
}: {
  readonly runs: readonly ModelRun[];
  readonly selected: ModelRun | undefined;
  readonly onSelect: (at: number) => void;
}) {
  return (
    <div className="model-runs-list" role="listbox" aria-label="Runs" tabIndex={0}>
      {runs.map((run, at) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: J and K walk the list
        <div
          key={run.runId}
          role="option"
          tabIndex={-1}
          aria-selected={run === selected}
          className="model-run"
          onClick={() => onSelect(at)}
        >
          <StateMark state={STATES[run.status]} />
          <span className="ellipsis">{run.name}</span>
          <span className="dim ellipsis">{run.experiment}</span>
          <span className="mono dim">{run.startedAt ? formatDay(run.startedAt) : NOT_KNOWN}</span>
        </div>
      ))}
    </div>
  );
}

const STATES = {
  running: 'running',
  scheduled: 'queued',
  finished: 'done',
  failed: 'failed',
  killed: 'cancelled',
  unknown: 'queued',
} as const;

function RunFacts({ run }: { readonly run: ModelRun }) {
  const { runId, name, status, user, startedAt, params, metrics, artifacts, artifactUri } = run;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
    <section className="model-run-facts selectable" tabIndex={0} aria-label={`Run ${name}`}>
      <h2>{name}</h2>
      <p className="dim">
        <span className="mono">{runId}</span> · {status}
        {user !== '' && `, by ${user}`}
        {startedAt && (
          <span className="mono">
            {' '}
            {formatDay(startedAt)} {formatClock(startedAt)}
          </span>
        )}
      </p>
      <Names
        title="Measured"
        rows={Object.entries(metrics).map(([metric, { last, count }]) => [
          metric,
          count > 1 ? `${shorten(last)}, last of ${count}` : shorten(last),
        ])}
      />
      <Names title="Parameters" rows={Object.entries(params)} />
      <Names
        title="Artifacts"
        rows={
          artifacts.length === 0
            ? [['kept at', artifactUri || 'no known place']]
            : artifacts.map(({ path, bytes }) => [path, `${formatCount(bytes)} bytes`])
        }
      />
    </section>
  );
}

function Names({
  title,
  rows,
}: {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}) {
  return (
    <>
      <h3>{title}</h3>
      {rows.length === 0 ? (
        <p className="dim">none</p>
      ) : (
        <dl>
          {rows.map(([name, value]) => (
            <div key={name}>
              <dt className="dim ellipsis" title={name}>
                {name}
              </dt>
              <dd className="mono ellipsis" title={value}>
                {value}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

/** Six digits of a number tell models apart. */
function shorten(value: string): string {
  const number = Number(value);
  return value !== '' && Number.isFinite(number) ? String(Number(number.toPrecision(6))) : value;
}
