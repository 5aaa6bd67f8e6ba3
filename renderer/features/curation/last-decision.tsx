import type { Taxonomy } from '../../../core/api/contract/index.ts';
import { VerdictMark } from '../../ui/marks.tsx';
import { nameOf } from './history-list.tsx';
import type { LabelQueue } from './label-queue.ts';

/** Where the last decision is: on its way, or on disk. */
export function LastDecision({
  queue,
  taxonomy,
}: {
  readonly queue: LabelQueue;
  readonly taxonomy: Taxonomy | undefined;
}) {
  if (queue.saving !== undefined && queue.failure === undefined)
    return (
      <span className="saving">
        saving{queue.waiting.length > 0 ? `, ${queue.waiting.length} queued` : ''}
      </span>
    );
  const act = queue.history.at(-1);
  const [deed] = act?.deeds ?? [];
  if (act === undefined || deed === undefined)
    return <span>A label is on disk before the next candidate is shown</span>;
  if (deed.kind === 'flag') return <span>flag {deed.isSet ? 'set' : 'taken away'}, on disk</span>;
  if (deed.kind === 'comment') return <span>comment on disk</span>;
  return (
    <span>
      <VerdictMark verdict={deed.judgement.verdict} /> {nameOf(deed.judgement, taxonomy)}
      {act.deeds.length > 1 ? ` (${act.deeds.length})` : ''} on disk
    </span>
  );
}
