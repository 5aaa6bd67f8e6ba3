import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { Keymap } from '../../core/api/contract/index.ts';
import { describeFailure } from '../api/client.ts';
import { useRuns } from '../api/queries.ts';
import { QueueScreen } from '../features/observations/queue-screen.tsx';
import { ActionButton } from '../ui/action-button.tsx';
import { FailureNote } from '../ui/failure-note.tsx';
import type { Action } from '../ui/keys/dispatcher.ts';
import { useActions } from '../ui/keys/use-actions.ts';
import { keysByPreset, PRESETS } from './key-presets.ts';
import { goTo, usePlace } from './navigation.ts';
import type { Place } from './place.ts';
import { TITLES } from './use-screen-actions.ts';

/** Screens come when they are first wanted; the queue is what a cold start waits for. */
const LOADERS = {
  field: () => import('../features/detection/field-screen.tsx'),
  difference: () => import('../features/differencing/review-screen.tsx'),
  image: () => import('../features/observations/image-screen.tsx'),
  label: () => import('../features/curation/label-screen.tsx'),
  catalog: () => import('../features/catalog/catalog-screen.tsx'),
  jobs: () => import('../features/pipeline/jobs-screen.tsx'),
  models: () => import('../features/detection/models-screen.tsx'),
  sync: () => import('../features/sync/sync-screen.tsx'),
  settings: () => import('../features/api/settings-screen.tsx'),
};
const FieldScreen = lazy(async () => ({ default: (await LOADERS.field()).FieldScreen }));
const ReviewScreen = lazy(async () => ({ default: (await LOADERS.difference()).ReviewScreen }));
const ImageScreen = lazy(async () => ({ default: (await LOADERS.image()).ImageScreen }));
const LabelScreen = lazy(async () => ({ default: (await LOADERS.label()).LabelScreen }));
const CatalogScreen = lazy(async () => ({ default: (await LOADERS.catalog()).CatalogScreen }));
const JobsScreen = lazy(async () => ({ default: (await LOADERS.jobs()).JobsScreen }));
const ModelsScreen = lazy(async () => ({ default: (await LOADERS.models()).ModelsScreen }));
const SyncScreen = lazy(async () => ({ default: (await LOADERS.sync()).SyncScreen }));
const SettingsScreen = lazy(async () => ({ default: (await LOADERS.settings()).SettingsScreen }));

/** What the settings are told of keys: presets are the shell's. */
const KEYMAP = {
  presets: Keymap.shape.preset.unwrap().options.map((value) => ({ value, label: PRESETS[value].title })),
  keysUnder: keysByPreset,
};

const toPart = (part: string): void => goTo({ screen: 'settings', part });
const toQueue = (): void => goTo({ screen: 'queue' });
const toField = (runId: string, candidateId?: string): void => goTo({ screen: 'field', runId, candidateId });
const WAYS_OF_CATALOG = { toQueue, toField };
const toDifference = (runId: string): void => goTo({ screen: 'difference', runId });
const toLabel = (runId: string, candidateId?: string): void => goTo({ screen: 'label', runId, candidateId });
const toRun = (runId: string): void => toLabel(runId);

/** To the candidates of all fields from which a model would learn most. */
async function toTeach(): Promise<void> {
  const { changeView } = await import('../features/curation/label-view.ts');
  changeView({ scope: 'all', order: 'gain', filter: {}, filterName: undefined });
  goTo({ screen: 'label' });
}

/** The screen of the place where the person is. */
export function ScreenOutlet() {
  useEffect(() => {
    // With the first screen up, the others are fetched in quiet moments: no key ever waits for one.
    const quiet = setTimeout(() => {
      for (const load of Object.values(LOADERS)) void load();
    }, 400);
    return () => clearTimeout(quiet);
  }, []);
  return (
    <Suspense fallback={<Waiting />}>
      <CurrentScreen />
    </Suspense>
  );
}

