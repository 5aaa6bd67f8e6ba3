import { useState } from 'react';
import type { Collection } from '../../../core/api/contract/index.ts';
import { describeFailure } from '../../api/client.ts';
import { useCollection } from '../../api/collection.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatCount, formatGigabytes, NOT_KNOWN } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';

const DAYS = [7, 30, 90, 365] as const;

/** Takes away pixels that nobody refers to any more: first it says what would go, then it does it. */
export function CollectDialog({
  hasBucket,
  onClose,
}: {
  readonly hasBucket: boolean;
  readonly onClose: () => void;
}) {
  const { state, start, stop } = useCollection();
  const [graceDays, setGraceDays] = useState<number>(30);
  const [place, setPlace] = useState<'here' | 'both'>('here');
  const where: ('here' | 'bucket')[] = place === 'both' ? ['here', 'bucket'] : ['here'];
  const isRunning = state?.kind === 'running' || start.isPending;
  const isOfThis = state?.graceDays === graceDays && JSON.stringify(state.where) === JSON.stringify(where);
  const wouldGo = [state?.here, state?.bucket].reduce(
    (sum, found) => sum + (found?.removed ?? 0) + (found?.aborted ?? 0),
    0,
  );
  const look: Action = {
    id: 'collect.look',
    title: 'See what would go',
    keys: ['Ctrl+D'],
    isEnabled: !isRunning,
    run: () => start.mutate({ graceDays, where, isDryRun: true }),
  };
  const take: Action = {
    id: 'collect.take',
    title: 'Take it away',
    keys: ['Ctrl+Enter'],
    // Nobody takes away what was not looked at first.
    isEnabled: !isRunning && isOfThis && state?.kind === 'done' && state.isDryRun === true && wouldGo > 0,
    run: () => start.mutate({ graceDays, where, isDryRun: false }),
  };
  const halt: Action = {
    id: 'collect.stop',
    title: 'Stop',
    keys: ['Ctrl+X'],
    isEnabled: isRunning && !stop.isPending,
    run: () => stop.mutate(),
  };
  const failure = start.error ?? stop.error;
  return (
    <Dialog
      title="Pixels that nobody refers to"
      className="collect"
      actions={[look, take, halt]}
      onClose={onClose}
    >
      <p className="dim collect-note">
        Runs that were done again, or were cut off, leave images that nothing refers to any more. What any
        workstation of the project refers to stays, and so does what was stored a short while ago.
      </p>
      <div className="collect-row">
        <span>Stays for</span>
        <Choice
          name="Stays for"
          values={DAYS.map((value) => ({ value, label: `${value} days` }))}
          value={graceDays}
          onChoose={setGraceDays}
        />
      </div>
      <div className="collect-row">
        <span>Where</span>
        {hasBucket ? (
          <Choice
            name="Where"
            values={[
              { value: 'here', label: 'here' },
              { value: 'both', label: 'here and in the bucket' },
            ]}
            value={place}
            onChoose={setPlace}
          />
        ) : (
          <span className="dim">here; no bucket is connected</span>
        )}
      </div>
      {failure && <FailureNote failure={describeFailure(failure)} />}
      {state?.failure && <FailureNote failure={state.failure} />}
      <CollectTable state={state} />
      <p className="dim collect-note" role="status">
        {describeState(state, isOfThis)}
      </p>
      <div className="connect-actions">
        {isRunning && <ActionButton action={halt} look="outline" />}
        <ActionButton action={look} look="outline" />
        <ActionButton action={take} look="primary" />
      </div>
    </Dialog>
  );
}

function CollectTable({ state }: { readonly state: Collection | undefined }) {
  const verb = state?.isDryRun === false ? 'gone' : 'would go';
  const rows = [
    ['here', state?.here],
    ['bucket', state?.bucket],
  ] as const;
  return (
    <table className="collect-table">
      <thead>
        <tr>
          <th>Where</th>
          <th>looked at</th>
          <th>size</th>
          <th>{verb}</th>
          <th>size</th>
          <th>too young</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, found]) => (
          <tr key={name} className={found === undefined ? 'dim' : undefined}>
            <td>{name}</td>
            {found === undefined
              ? [1, 2, 3, 4, 5].map((n) => (
                  <td key={n} className="mono">
                    {NOT_KNOWN}
                  </td>
                ))
              : [
                  formatCount(found.seen),
                  formatGigabytes(found.seenBytes),
                  formatCount(found.removed),
                  formatGigabytes(found.removedBytes),
                  formatCount(found.young),
                ].map((text, n) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other name
                  <td key={n} className="mono">
                    {text}
                  </td>
                ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function describeState(state: Collection | undefined, isOfThis: boolean): string {
  switch (state?.kind) {
    case 'running':
      return state.isDryRun ? 'Looking; nothing is taken away.' : 'Taking away …';
    case 'stopped':
      return state.isDryRun
        ? 'Stopped; nothing was taken away.'
        : 'Stopped; what is gone was wanted by nobody, and the rest stays until the next time.';
    case 'done':
      if (!state.isDryRun) return 'Done.';
      return isOfThis ? 'Nothing was taken away yet.' : 'That was for another choice; look again.';
    case 'failed':
      return 'It came to nothing; what is wanted was not touched.';
    default:
      return 'Nothing was looked at yet.';
  }
}
