import { ActionButton } from '../../ui/action-button.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { Meter } from '../../ui/meter.tsx';
import type { LabelQueue } from './label-queue.ts';
import { formatRest } from './pace.ts';

/** How much is left, and how fast it goes. */
export function Pace({
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

/** What could not be saved, what is safe, and what to do: over the features, so that nothing moves under a hand. */
export function SaveFailure({
  queue,
  retry,
  giveUp,
}: {
  readonly queue: LabelQueue;
  readonly retry: Action;
  readonly giveUp: Action;
}) {
  return (
    <div className="save-failure" role="alert">
      <strong>Not saved.</strong> {queue.failure?.message} {describeSaved(queue.savedCount)}
      <div className="save-choices">
        <ActionButton action={retry} look="primary" />
        <ActionButton action={giveUp} look="outline" />
      </div>
    </div>
  );
}

/** What is safe when a label could not be saved. */
function describeSaved(count: number): string {
  if (count === 0) return 'This label is kept here and can be saved again.';
  const labels = count === 1 ? 'The label before it is' : `The ${count} labels before it are`;
  return `${labels} on disk; this one is kept here and can be saved again.`;
}
