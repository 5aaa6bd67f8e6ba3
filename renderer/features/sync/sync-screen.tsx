import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SyncState } from '../../../core/api/contract/index.ts';
import { client, describeFailure } from '../../api/client.ts';
import { keys, useSystem } from '../../api/queries.ts';
import { useChangeSetting, useSettings } from '../../api/settings.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { announce } from '../../ui/announce.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatClock, formatCount, formatDay, NOT_KNOWN } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { CollectDialog } from './collect-dialog.tsx';
import { ConflictList } from './conflict-list.tsx';
import { ConnectDialog } from './connect-dialog.tsx';
import { Fact } from './fact.tsx';
import { MembersDialog } from './members-dialog.tsx';
import { PixelFacts, POLICIES, RAW_POLICIES } from './pixel-facts.tsx';
import { countShared, listEvents, nameShared } from './words.ts';
import './sync.css';

/** How often the state is asked again while an exchange runs, and while it does not, ms. */
const BUSY_MS = 400;
const CALM_MS = 5000;
/** Conflicts and refusals shown at once; how many there are is told beside. */
const SHOWN = 500;

/** With whom this workspace is shared, what waits, and what people disagree on. */
export function SyncScreen({ onQueue }: { readonly onQueue: () => void }) {
  const queries = useQueryClient();
  const [isConnecting, setConnecting] = useState(false);
  const [isManaging, setIsManaging] = useState(false);
  const [isCollecting, setIsCollecting] = useState(false);
  const [selected, setSelected] = useState(0);
  const query = useQuery({
    queryKey: keys.sync,
    queryFn: ({ signal }) => client.sync.getSyncState(undefined, { signal }),
    // Nothing known is asked for again when the core is back, and not every moment: what failed stays told.
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && (data.activity.kind === 'idle' ? CALM_MS : BUSY_MS),
  });
  const state = query.data;
  const isConnected = state?.connection !== undefined;
  const conflicts = useQuery({
    queryKey: [...keys.sync, 'conflicts', state?.conflicts],
    queryFn: ({ signal }) => client.sync.listConflicts({ limit: SHOWN }, { signal }),
    enabled: (state?.conflicts ?? 0) > 0,
  }).data?.items;
  const refused = useQuery({
    queryKey: [...keys.sync, 'refused', state?.refused],
    queryFn: ({ signal }) => client.sync.listRefused({ limit: SHOWN }, { signal }),
    enabled: (state?.refused ?? 0) > 0,
  }).data?.items;
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: keys.shared });
    return queries.invalidateQueries({ queryKey: keys.sync });
  };
  const exchange = useMutation({
    mutationFn: () => client.sync.exchange(),
    onSuccess: ({ sent, received }) => announce(`${sent} sent, ${received} received`),
    onSettled: refresh,
  });
  const disconnect = useMutation({ mutationFn: () => client.sync.disconnect(), onSettled: refresh });
  const retry = useMutation({ mutationFn: () => client.sync.retryRefused(), onSettled: refresh });
  const resolve = useMutation({
    mutationFn: (name: { entity: string; key: string; field: string; versionId: string }) =>
      client.sync.resolveConflict(name),
    onSettled: refresh,
  });

  // That the others are away is a normal state; what the exchange itself has failed with, the state tells.
  const failed =
    state?.isOffline || state?.lastError
      ? [disconnect, retry, resolve].find(({ isError }) => isError)
      : [exchange, disconnect, retry, resolve].find(({ isError }) => isError);

  const at = Math.min(selected, Math.max(0, (conflicts?.length ?? 0) - 1));
  const conflict = conflicts?.[at];
  const keep: Action[] = [conflict?.current, ...(conflict?.losers ?? [])].slice(0, 9).map((version, n) => ({
    id: `sync.keep-${n + 1}`,
    title: n === 0 ? 'Keep this' : 'Keep this instead',
    keys: [String(n + 1)],
    isEnabled: version !== undefined && !resolve.isPending,
    run: () => {
      const { entity, key, field } = conflict!;
      resolve.mutate({ entity, key, field, versionId: version!.id });
    },
  }));
  const now: Action = {
    id: 'sync.now',
    title: exchange.isPending ? 'Syncing …' : 'Sync now',
    keys: ['U'],
    isEnabled: isConnected && !exchange.isPending,
    run: () => exchange.mutate(),
  };
  const connect: Action = {
    id: 'sync.connect',
    title: isConnected ? 'Connect elsewhere …' : 'Connect …',
    keys: ['N'],
    run: () => setConnecting(true),
  };
  const members: Action = {
    id: 'sync.members',
    title: 'Members …',
    keys: ['M'],
    isEnabled: isConnected,
    run: () => setIsManaging(true),
  };
  const collect: Action = {
    id: 'sync.collect',
    title: 'Collect what nobody refers to …',
    keys: ['G'],
    run: () => setIsCollecting(true),
  };
  const leave: Action = {
    id: 'sync.disconnect',
    title: 'Disconnect',
    keys: ['Shift+D'],
    isEnabled: isConnected && !disconnect.isPending,
    run: () => disconnect.mutate(),
  };
  const again: Action = {
    id: 'sync.retry-refused',
    title: 'Send refused again',
    keys: ['R'],
    isEnabled: (state?.refused ?? 0) > 0,
    run: () => retry.mutate(),
  };
  const mirror = useSettings()?.mirror;
  const changeSetting = useChangeSetting();
  const policies = Object.keys(POLICIES) as (keyof typeof POLICIES)[];
  const nextPolicy: Action = {
    id: 'sync.images',
    title: 'Change which images go to the bucket',
    keys: ['I'],
    isEnabled: mirror !== undefined,
    run: () =>
      changeSetting('mirror', (was) => {
        const differences = policies[(policies.indexOf(was.differences) + 1) % policies.length]!;
        announce(`images of fields go to the bucket: ${POLICIES[differences]}`);
        return { ...was, differences };
      }),
  };
  const rawPolicy: Action = {
    id: 'sync.raw-files',
    title: 'Change whether raw files go to the bucket',
    keys: ['Shift+I'],
    isEnabled: mirror !== undefined,
    run: () =>
      changeSetting('mirror', (was) => {
        const rawFiles = was.rawFiles === 'never' ? 'with-images' : 'never';
        announce(`raw files go to the bucket: ${RAW_POLICIES[rawFiles]}`);
        return { ...was, rawFiles };
      }),
  };
  const walk: Action[] = [
    { id: 'sync.next', title: 'Next conflict', keys: ['J', 'ArrowDown'], run: () => setSelected(at + 1) },
    {
      id: 'sync.previous',
      title: 'Previous conflict',
      keys: ['K', 'ArrowUp'],
      run: () => setSelected(Math.max(0, at - 1)),
    },
  ];
  const back: Action = { id: 'sync.queue', title: 'Back to the queue', keys: ['Escape'], run: onQueue };
  useActions('Sync', 'screen', [
    now,
    connect,
    members,
    leave,
    again,
    nextPolicy,
    rawPolicy,
    collect,
    ...keep,
    ...walk,
    back,
  ]);

  return (
    <section className="screen" aria-label="Sync">
      <header className="top-bar" data-region="top">
        <h1 className="top-title">Sync</h1>
        <span className="dim ellipsis">{describeConnection(state)}</span>
        <span className="top-gap" />
        {isConnected && <ActionButton action={members} />}
        {isConnected && <ActionButton action={leave} />}
        <ActionButton action={connect} look={isConnected ? 'plain' : 'primary'} />
        {isConnected && <ActionButton action={now} look="primary" />}
      </header>
      <div className="sync selectable">
        <dl className="sync-numbers">
          <Figure
            name="to send"
            value={isConnected ? sumOf(state?.toSendByKind) : undefined}
            note={
              state === undefined ? '' : isConnected ? describeWaiting(state) : 'all of it is on this machine'
            }
          />
          <Figure
            name="to fetch"
            value={isConnected ? state?.cutoutsToFetch : undefined}
            note={
              state === undefined
                ? ''
                : isConnected
                  ? describeHeld(state)
                  : 'no shared catalogue is connected'
            }
          />
          <Figure
            name="in conflict"
            value={state?.conflicts}
            note={
              state === undefined
                ? ''
                : state.conflicts > 0
                  ? 'both values are kept; choose below'
                  : 'labels never conflict'
            }
          />
        </dl>
        <div className="sync-columns">
          <section aria-label="What is on disk">
            <h2>On disk</h2>
            <dl className="sync-facts">
              {listEvents(state?.labelEvents ?? []).map(({ name, count }) => (
                <Fact key={name} name={name} value={formatCount(count)} />
              ))}
              <Fact name="people who labelled" value={state && formatCount(state.curators)} />
              <Fact name="last label (UTC)" value={moment(state?.lastLabelAt)} />
              <Fact name="fields" value={state && formatCount(state.runs)} />
              <Fact
                name="sent, received"
                value={state && `${formatCount(state.sent)}, ${formatCount(state.received)}`}
              />
              <Fact name="last exchange (UTC)" value={moment(state?.lastExchangeAt)} />
              <Fact name="bucket" value={state?.connection?.bucket?.bucket} />
              <Fact name="workspace" value={useSystem().data?.workspace} />
            </dl>
            <h2 className="sync-pixels">Pixels and the bucket</h2>
            <PixelFacts
              state={state}
              settings={mirror}
              next={nextPolicy}
              raw={rawPolicy}
              collect={collect}
              onChange={(change) => changeSetting('mirror', (was) => ({ ...was, ...change }))}
            />
          </section>
          <section aria-label="What needs a person">
            <h2>Conflicts</h2>
            {state === undefined ? (
              <p className="dim">{NOT_KNOWN}</p>
            ) : (
              <ConflictList conflicts={conflicts ?? []} selected={at} keep={keep} onSelect={setSelected} />
            )}
            <h2>Put aside</h2>
            {state === undefined ? (
              <p className="dim">{NOT_KNOWN}</p>
            ) : refused === undefined || refused.length === 0 ? (
              <p className="dim">
                Nothing. What the catalogue refuses is kept here with its reason, never dropped.
              </p>
            ) : (
              <>
                <ul className="sync-log">
                  {refused.map(({ changeId, entity, key, code, reason }) => (
                    <li key={changeId}>
                      {nameShared(entity)} <span className="mono dim">{key}</span>: {reason}{' '}
                      <span className="mono dim">{code}</span>
                    </li>
                  ))}
                </ul>
                <ActionButton action={again} look="outline" />
              </>
            )}
          </section>
        </div>
      </div>
      {query.isError ? (
        <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />
      ) : failed !== undefined ? (
        <FailureNote failure={describeFailure(failed.error)} onDismiss={() => failed.reset()} />
      ) : (
        state?.lastError && !state.isOffline && <FailureNote failure={state.lastError} onRetry={now.run} />
      )}
      {isCollecting && (
        <CollectDialog
          hasBucket={state?.connection?.bucket !== undefined}
          onClose={() => setIsCollecting(false)}
        />
      )}
      {isManaging && state?.connection && (
        <MembersDialog where={state.connection.where} onClose={() => setIsManaging(false)} />
      )}
      {isConnecting && (
        <ConnectDialog
          secretsKept={state?.secretsKept ?? 'a safe place'}
          onClose={() => setConnecting(false)}
          onConnected={() => {
            setConnecting(false);
            announce('connected');
            void refresh();
          }}
        />
      )}
    </section>
  );
}

