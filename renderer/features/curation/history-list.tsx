import type { Label, Taxonomy } from '../../../core/api/contract/index.ts';
import { formatClock } from '../../ui/format.ts';
import { VerdictMark } from '../../ui/marks.tsx';
import type { LabelQueue } from './label-queue.ts';

/** Decisions shown. */
const SHOWN = 50;

/** The last decisions, newest first: a click goes back to one, and another verdict there replaces it. */
export function HistoryList({
  queue,
  taxonomy,
  onGo,
}: {
  readonly queue: LabelQueue;
  readonly taxonomy: Taxonomy | undefined;
  readonly onGo: (candidateId: string) => void;
}) {
  const here = queue.items[queue.cursor]?.candidateId;
  const labels = queue.items
    .flatMap(({ label }) => (label === undefined ? [] : [label]))
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, SHOWN);
  const placeOf = new Map(queue.items.map(({ candidateId }, i) => [candidateId, i + 1]));
  return (
    <section className="label-history" aria-label="Last decisions">
      {labels.length === 0 ? (
        <p className="dim strip-note">The last {SHOWN} decisions stand here; a click goes back to one.</p>
      ) : (
        <ul>
          {labels.map((label) => (
            <li key={label.id}>
              <button
                type="button"
                className="history-row"
                aria-current={label.candidateId === here ? 'true' : undefined}
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => onGo(label.candidateId)}
              >
                <span className="number dim">{placeOf.get(label.candidateId)}</span>
                <VerdictMark verdict={label.verdict} />
                <span className="ellipsis">{nameOf(label, taxonomy)}</span>
                <span className="mono dim">{formatClock(label.decidedAt)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What a label says, in words: its class where it has one. */
export function nameOf(
  label: Pick<Label, 'verdict' | 'classId' | 'reason'>,
  taxonomy: Taxonomy | undefined,
): string {
  const { classId, reason, verdict } = label;
  if (classId === undefined) return reason ?? verdict;
  return taxonomy?.classes.find(({ id }) => id === classId)?.name ?? classId;
}
