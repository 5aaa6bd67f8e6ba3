import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Candidate, Run, Verdict } from '../../../core/api/contract/index.ts';
import { describeFailure } from '../../api/client.ts';
import { candidatesOf, useField, useRuns } from '../../api/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { announce } from '../../ui/announce.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { VerdictMark } from '../../ui/marks.tsx';
import { Meter } from '../../ui/meter.tsx';
import { StatusSlot } from '../../ui/status-slot.tsx';
import { CandidatePanel } from './candidate-panel.tsx';
import { countLeft, type LabelQueue } from './label-queue.ts';
import { LOOKS } from './looks.ts';
import { formatRest, pacePerHour } from './pace.ts';
import { QueueEnd } from './queue-end.tsx';
import { TripletPanes } from './triplet-panes.tsx';
import { useLabelSession, usePrefetch } from './use-label-session.ts';
import { REASONS, VerdictPanel } from './verdict-panel.tsx';
import './label.css';

/** Where labelling can lead to. */
export interface LabelWays {
  readonly toQueue: () => void;
  readonly toField: (candidateId: string) => void;
  readonly toRun: (runId: string) => void;
}

/** One candidate after another, judged by single keys. */
export function LabelScreen({ runId, ways }: { readonly runId: string; readonly ways: LabelWays }) {
  const query = useQuery(candidatesOf(runId));
  if (query.isError)
    return <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <section className="screen" aria-label="Labelling" aria-busy="true" />;
  return <Labelling key={runId} runId={runId} candidates={query.data} ways={ways} />;
}

function Labelling({
  runId,
  candidates,
  ways,
}: {
  readonly runId: string;
  readonly candidates: readonly Candidate[];
  readonly ways: LabelWays;
}) {
  const field = useField(runId);
  const { session, queue } = useLabelSession(runId, candidates);
  const byId = useMemo(() => new Map(candidates.map((candidate) => [candidate.id, candidate])), [candidates]);
  usePrefetch(queue, byId);
  const [isScoreVisible, setIsScoreVisible] = useState(false);
  const [look, setLook] = useState(0);
  const [isPeeking, setIsPeeking] = useState(false);
  const nextRun = useNextRun(runId);
  useAnnouncements(queue);

  const item = queue.items[queue.cursor];
  const candidate = item && byId.get(item.candidateId);
  const left = countLeft(queue);
  const perHour = pacePerHour(session.savedAt);
  const hasCandidate = candidate !== undefined;
  const hasFailed = queue.failure !== undefined;
  const canJudge = hasCandidate && !hasFailed;

  const verdictOf = (verdict: Verdict, key: string): Action & { verdict: Verdict } => ({
    id: `label.${verdict}`,
    title: verdict,
    verdict,
    keys: [key],
    isEnabled: canJudge,
    run: () => session.label({ verdict, scoreVisible: isScoreVisible }),
  });
  const verdicts = [verdictOf('real', 'R'), verdictOf('bogus', 'B'), verdictOf('unsure', 'U')];
  const reasons = REASONS.map(
    (reason, i): Action => ({
      id: `label.reason-${i + 1}`,
      title: `bogus: ${reason}`,
      keys: [String(i + 1)],
      isEnabled: canJudge,
      run: () => session.label({ verdict: 'bogus', reason, scoreVisible: isScoreVisible }),
    }),
  );
  const undo: Action = {
    id: 'label.undo',
    title: 'Undo',
    keys: ['Backspace', 'Ctrl+Z'],
    isEnabled: !hasFailed && (queue.history.length > 0 || queue.saving !== undefined),
    run: () => session.undo(),
  };
  const skip: Action = {
    id: 'label.skip',
    title: 'Skip',
    keys: ['S'],
    isEnabled: canJudge,
    run: () => session.skip(),
  };
  const previous: Action = {
    id: 'label.previous',
    title: 'Back',
    keys: ['ArrowLeft'],
    repeats: true,
    run: () => session.move(-1),
  };
  const next: Action = {
    id: 'label.next',
    title: 'Next',
    keys: ['ArrowRight'],
    repeats: true,
    run: () => session.move(1),
  };
  const reveal: Action = {
    id: 'label.score',
    title: isScoreVisible ? 'Hide the score' : 'Reveal the score',
    keys: ['T'],
    run: () => setIsScoreVisible(!isScoreVisible),
  };
  const turnLook: Action = {
    id: 'label.look',
    title: 'Faint, bright, full range',
    keys: ['V'],
    run: () => setLook((look + 1) % LOOKS.length),
  };
  const peek: Action = {
    id: 'label.peek',
    title: 'Peek at the template (hold)',
    keys: ['Space'],
    run: () => setIsPeeking(true),
    release: () => setIsPeeking(false),
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
    isEnabled: hasCandidate && !hasFailed,
    run: () => ways.toField(candidate!.id),
  };
  const onward: Action = {
    id: 'label.next-run',
    title: nextRun === undefined ? 'Next field' : `Next field: ${nextRun.name}, ${nextRun.left} left`,
    keys: ['Enter'],
    isEnabled: !hasCandidate && nextRun !== undefined,
    run: () => ways.toRun(nextRun!.id),
  };
  const leave: Action = {
    id: 'label.queue',
    title: 'Back to the queue',
    keys: ['Escape'],
    isEnabled: !hasFailed,
    run: ways.toQueue,
  };
  const all = [...verdicts, ...reasons, undo, skip, previous, next, reveal, turnLook, peek];
  useActions('Labelling', 'screen', [...all, retry, giveUp, inField, onward, leave]);

  const run = field.data?.run;
  return (
    <section className="screen" aria-label="Labelling">
      <header className="top-bar" data-region="top">
        <h1 className="top-title ellipsis">{run?.science?.object ?? run?.science?.name ?? 'Labelling'}</h1>
        <span className="mono dim">
          {Math.min(queue.cursor + 1, queue.items.length)}/{queue.items.length}
        </span>
        <span className="top-gap" />
        <Pace left={left} total={queue.items.length} perHour={perHour} />
        <span className="top-rule" />
        <ActionButton action={turnLook}>
          <span className="dim">look</span> <span className="menu-value look-name">{LOOKS[look]!.name}</span>
        </ActionButton>
        <ActionButton action={reveal} isPressed={isScoreVisible}>
          {isScoreVisible ? 'score shown' : 'blind'}
        </ActionButton>
        <ActionButton action={leave}>Queue</ActionButton>
      </header>
      {candidate === undefined ? (
        <QueueEnd
          queue={queue}
          perHour={perHour}
          actions={[
            ...(nextRun === undefined ? [] : [onward]),
            leave,
            ...(queue.history.length > 0 ? [undo] : []),
          ]}
        />
      ) : (
        <div className="label">
          <TripletPanes candidate={candidate} field={field.data} look={LOOKS[look]!} isPeeking={isPeeking} />
          <aside className="label-side" aria-label="Candidate" data-region="verdict">
            {queue.failure && (
              <div className="save-failure" role="alert">
                <strong>Not saved.</strong> {queue.failure.message} {describeSaved(queue.savedCount)}
                <div className="reasons">
                  <ActionButton action={retry} look="primary" />
                  <ActionButton action={giveUp} look="outline" />
                </div>
              </div>
            )}
            <VerdictPanel
              verdicts={verdicts}
              reasons={reasons}
              others={[undo, skip, previous, next]}
              label={item?.label}
            />
            <CandidatePanel
              candidate={candidate}
              isScoreVisible={isScoreVisible}
              pixelScaleArcsec={field.data?.sky?.pixelScaleArcsec}
            />
            <ActionButton action={inField} look="outline" />
          </aside>
        </div>
      )}
      <StatusSlot>
        <LastDecision queue={queue} />
      </StatusSlot>
    </section>
  );
}

