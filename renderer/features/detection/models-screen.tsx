import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Model } from '../../../core/api/contract/index.ts';
import { client, describeFailure } from '../../api/client.ts';
import { modelsQuery, useScoreCounts } from '../../api/models.ts';
import { keys } from '../../api/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatCount, formatDay } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { Markdown } from '../../ui/markdown.tsx';
import { ModelQuality } from './model-quality.tsx';
import { ModelRow } from './model-row.tsx';
import { ModelRuns } from './model-runs.tsx';
import './model-runs.css';
import './models.css';

/** The score models: which scores, how good each is by its card and by the labels of this workspace. */
export function ModelsScreen({
  onQueue,
  onTeach,
}: {
  readonly onQueue: () => void;
  /** Goes to the candidates that a label would teach most about. */
  readonly onTeach: () => void;
}) {
  const queries = useQueryClient();
  const query = useQuery(modelsQuery);
  const models = query.data?.models ?? [];
  const [selectedVersion, select] = useState<string>();
  const [wanted, setWanted] = useState<Model>();
  const [hasRuns, setHasRuns] = useState(false);
  const slider = useRef<HTMLInputElement>(null);
  const selected =
    models.find(({ modelVersion }) => modelVersion === selectedVersion) ??
    models.find(({ isChosen }) => isChosen) ??
    models[0];
  const index = selected === undefined ? 0 : models.indexOf(selected);
  const counts = useScoreCounts(selected?.modelVersion);
  const promote = useMutation({
    mutationFn: ({ name, version }: Model) => client.detection.promoteModel({ name, version }),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.models }),
  });
  const measure = useMutation({ mutationFn: () => client.detection.measureModel() });
  const earlier = findEarlier(models, query.data?.choices ?? []);
  const promoteIt: Action = {
    id: 'models.promote',
    title: 'Promote…',
    keys: ['P'],
    isEnabled: selected !== undefined && !selected.isChosen && selected.problem === undefined,
    run: () => setWanted(selected),
  };
  const rollBack: Action = {
    id: 'models.roll-back',
    title: earlier === undefined ? 'Roll back…' : `Roll back to ${earlier.version}…`,
    keys: ['Shift+P'],
    isEnabled: earlier !== undefined,
    run: () => setWanted(earlier),
  };
  const measureIt: Action = {
    id: 'models.measure',
    title: 'Measure its speed',
    keys: ['M'],
    isEnabled: models.some(({ isInUse }) => isInUse) && !measure.isPending,
    run: () => measure.mutate(),
  };
  const threshold: Action = {
    id: 'models.threshold',
    title: 'Move the threshold',
    keys: ['T'],
    isEnabled: counts.isSuccess,
    run: () => slider.current?.focus(),
  };
  const teach: Action = { id: 'models.teach', title: 'Label what teaches most', keys: ['A'], run: onTeach };
  const runs: Action = {
    id: 'models.runs',
    title: hasRuns ? 'Hide the runs of MLflow' : 'Runs of MLflow',
    keys: ['L'],
    run: () => setHasRuns(!hasRuns),
  };
  const walk: Action[] = [
    {
      id: 'models.next',
      title: 'Next model',
      keys: ['J', 'ArrowDown'],
      run: () => select(models[index + 1]?.modelVersion ?? selected?.modelVersion),
    },
    {
      id: 'models.previous',
      title: 'Previous model',
      keys: ['K', 'ArrowUp'],
      run: () => select(models[index - 1]?.modelVersion ?? selected?.modelVersion),
    },
  ];
  const back: Action = { id: 'models.queue', title: 'Back to the queue', keys: ['Escape'], run: onQueue };
  useActions('Models', 'screen', [...walk, threshold, promoteIt, rollBack, measureIt, teach, runs, back]);
  const failure = promote.error ?? measure.error;
  return (
    <section className="screen" aria-label="Models">
      <header className="top-bar" data-region="top">
        <h1 className="top-title">Models</h1>
        <span className="dim">{models.length === 0 ? '' : `${formatCount(models.length)} installed`}</span>
        <span className="top-gap" />
        {[teach, runs, threshold, measureIt, promoteIt, rollBack].map((action) => (
          <ActionButton key={action.id} action={action} />
        ))}
      </header>
      <div className="models">
        {query.isSuccess && models.length === 0 && !hasRuns ? (
          <NoModel />
        ) : (
          <>
            <div className="model-list" role="listbox" aria-label="Models" tabIndex={0} data-region="list">
              {models.map((model) => (
                <ModelRow
                  key={model.modelVersion}
                  model={model}
                  isSelected={model === selected}
                  throughput={measure.data?.modelVersion === model.modelVersion ? measure.data : undefined}
                  onSelect={() => select(model.modelVersion)}
                />
              ))}
              {query.data && <Choices choices={query.data.choices} />}
              {query.isPending && (
                <p className="model-choices">
                  <span className="skeleton" style={{ width: '60%' }} />
                </p>
              )}
            </div>
            <div className="model-detail">
              {hasRuns ? (
                <ModelRuns onLeave={() => setHasRuns(false)} />
              ) : (
                <>
                  {selected?.problem !== undefined && (
                    <FailureNote failure={{ code: 'detection/model-corrupt', message: selected.problem }} />
                  )}
                  {selected && counts.data && (
                    <ModelQuality ref={slider} model={selected} counts={counts.data} />
                  )}
                  {selected?.card !== undefined && (
                    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
                    <section className="model-card" aria-label="Card" tabIndex={0}>
                      <Markdown text={selected.card} />
                    </section>
                  )}
                </>
              )}
            </div>
          </>
        )}
      </div>
      {failure && (
        <FailureNote
          failure={describeFailure(failure)}
          onDismiss={() => {
            promote.reset();
            measure.reset();
          }}
        />
      )}
      {query.isError && (
        <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />
      )}
      {wanted && (
        <ConfirmDialog
          title={`Score with ${wanted.modelVersion}?`}
          sentence="It scores from the next run on. Scores that are there stay, each with the model that made it; a run that is retried is scored anew."
          verb="Promote it"
          typed={wanted.modelVersion}
          onConfirm={() => promote.mutate(wanted)}
          onClose={() => setWanted(undefined)}
        />
      )}
    </section>
  );
}

