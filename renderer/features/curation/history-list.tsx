import { memo } from 'react';
import type { Label, Taxonomy } from '../../../core/api/contract/index.ts';
import { formatClock } from '../../ui/format.ts';
import { VerdictMark } from '../../ui/marks.tsx';
import type { QueuePlace } from './label-queue.ts';

/** Decisions shown. */
const SHOWN = 50;

/** The last decisions, newest first: a click goes back to one, and another verdict there replaces it. */
export const HistoryList = memo(function HistoryList({
  places,
  here,
  taxonomy,
  onGo,
}: {
  readonly places: readonly QueuePlace[];
  /** The candidate on screen. */
  readonly here: string | undefined;
  readonly taxonomy: Taxonomy | undefined;
  readonly onGo: (candidateId: string) => void;
}) {
  const labelled = places
    .flatMap(({ label }, i) => (label === undefined ? [] : [{ label, number: i + 1 }]))
    .sort((a, b) => (a.label.id < b.label.id ? 1 : -1))
    .slice(0, SHOWN);
  return (
    <section className="label-history" aria-label="Last decisions">
      {labelled.length === 0 ? (
        <p className="dim strip-note">The last {SHOWN} decisions stand here; a click goes back to one.</p>
      ) : (
        <ul>
          {labelled.map(({ label, number }) => (
            <HistoryRow
              key={label.id}
              label={label}
              number={number}
              isHere={label.candidateId === here}
              name={nameOf(label, taxonomy)}
              onGo={onGo}
            />
          ))}
        </ul>
      )}
    </section>
  );
});

const HistoryRow = memo(function HistoryRow({
  label,
  number,
  isHere,
  name,
  onGo,
}: {
  readonly label: Label;
  /** Its place in the queue, from one. */
  readonly number: number;
  readonly isHere: boolean;
  readonly name: string;
  readonly onGo: (candidateId: string) => void;
}) {
  return (
    <li>
      <button
        type="button"
        className="history-row"
        aria-current={isHere ? 'true' : undefined}
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => onGo(label.candidateId)}
      >
        <span className="number dim">{number}</span>
        <VerdictMark verdict={label.verdict} />
        <span className="ellipsis">{name}</span>
        <span className="mono dim" title={`${formatClock(label.decidedAt)} UTC`}>
          {formatClock(label.decidedAt).slice(0, 5)}
        </span>
      </button>
    </li>
  );
});

/** What a label says, in words: its class where it has one. */
export function nameOf(
  label: Pick<Label, 'verdict' | 'classId' | 'reason'>,
  taxonomy: Taxonomy | undefined,
): string {
  const { classId, reason, verdict } = label;
  if (classId === undefined) return reason ?? verdict;
  return taxonomy?.classes.find(({ id }) => id === classId)?.name ?? classId;
}
