import { useAgreement } from '../../api/labelling.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { VerdictMark } from '../../ui/marks.tsx';
import type { LabelQueue } from './label-queue.ts';

const VERDICTS = ['real', 'bogus', 'unsure'] as const;

/** What was decided, and where to go from here. */
export function QueueEnd({
  queue,
  perHour,
  runId,
  actions,
}: {
  readonly queue: LabelQueue;
  readonly perHour: number | undefined;
  /** The field that the queue was of; none is all of them. */
  readonly runId: string | undefined;
  readonly actions: readonly Action[];
}) {
  const { items } = queue;
  const countOf = (verdict: string): number => items.filter(({ label }) => label?.verdict === verdict).length;
  const isAll = runId === undefined;
  const agreement = useAgreement(runId).data;
  const left = items.filter(({ label }) => label === undefined).length;
  return (
    <div className="empty-screen queue-end">
      <p>{sentenceFor(items.length, left, isAll)}</p>
      {items.length > 0 && (
        <dl className="tally">
          {VERDICTS.map((verdict) => (
            <div key={verdict}>
              <dt>
                <VerdictMark verdict={verdict} /> {verdict}
              </dt>
              <dd className="number">{countOf(verdict)}</dd>
            </div>
          ))}
          <div>
            <dt>this session</dt>
            <dd className="number">{queue.savedCount}</dd>
          </div>
          {perHour !== undefined && (
            <div>
              <dt>pace</dt>
              <dd className="number">{Math.round(perHour)}/h</dd>
            </div>
          )}
          {agreement?.percent !== undefined && (
            <div title={`of ${agreement.items} that two or more have labelled`}>
              <dt>agreed</dt>
              <dd className="number">{Math.round(100 * agreement.percent)} %</dd>
            </div>
          )}
        </dl>
      )}
      <div className="empty-choices">
        {actions.map((action, i) => (
          <ActionButton key={action.id} action={action} look={i === 0 ? 'primary' : 'outline'} />
        ))}
      </div>
    </div>
  );
}

function sentenceFor(total: number, left: number, isAll: boolean): string {
  if (total === 0 && isAll)
    return 'Nothing is left that fits: every candidate has your label, or the filter leaves all out.';
  if (total === 0) return 'This field has no candidates: nothing that changed passes the vetoes.';
  if (left > 0) return `End of the list; ${left} of ${total} candidates have no label of yours yet.`;
  return total === 1
    ? 'The one candidate is labelled and on disk.'
    : `All ${total} candidates are labelled and on disk.`;
}