function CurrentScreen() {
  const place = usePlace();
  const runs = useRuns().data?.runs ?? [];
  const newest = runs.find(({ status }) => status === 'done')?.id;
  // An address without a run means the newest one when it was gone to: what ends later takes nobody's field away.
  const [meant, setMeant] = useState<{ readonly place: Place; readonly runId: string }>();
  const isMeant = meant?.place === place;
  if (!isMeant && newest !== undefined) setMeant({ place, runId: newest });
  const runId = place.runId ?? (isMeant ? meant.runId : newest);
  useEffect(() => {
    document.title = `AstrID: ${place.screen}`;
  }, [place.screen]);
  switch (place.screen) {
    case 'queue':
      return <QueueScreen onOpen={toField} onLabel={toRun} />;
    case 'field':
      if (place.imagePath !== undefined) return <ImageScreen path={place.imagePath} onQueue={toQueue} />;
      return runId === undefined ? (
        <NoField />
      ) : (
        <FieldScreen
          runId={runId}
          candidateId={place.candidateId}
          onLabel={(candidateId) => toLabel(runId, candidateId)}
          onQueue={toQueue}
        />
      );
    case 'difference': {
      if (runId === undefined) return <NoField />;
      const ended = runs.filter(({ status }) => status === 'done' || status === 'failed');
      const at = ended.findIndex(({ id }) => id === runId);
      return (
        <ReviewScreen
          runId={runId}
          ways={{
            toQueue,
            toField,
            toRun: toDifference,
            nextRunId: at < 0 ? undefined : ended[at + 1]?.id,
            previousRunId: at < 0 ? undefined : ended[at - 1]?.id,
          }}
        />
      );
    }
    case 'label':
      return runId === undefined ? (
        <NoField />
      ) : (
        <LabelScreen
          runId={runId}
          candidateId={place.candidateId}
          ways={{ toQueue, toField: (candidateId, of) => toField(of ?? runId, candidateId), toRun }}
        />
      );
    case 'catalog':
      return <CatalogScreen ways={WAYS_OF_CATALOG} wantedId={place.part} />;
    case 'jobs':
      return <JobsScreen onOpen={toField} onQueue={toQueue} />;
    case 'models':
      return <ModelsScreen onQueue={toQueue} onTeach={toTeach} />;
    case 'sync':
      return <SyncScreen onQueue={toQueue} />;
    case 'settings':
      return <SettingsScreen part={place.part} keymap={KEYMAP} onPart={toPart} onQueue={toQueue} />;
  }
}

/** A screen whose field has not come yet. */
function Waiting() {
  return <Frame words="reading the workspace" isBusy />;
}

/** What a screen of one field shows where there is none: because there is none yet, or none has come yet. */
function NoField() {
  const query = useRuns();
  const queue: Action = { id: 'empty.queue', title: 'Go to the queue', keys: ['Escape'], run: toQueue };
  useActions('This screen', 'screen', [queue]);
  if (query.isError)
    return (
      <Frame>
        <div />
        <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />
      </Frame>
    );
  if (query.isPending) return <Waiting />;
  return (
    <Frame>
      <div className="empty-screen">
        <p>No field has been processed yet: the queue offers a sample night.</p>
        <ActionButton action={queue} look="primary" />
      </div>
    </Frame>
  );
}

/** A screen of one field while there is none: its place and its title are there already. */
function Frame({
  words,
  isBusy = false,
  children,
}: {
  readonly words?: string;
  readonly isBusy?: boolean;
  readonly children?: ReactNode;
}) {
  const screen = usePlace((place) => place.screen);
  return (
    <section className="screen" aria-label={isBusy ? 'Loading' : TITLES[screen]} aria-busy={isBusy}>
      <header className="top-bar">
        <h1 className="top-title">{TITLES[screen]}</h1>
        <span className="dim">{words}</span>
      </header>
      {children}
    </section>
  );
}
