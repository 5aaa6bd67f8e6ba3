import { useQuery } from '@tanstack/react-query';
import { client, describeFailure } from '../../api/client.ts';
import { keys, useSystem } from '../../api/queries.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatClock, formatCount, formatDay, NOT_KNOWN } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import './sync.css';

/** What of this workspace is only here, and that nothing is connected. */
export function SyncScreen({ onQueue }: { readonly onQueue: () => void }) {
  const query = useQuery({
    queryKey: keys.sync,
    queryFn: ({ signal }) => client.sync.getSyncState(undefined, { signal }),
  });
  const workspace = useSystem().data?.workspace;
  const back: Action = { id: 'sync.queue', title: 'Back to the queue', keys: ['Escape'], run: onQueue };
  useActions('Sync', 'screen', [back]);
  const state = query.data;
  const local = state?.labelEvents.reduce((sum, { count }) => sum + count, 0);
  return (
    <section className="screen" aria-label="Sync">
      <header className="top-bar" data-region="top">
        <h1 className="top-title">Sync</h1>
        <span className="dim">offline: everything is on this machine</span>
      </header>
      <div className="sync selectable">
        {query.isError && (
          <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />
        )}
        <dl className="sync-numbers">
          <Figure name="only here" value={local} note="label events on disk, sent to nobody" />
          <Figure name="to fetch" value={undefined} note="no shared catalogue is connected" />
          <Figure name="in conflict" value={undefined} note="nothing was merged, so nothing can be" />
        </dl>
        <div className="sync-columns">
          <section aria-label="What is on disk">
            <h2>On disk</h2>
            <dl className="sync-facts">
              {state?.labelEvents.map(({ kind, count }) => (
                <Row key={kind} name={`${kind} events`} value={formatCount(count)} />
              ))}
              <Row name="people who labelled" value={state && formatCount(state.curators)} />
              <Row name="last label (UTC)" value={moment(state?.lastLabelAt)} />
              <Row name="events of the line" value={state && formatCount(state.events)} />
              <Row name="last event (UTC)" value={moment(state?.lastEventAt)} />
              <Row name="fields" value={state && formatCount(state.runs)} />
              <Row name="workspace" value={workspace} />
            </dl>
          </section>
          <section aria-label="What is connected">
            <h2>Connected</h2>
            <ul className="sync-log">
              <li>
                Shared catalogue (Postgres): not connected. This version cannot connect to one; labels are
                events with an author and a clock, so that they can be merged later without loss.
              </li>
              <li>Remote storage of images (S3, R2): not connected. Images stay in the workspace.</li>
              <li>
                A copy of the workspace folder, made while AstrID is closed, is a complete backup: database,
                images and settings are in it.
              </li>
            </ul>
          </section>
        </div>
      </div>
    </section>
  );
}

function Figure({
  name,
  value,
  note,
}: {
  readonly name: string;
  readonly value: number | undefined;
  readonly note: string;
}) {
  return (
    <div>
      <dt className="dim">{name}</dt>
      <dd className="mono sync-figure">{value === undefined ? NOT_KNOWN : formatCount(value)}</dd>
      <dd className="dim">{note}</dd>
    </div>
  );
}

function Row({ name, value }: { readonly name: string; readonly value: string | undefined }) {
  return (
    <div>
      <dt className="dim">{name}</dt>
      <dd className="mono ellipsis" title={value}>
        {value ?? NOT_KNOWN}
      </dd>
    </div>
  );
}

function moment(at: string | undefined): string | undefined {
  return at && `${formatDay(at)} ${formatClock(at)}`;
}