function describeConnection(state: SyncState | undefined): string {
  if (state === undefined) return '';
  const { connection, activity, isOffline, lastExchangeAt } = state;
  if (connection === undefined) return 'not shared: everything is on this machine';
  const where = `${connection.where}${connection.bucket ? '' : ', without a bucket'}`;
  switch (activity.kind) {
    case 'exchanging':
      return `${where} · ${activity.sent} sent, ${activity.received} received`;
    case 'mirroring':
      return `${where} · pixels: ${activity.sent} sent, ${activity.fetched} fetched`;
    case 'idle':
      if (isOffline) return `${where} · offline; work goes on, and is sent when it answers`;
      return `${where} · ${lastExchangeAt ? `in step since ${formatClock(lastExchangeAt)}` : 'not exchanged yet'}`;
  }
}

function describeWaiting({ toSendByKind, cutoutsToSend, imagesToSend, refused }: SyncState): string {
  const parts = toSendByKind.map(({ entity, count }) => countShared(entity, count));
  if (cutoutsToSend > 0)
    parts.push(`${formatCount(cutoutsToSend)} ${cutoutsToSend === 1 ? 'triplet' : 'triplets'}`);
  if (imagesToSend.count > 0)
    parts.push(`${formatCount(imagesToSend.count)} ${imagesToSend.count === 1 ? 'image' : 'images'}`);
  if (refused > 0) parts.push(`${formatCount(refused)} refused`);
  return parts.length === 0 ? 'all of it is with the others' : parts.join(', ');
}

function describeHeld(state: SyncState | undefined): string {
  if (state === undefined) return '';
  if (state.held > 0) return `triplets; ${formatCount(state.held)} changes wait for what they speak of`;
  return state.cutoutsToFetch > 0 ? 'triplets that others found' : 'all that is known of is here';
}

function sumOf(kinds: SyncState['toSendByKind'] | undefined): number | undefined {
  return kinds?.reduce((sum, { count }) => sum + count, 0);
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

function moment(at: string | undefined): string | undefined {
  return at && `${formatDay(at)} ${formatClock(at)}`;
}
