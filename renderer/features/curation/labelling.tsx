import { type RefObject, useCallback, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import type { Curator, Taxonomy } from '../../../core/api/contract/index.ts';
import { type LoadedQueue, type QueueRequest, revealScore } from '../../api/labelling.ts';
import { useField } from '../../api/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { announce } from '../../ui/announce.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { StatusSlot } from '../../ui/status-slot.tsx';
import { CandidatePanel } from './candidate-panel.tsx';
import { CommentField } from './comment-field.tsx';
import { CuratorMark } from './curator-mark.tsx';
import { EpochStrip } from './epoch-strip.tsx';
import { HistoryList } from './history-list.tsx';
import { GRID, LabelGrid, pageOf } from './label-grid.tsx';
import { countLeft } from './label-queue.ts';
import type { LabelWays } from './label-screen.tsx';
import { changeView, hashView, type LabelView } from './label-view.ts';
import { LastDecision } from './last-decision.tsx';
import { LightCurve } from './light-curve.tsx';
import { LOOKS } from './looks.ts';
import { makeLabelActions } from './make-label-actions.ts';
import { ORDERS } from './orders.ts';
import { pacePerHour, useBreakDue } from './pace.ts';
import { QueueEnd } from './queue-end.tsx';
import { Pace, SaveFailure } from './queue-state.tsx';
import { NEXT_CANDIDATE, tellDuration } from './tell-duration.ts';
import { ContextPane, TripletPanes } from './triplet-panes.tsx';
import { useAnnouncements } from './use-announcements.ts';
import { useFrame } from './use-frame.ts';
import { useLabelSession } from './use-label-session.ts';
import { useNextRun } from './use-next-run.ts';
import { usePrefetch } from './use-prefetch.ts';
import { VerdictBar } from './verdict-bar.tsx';

/** Said where the candidate that somebody chose is not the one before them. */
const ASTRAY = {
  code: 'curation/not-in-list',
  message:
    'The candidate that was chosen is not in this list: its filter leaves it out, or it comes much later. This is another one.',
};

/** The candidate on screen and everything that can be done to it. */
export function Labelling({
  request,
  loaded,
  runId,
  candidateId,
  goneTo,
  ways,
  view,
  taxonomy,
  curators,
  onCurators,
  onFilter,
  onSettle,
}: {
  readonly request: QueueRequest;
  readonly loaded: LoadedQueue;
  readonly runId: string;
  readonly candidateId: string | undefined;
  /** The candidate that was gone to: once, or every return from another list would lead back to it. */
  readonly goneTo: RefObject<string | undefined>;
  readonly ways: LabelWays;
  readonly view: LabelView;
  readonly taxonomy: Taxonomy | undefined;
  readonly curators: readonly Curator[];
  readonly onCurators: () => void;
  readonly onFilter: () => void;
  readonly onSettle: () => void;
}) {
  const { session, queue, items } = useLabelSession(request, loaded);
  usePrefetch(session, queue, items);
  const frame = useFrame();
  const place = queue.items[queue.cursor];
  const item = place && items.get(place.candidateId);
  const here = place?.candidateId;
  const [revealed, setRevealed] = useState<ReadonlyMap<string, number>>(new Map());
  const [isPeeking, setIsPeeking] = useState(false);
  const [commenting, setCommenting] = useState<string>();
  const [epoch, setEpoch] = useState<{ of: string; runId: string }>();
  const go = useCallback((candidateId: string) => session.go(candidateId), [session]);
  const nextRun = useNextRun(runId);
  const isBreakDue = useBreakDue(session.savedAt, view.hasBreaks);
  const [isAstray, setIsAstray] = useState(false);
  useEffect(() => {
    if (candidateId === undefined || candidateId === goneTo.current || view.scope !== 'field') return;
    goneTo.current = candidateId;
    session.go(candidateId);
    setIsAstray(session.queue.items.every((other) => other.candidateId !== candidateId));
  }, [session, candidateId, goneTo, view.scope]);
  useAnnouncements(queue);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another candidate is the reason to tell
  useEffect(() => {
    const drawn = requestAnimationFrame(() => tellDuration(NEXT_CANDIDATE, session.shownSince));
    return () => cancelAnimationFrame(drawn);
  }, [session, here]);

  // What was read while scores were shown is hidden again with them, but for those that were asked for.
  const scoreOf = (id: string): number | undefined =>
    (request.isBlind ? undefined : items.get(id)?.score) ?? revealed.get(id);
  const score = here === undefined ? undefined : scoreOf(here);
  const look = LOOKS[view.look] ?? LOOKS[0]!;
  const hasFailed = queue.failure !== undefined;
  const actions = makeLabelActions({
    session,
    queue,
    view,
    taxonomy,
    circumstances: {
      scoreVisible: (id) => scoreOf(id) !== undefined,
      viewHash: hashView({ look: look.name, zoom: frame.zoom, grid: view.isGrid }),
    },
    hasScore: score !== undefined,
    reveal: () =>
      session.call((candidateId) =>
        revealScore(request.curatorId, candidateId).then(
          (shown) => {
            setRevealed((known) => new Map(known).set(candidateId, shown));
            announce(`score ${shown.toFixed(3)}`);
          },
          () => announce('the score could not be read'),
        ),
      ),
    peek: setIsPeeking,
    // At once: the next letter is the comment's.
    openComment: () => session.callForKeys((id) => flushSync(() => setCommenting(id))),
  });
  const page = view.isGrid ? pageOf(queue) : [];
  const leave: Action = {
    id: 'label.queue',
    title: view.isGrid ? 'One at a time' : 'Back to the queue',
    keys: ['Escape'],
    isEnabled: !hasFailed,
    run: view.isGrid ? () => changeView({ isGrid: false }) : ways.toQueue,
  };
  const retry: Action = {
    id: 'label.retry',
    title: 'Save again',
    keys: ['Enter'],
    isEnabled: hasFailed,
    run: () => session.retry(),
  };
  const giveUp: Action = {
    id: 'label.give-up',
    title: 'Drop it',
    keys: ['Escape'],
    isEnabled: hasFailed,
    run: () => session.giveUp(),
  };
  const inField: Action = {
    id: 'label.field',
    title: 'See it in the field',
    keys: ['Enter'],
    isEnabled: item !== undefined && !hasFailed,
    run: () => ways.toField(item!.candidateId, item!.runId),
  };
  const onward: Action = {
    id: 'label.next-run',
    title: nextRun === undefined ? 'Next field' : `Next field: ${nextRun.name}, ${nextRun.left} left`,
    keys: ['Enter'],
    isEnabled: item === undefined && nextRun !== undefined,
    run: () => ways.toRun(nextRun!.id),
  };
  const people: Action = { id: 'label.curator', title: 'Who labels', keys: ['W'], run: onCurators };
  const filter: Action = { id: 'label.filter', title: 'What to label', keys: ['/'], run: onFilter };
  const settle: Action = { id: 'label.settle', title: 'Settle disagreements', keys: ['D'], run: onSettle };
  const scope: Action = {
    id: 'label.scope',
    title: view.scope === 'field' ? 'Label all fields' : 'Label this field alone',
    keys: ['A'],
    run: () => changeView({ scope: view.scope === 'field' ? 'all' : 'field' }),
  };
  const rest: Action = {
    id: 'label.rest-bogus',
    title: 'The rest of the page is bogus',
    keys: ['Shift+B'],
    isEnabled: view.isGrid && !hasFailed && page.some(({ label }) => label === undefined),
    run: () =>
      session.labelAll(
        page.filter(({ label }) => label === undefined).map(({ candidateId }) => candidateId),
        { verdict: 'bogus', scoreVisible: false, viewHash: hashView({ look: look.name, grid: true }) },
      ),
  };
  const row = (id: string, title: string, key: string, by: number): Action => ({
    id,
    title,
    keys: [key],
    repeats: true,
    isEnabled: view.isGrid,
    run: () => session.move(by),
  });
  const up = row('label.row-up', 'Row up', 'ArrowUp', -GRID.columns);
  const down = row('label.row-down', 'Row down', 'ArrowDown', GRID.columns);
  const { verdicts, classes, confidences, ...others } = actions;
  useActions('Labelling', 'screen', [
    ...verdicts,
    ...classes,
    ...confidences,
    ...Object.values(others),
    ...[rest, up, down, retry, giveUp, inField, onward, people, filter, settle, scope, leave],
  ]);

  const field = useField(view.scope === 'field' ? runId : item?.runId).data;
  const left = countLeft(queue);
  const curator = curators.find(({ id }) => id === request.curatorId);
  return (
    <section className="screen" aria-label="Labelling">
      <header className="top-bar" data-region="top">
        <h1 className="top-title ellipsis">
          {view.scope === 'all'
            ? 'All fields'
            : (field?.run.science?.object ?? field?.run.science?.name ?? 'Labelling')}
        </h1>
        <span className="mono dim">
          {Math.min(queue.cursor + 1, queue.items.length)}/{queue.items.length}
          {loaded.nextCursor !== undefined && view.scope === 'all' ? '+' : ''}
        </span>
        <ActionButton action={filter}>
          <span className="dim">by</span>{' '}
          <span className="menu-value">
            {view.filterName ?? ORDERS.find(({ order }) => order === view.order)?.name}
            {view.filterName === undefined && Object.keys(view.filter).length > 0 ? ', filtered' : ''}
          </span>
        </ActionButton>
        <ActionButton action={scope}>{view.scope === 'all' ? 'all' : 'field'}</ActionButton>
        <span className="top-gap" />
        {isBreakDue && <span className="break-note">45 min without a break: look far away for a while</span>}
        <Pace left={left} total={queue.items.length} perHour={pacePerHour(session.savedAt)} />
        <span className="top-rule" />
        <ActionButton action={actions.look}>
          <span className="dim">look</span> <span className="menu-value look-name">{look.name}</span>
        </ActionButton>
        <ActionButton action={actions.grid} isPressed={view.isGrid}>
          grid
        </ActionButton>
        <ActionButton action={actions.blind} isPressed={!view.isBlind}>
          {view.isBlind ? 'blind' : 'scores'}
        </ActionButton>
        <ActionButton action={people}>
          {curator && (
            <>
              <CuratorMark curator={curator} /> {curator.shortId}
            </>
          )}
        </ActionButton>
      </header>
      {item === undefined || place === undefined ? (
        <QueueEnd
          queue={queue}
          perHour={pacePerHour(session.savedAt)}
          runId={view.scope === 'all' ? undefined : runId}
          actions={[
            ...(nextRun === undefined ? [] : [onward]),
            leave,
            settle,
            ...(queue.history.length > 0 ? [actions.undo] : []),
          ]}
        />
      ) : (
        <div className={view.isGrid ? 'label label-of-many' : 'label'} ref={frame.ref} style={frame.style}>
          <div className="label-main">
            {view.isGrid ? (
              <LabelGrid queue={queue} items={items} look={look} onGo={go} />
            ) : (
              <>
                <TripletPanes tripletSha256={item.tripletSha256} look={look} isPeeking={isPeeking} />
                <div className="label-lower">
                  <div className="label-time">
                    <EpochStrip
                      item={item}
                      display={look.cutout}
                      selected={epoch?.of === here ? epoch!.runId : item.runId}
                      onSelect={(id) => setEpoch({ of: item.candidateId, runId: id })}
                    />
                    <LightCurve item={item} selected={epoch?.of === here ? epoch!.runId : item.runId} />
                  </div>
                  <div className="label-around">
                    <ContextPane item={item} look={look} />
                    <ActionButton action={inField}>in the field</ActionButton>
                  </div>
                  <CandidatePanel item={item} score={score} reveal={actions.reveal} />
                  <HistoryList places={queue.items} here={here} taxonomy={taxonomy} onGo={go} />
                </div>
              </>
            )}
          </div>
          {view.isGrid && (
            <aside className="label-side" aria-label="Candidate">
              <CandidatePanel item={item} score={score} reveal={actions.reveal} />
              <ActionButton action={inField} look="outline">
                in the field
              </ActionButton>
            </aside>
          )}
          <VerdictBar
            actions={actions}
            taxonomy={taxonomy}
            label={place.label}
            isFlagged={place.isFlagged}
            comments={place.comments}
          />
          {commenting === here && here !== undefined && (
            <CommentField
              candidateId={here}
              curatorId={request.curatorId}
              curators={curators}
              onSave={(text) => session.comment(text)}
              onClose={() => setCommenting(undefined)}
            />
          )}
          {queue.failure && <SaveFailure queue={queue} retry={retry} giveUp={giveUp} />}
        </div>
      )}
      {isAstray && <FailureNote failure={ASTRAY} onDismiss={() => setIsAstray(false)} />}
      <StatusSlot>
        <LastDecision queue={queue} taxonomy={taxonomy} />
      </StatusSlot>
    </section>
  );
}