function NoModel() {
  return (
    <div className="empty-screen">
      <p>No score model is installed. Labelling works; candidates are in the order of their S/N.</p>
      <p className="dim">
        A model is a folder <code>models/real-bogus/VERSION</code> with <code>model.onnx</code>,{' '}
        <code>manifest.json</code> and <code>card.md</code>. <code>node models/train-real-bogus.ts</code>{' '}
        makes one; <code>git checkout models/real-bogus</code> brings the shipped one back.
      </p>
    </div>
  );
}

function Choices({
  choices,
}: {
  readonly choices: readonly { readonly version: string; readonly at: string }[];
}) {
  if (choices.length === 0)
    return <p className="dim model-choices">Never chosen by hand: the newest version scores.</p>;
  return (
    <ol className="model-choices selectable">
      {choices.toReversed().map(({ version, at }) => (
        <li key={at}>
          <span className="mono dim">{formatDay(at)}</span> version <span className="mono">{version}</span>{' '}
          chosen
        </li>
      ))}
    </ol>
  );
}

/** The version that scored before the one that is chosen now. */
function findEarlier(
  models: readonly Model[],
  choices: readonly { readonly version: string }[],
): Model | undefined {
  const chosen = models.find(({ isChosen }) => isChosen);
  const usable = models.filter((model) => model.problem === undefined && model !== chosen);
  const before = choices.findLast(({ version }) => version !== chosen?.version);
  return (
    usable.find(({ version }) => version === before?.version) ??
    usable.find(({ name }) => name === chosen?.name)
  );
}
