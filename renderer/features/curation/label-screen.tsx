import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Curator, QueueTraits } from '../../../core/api/contract/index.ts';
import { describeFailure } from '../../api/client.ts';
import { curatorsQuery, type QueueRequest, queueOf, useTaxonomy } from '../../api/labelling.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { CuratorDialog } from './curator-dialog.tsx';
import { FilterDialog } from './filter-dialog.tsx';
import { changeView, useLabelView } from './label-view.ts';
import { Labelling } from './labelling.tsx';
import { SettleView } from './settle-view.tsx';
import './label.css';
import './label-tools.css';

/** Candidates on which people have come to an end: another label would tell nothing. */
const SETTLED: QueueTraits = { consensus: ['agreed', 'retired', 'adjudicated'] };

/** Where labelling can lead to. */
export interface LabelWays {
  readonly toQueue: () => void;
  readonly toField: (candidateId: string, runId?: string) => void;
  readonly toRun: (runId: string) => void;
}

/** One candidate after another, judged by single keys. */
export function LabelScreen({
  runId,
  candidateId,
  ways,
}: {
  readonly runId: string;
  /** The one to begin with, where somebody chose one in its field. */
  readonly candidateId: string | undefined;
  readonly ways: LabelWays;
}) {
  const answer = useQuery(curatorsQuery);
  const people = answer.data;
  // What was read stays on screen when it cannot be read anew: what a person is at is not taken away.
  if (answer.isError && people === undefined)
    return <Frame failure={answer.error} onRetry={() => void answer.refetch()} />;
  if (people === undefined) return <Frame />;
  return (
    <CuratedQueue
      key={people.currentId}
      runId={runId}
      candidateId={candidateId}
      ways={ways}
      curators={people.items}
      curatorId={people.currentId}
    />
  );
}

function CuratedQueue({
  runId,
  candidateId,
  ways,
  curators,
  curatorId,
}: {
  readonly runId: string;
  readonly candidateId: string | undefined;
  readonly ways: LabelWays;
  readonly curators: readonly Curator[];
  readonly curatorId: string;
}) {
  const view = useLabelView();
  const taxonomy = useTaxonomy();
  const [dialog, setDialog] = useState<'curators' | 'filter' | undefined>();
  const [isSettling, setIsSettling] = useState(false);
  const goneTo = useRef<string>(undefined);
  useEffect(() => {
    if (candidateId !== undefined) changeView({ scope: 'field' });
  }, [candidateId]);
  const isOneField = view.scope === 'field';
  const request: QueueRequest = {
    curatorId,
    order: view.order,
    // One field is gone through as a whole; over all fields, what is done is left out.
    filter: isOneField
      ? { ...view.filter, include: { ...view.filter.include, runIds: [runId] } }
      : {
          ...view.filter,
          include: { labelledByMe: false, ...view.filter.include },
          exclude:
            view.filter.include?.consensus === undefined
              ? { ...SETTLED, ...view.filter.exclude }
              : view.filter.exclude,
        },
    isBlind: view.isBlind,
    hasControls: !isOneField,
  };
  const query = useQuery(queueOf(request));
  if (isSettling)
    return (
      <SettleView
        curatorId={curatorId}
        curators={curators}
        taxonomy={taxonomy}
        look={view.look}
        onLeave={() => setIsSettling(false)}
      />
    );
  const key = JSON.stringify(request);
  return (
    <>
      {query.isError && query.data === undefined ? (
        <Frame failure={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <Frame />
      ) : (
        <Labelling
          key={key}
          request={request}
          loaded={query.data}
          runId={runId}
          candidateId={candidateId}
          goneTo={goneTo}
          ways={ways}
          view={view}
          taxonomy={taxonomy}
          curators={curators}
          onCurators={() => setDialog('curators')}
          onFilter={() => setDialog('filter')}
          onSettle={() => setIsSettling(true)}
        />
      )}
      {dialog === 'curators' && (
        <CuratorDialog curators={curators} currentId={curatorId} onClose={() => setDialog(undefined)} />
      )}
      {dialog === 'filter' && (
        <FilterDialog view={view} taxonomy={taxonomy} onClose={() => setDialog(undefined)} />
      )}
    </>
  );
}

/** The screen before its first candidate: its title is there already, and what keeps it from coming. */
function Frame({
  failure,
  onRetry,
}: {
  readonly failure?: Error | undefined;
  readonly onRetry?: (() => void) | undefined;
}) {
  return (
    <section className="screen" aria-label="Labelling" aria-busy={failure === undefined}>
      <header className="top-bar">
        <h1 className="top-title">Labelling</h1>
      </header>
      <div />
      {failure && <FailureNote failure={describeFailure(failure)} onRetry={onRetry} />}
    </section>
  );
}
