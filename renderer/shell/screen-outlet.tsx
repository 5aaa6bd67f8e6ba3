import { useEffect } from 'react';
import { useRuns } from '../api/queries.ts';
import { SystemScreen } from '../features/api/system-screen.tsx';
import { LabelScreen } from '../features/curation/label-screen.tsx';
import { FieldScreen } from '../features/detection/field-screen.tsx';
import { QueueScreen } from '../features/observations/queue-screen.tsx';
import { ActionButton } from '../ui/action-button.tsx';
import type { Action } from '../ui/keys/dispatcher.ts';
import { useActions } from '../ui/keys/use-actions.ts';
import { goTo, usePlace } from './navigation.ts';

const toQueue = (): void => goTo({ screen: 'queue' });
const toField = (runId: string, candidateId?: string): void => goTo({ screen: 'field', runId, candidateId });
const toLabel = (runId: string): void => goTo({ screen: 'label', runId });

/** The screen of the place where the person is. */
export function ScreenOutlet() {
  const place = usePlace();
  const newest = useRuns().data?.runs.find(({ status }) => status === 'done')?.id;
  const runId = place.runId ?? newest;
  useEffect(() => {
    document.title = `AstrID: ${place.screen}`;
  }, [place.screen]);
  switch (place.screen) {
    case 'queue':
      return <QueueScreen onOpen={toField} onLabel={toLabel} />;
    case 'field':
      return runId === undefined ? (
        <NoField />
      ) : (
        <FieldScreen
          runId={runId}
          candidateId={place.candidateId}
          onLabel={() => toLabel(runId)}
          onQueue={toQueue}
        />
      );
    case 'label':
      return runId === undefined ? (
        <NoField />
      ) : (
        <LabelScreen
          runId={runId}
          ways={{ toQueue, toField: (candidateId) => toField(runId, candidateId), toRun: toLabel }}
        />
      );
    case 'system':
      return <SystemScreen onQueue={toQueue} />;
  }
}

function NoField() {
  const queue: Action = { id: 'empty.queue', title: 'Go to the queue', keys: ['Escape'], run: toQueue };
  useActions('This screen', 'screen', [queue]);
  return (
    <div className="empty-screen">
      <p>No field has been processed yet: the queue offers a sample night.</p>
      <ActionButton action={queue} look="primary" />
    </div>
  );
}
