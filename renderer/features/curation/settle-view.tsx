import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Curator, Taxonomy, Verdict } from '../../../core/api/contract/index.ts';
import { describeFailure } from '../../api/client.ts';
import { openCandidates, useCandidate } from '../../api/labelling.ts';
import { useEventLog } from '../../api/labels.ts';
import { makeId } from '../../api/make-id.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatClock, formatDay, formatFixed } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { VerdictMark } from '../../ui/marks.tsx';
import { CuratorMark } from './curator-mark.tsx';
import { nameOf } from './history-list.tsx';
import { LOOKS } from './looks.ts';
import { RulesDialog } from './rules-dialog.tsx';
import { TripletPanes } from './triplet-panes.tsx';

/** Candidates whose labels differ, with all that was said of them side by side, for the last word. */
export function SettleView({
  curatorId,
  curators,
  taxonomy,
  look,
  onLeave,
}: {
  readonly curatorId: string;
  readonly curators: readonly Curator[];
  readonly taxonomy: Taxonomy | undefined;
  readonly look: number;
  readonly onLeave: () => void;
}) {
  const query = useQuery(openCandidates(curatorId));
  const queries = useQueryClient();
  const log = useEventLog(curatorId);
  const [place, setPlace] = useState(0);
  const [failure, setFailure] = useState<string>();
  const [isSaving, setIsSaving] = useState(false);
  const [hasRules, setHasRules] = useState(false);
  const open = query.data ?? [];
  const current = open[Math.min(place, open.length - 1)];
  const candidate = useCandidate(current?.candidateId).data;
  const settle = (verdict: Verdict, key: string): Action & { verdict: Verdict } => ({
    id: `settle.${verdict}`,
    title: verdict,
    verdict,
    keys: [key],
    isEnabled: current?.state === 'to-adjudicate' && !isSaving,
    run: () => {
      if (current === undefined) return;
      const { candidateId } = current;
      setIsSaving(true);
      log
        .record([{ kind: 'adjudication', id: makeId(), candidateId, verdict }])
        .then(() => {
          setFailure(undefined);
          // It goes at once: the next key is meant for the next one, however long the list takes to be read anew.
          queries.setQueryData(openCandidates(curatorId).queryKey, (before) =>
            before?.filter((one) => one.candidateId !== candidateId),
          );
          void queries.invalidateQueries({ queryKey: ['curation-open'] });
        })
        .catch((error: unknown) => setFailure(describeFailure(error).message))
        .finally(() => setIsSaving(false));
    },
  });
  const verdicts = [settle('real', 'R'), settle('bogus', 'B'), settle('unsure', 'U')];
  const move = (by: number): void =>
    setPlace(Math.max(0, Math.min(open.length - 1, Math.min(place, open.length - 1) + by)));
  const previous: Action = {
    id: 'settle.previous',
    title: 'Back',
    keys: ['ArrowLeft', 'ArrowUp'],
    repeats: true,
    run: () => move(-1),
  };
  const next: Action = {
    id: 'settle.next',
    title: 'Next',
    keys: ['ArrowRight', 'ArrowDown'],
    repeats: true,
    run: () => move(1),
  };
  const rules: Action = { id: 'settle.rules', title: 'Rules', keys: ['E'], run: () => setHasRules(true) };
  const leave: Action = { id: 'settle.leave', title: 'Back to labelling', keys: ['Escape'], run: onLeave };
  useActions('Settling', 'screen', [...verdicts, previous, next, rules, leave]);

  return (
    <section className="screen" aria-label="Settling disagreements">
      <header className="top-bar" data-region="top">
        <h1 className="top-title">Disagreements</h1>
        <span className="mono dim">
          {open.length === 0 ? '' : `${Math.min(place, open.length - 1) + 1}/${open.length}`}
        </span>
        <span className="top-gap" />
        <ActionButton action={rules} />
        <ActionButton action={leave} />
      </header>
      {query.isError && query.data === undefined ? (
        <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />
      ) : current === undefined ? (
        <div className="empty-screen">
          <p>
            {query.data === undefined
              ? 'Looking for labels that differ.'
              : 'Nobody disagrees: nothing waits for a last word.'}
          </p>
          <ActionButton action={leave} look="primary" />
        </div>
      ) : (
        <div className="settle">
          <div className="settle-images">
            {candidate && (
              <TripletPanes tripletSha256={candidate.tripletSha256} look={LOOKS[look]!} isPeeking={false} />
            )}
          </div>
          <div className="settle-words selectable">
            {current.labels.map((label) => {
              const curator = curators.find(({ id }) => id === label.curator);
              const said = current.comments.filter((comment) => comment.curator === label.curator);
              return (
                <article key={label.id}>
                  <h2>
                    {curator && <CuratorMark curator={curator} />} {curator?.name ?? 'somebody'}
                  </h2>
                  <p>
                    <VerdictMark verdict={label.verdict} /> {label.verdict}
                    {(label.classId ?? label.reason) !== undefined && `: ${nameOf(label, taxonomy)}`}
                    {label.confidence !== undefined && `, ${label.confidence} confidence`}
                  </p>
                  <p className="mono dim">
                    {formatDay(label.decidedAt)} {formatClock(label.decidedAt)}
                    {label.scoreVisible ? ' score seen' : ''}
                  </p>
                  {said.map(({ id, text }) => (
                    <p key={id}>“{text}”</p>
                  ))}
                </article>
              );
            })}
          </div>
          <div className="verdict-row settle-foot">
            {verdicts.map((action) => (
              <ActionButton key={action.id} action={action} look="outline">
                <VerdictMark verdict={action.verdict} /> {action.title}
              </ActionButton>
            ))}
            {current.realProbability !== undefined && (
              <span className="dim" title="from all labels, each weighted by how well its curator tells">
                real by skill <span className="mono">{formatFixed(100 * current.realProbability, 0)} %</span>
              </span>
            )}
            <span className="dim">
              {current.state === 'to-adjudicate'
                ? 'The last word: it settles this candidate and makes it gold.'
                : 'Another curator is asked first.'}
            </span>
            {failure !== undefined && <span role="alert">Not saved. {failure}</span>}
            <span className="top-gap" />
            <ActionButton action={previous} />
            <ActionButton action={next} />
          </div>
        </div>
      )}
      {hasRules && <RulesDialog onClose={() => setHasRules(false)} />}
    </section>
  );
}
