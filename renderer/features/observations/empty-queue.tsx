import { ActionButton } from '../../ui/action-button.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import type { RunCommands } from './use-run-commands.ts';

/** The queue before the first field. */
export function EmptyQueue({
  sampleNight,
  openPair,
  commands,
}: {
  readonly sampleNight: Action;
  readonly openPair: Action;
  readonly commands: RunCommands;
}) {
  return (
    <div className="empty-screen">
      <p>
        No field yet: compare two FITS images of the same sky, and what changed between them is listed here.
      </p>
      <div className="empty-choices">
        <ActionButton action={sampleNight} look="primary" />
        <ActionButton action={openPair} look="outline" />
      </div>
      <p className="dim">
        {commands.isBusy
          ? 'Simulating the sample night…'
          : 'The sample night is simulated here and now, with transients whose places are known. A FITS file that is dropped on the window is only looked at.'}
      </p>
      {commands.failure && <FailureNote failure={commands.failure} onDismiss={commands.dismissFailure} />}
    </div>
  );
}