/** What is safe when a label could not be saved. */
function describeSaved(count: number): string {
  if (count === 0) return 'This label is kept here and can be saved again.';
  const labels = count === 1 ? 'The label before it is' : `The ${count} labels before it are`;
  return `${labels} on disk; this one is kept here and can be saved again.`;
}

function Pace({
  left,
  total,
  perHour,
}: {
  readonly left: number;
  readonly total: number;
  readonly perHour: number | undefined;
}) {
  return (
    <div className="pace">
      <span className="number">{left}</span>
      <span className="dim">left</span>
      <div className="pace-meter">
        <Meter
          label={`${total - left} of ${total} labelled`}
          fraction={total === 0 ? 1 : (total - left) / total}
          isAccent
        />
      </div>
      <span className="number dim pace-rate">
        {perHour === undefined ? '' : `${Math.round(perHour)}/h  ${formatRest(left, perHour)}`}
      </span>
    </div>
  );
}

function LastDecision({ queue }: { readonly queue: LabelQueue }) {
  const last = queue.history.at(-1);
  const label = queue.items.find(({ candidateId }) => candidateId === last?.candidateId)?.label;
  if (queue.saving !== undefined && queue.failure === undefined)
    return (
      <span className="saving">
        saving{queue.waiting.length > 0 ? `, ${queue.waiting.length} waiting` : ''}
      </span>
    );
  if (label === undefined) return <span>A label is on disk before the next candidate is shown</span>;
  return (
    <span>
      <VerdictMark verdict={label.verdict} /> {label.verdict}
      {label.reason !== undefined && `: ${label.reason}`} on disk
    </span>
  );
}

/** Tell people who listen what was saved and how many are left. */
function useAnnouncements(queue: LabelQueue): void {
  const before = useRef(queue);
  useEffect(() => {
    const { history } = before.current;
    before.current = queue;
    const last = queue.history.at(-1);
    if (queue.failure !== undefined) announce(`not saved: ${queue.failure.message}`);
    else if (queue.history.length > history.length) {
      const verdict = queue.items.find(({ candidateId }) => candidateId === last?.candidateId)?.label
        ?.verdict;
      announce(`${verdict} saved, ${countLeft(queue)} left`);
    } else if (queue.history.length < history.length) announce(`taken back, ${countLeft(queue)} left`);
  }, [queue]);
}

/** The newest other field with candidates that nobody has judged. */
function useNextRun(runId: string): { id: string; name: string; left: number } | undefined {
  const runs = useRuns().data?.runs;
  const hasWork = (run: Run): boolean =>
    run.id !== runId && run.status === 'done' && run.labelledCount < run.candidateCount;
  const run = runs?.find(hasWork);
  return (
    run && {
      id: run.id,
      name: run.science?.object ?? run.science?.name ?? 'without name',
      left: run.candidateCount - run.labelledCount,
    }
  );
}
