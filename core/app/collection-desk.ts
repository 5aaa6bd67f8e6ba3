import type { CollectReport } from '../domains/sync/index.ts';
import { AstridError, type ErrorRecord, toErrorRecord } from '../utils/index.ts';
import type { FolderReport } from './collect-blobs.ts';

/** What is to be collected. */
export interface CollectionRequest {
  /** What was stored within this time stays, whoever refers to it or not. */
  readonly graceDays: number;
  /** Say what would go, and take nothing away. */
  readonly isDryRun: boolean;
  readonly where: readonly ('here' | 'bucket')[];
}

/** What was collected up to now, or would be. */
export interface Collected {
  readonly here?: FolderReport | undefined;
  readonly bucket?: CollectReport | undefined;
}

/** The collection that runs, or the one that ran last. */
export type CollectionState =
  | { readonly kind: 'none' }
  | (CollectionRequest &
      Collected & {
        readonly kind: 'running' | 'done' | 'stopped' | 'failed';
        readonly startedAt: string;
        readonly endedAt?: string | undefined;
        readonly failure?: ErrorRecord | undefined;
      });

/** Collects what nobody refers to, beside everything else. */
export interface CollectionDesk {
  state(): CollectionState;
  /** @throws sync/collecting where one runs */
  start(request: CollectionRequest): CollectionState;
  /** Stop the one that runs; what is gone by then is gone, and what is wanted was never touched. */
  stop(): Promise<CollectionState>;
  close(): Promise<void>;
}

/** Carry out one collection at a time, and tell how far it is. */
export function createCollectionDesk(
  collect: (
    request: CollectionRequest,
    options: { readonly signal: AbortSignal; readonly onProgress: (collected: Collected) => void },
  ) => Promise<Collected>,
): CollectionDesk {
  let state: CollectionState = { kind: 'none' };
  let running: { readonly ended: Promise<void>; readonly stopping: AbortController } | undefined;
  const update = (change: object): void => {
    state = { ...state, ...change } as CollectionState;
  };

  async function run(request: CollectionRequest, signal: AbortSignal): Promise<void> {
    const end = (change: object): void => update({ ...change, endedAt: new Date().toISOString() });
    try {
      signal.throwIfAborted();
      const collected = await collect(request, { signal, onProgress: update });
      end({ ...collected, kind: signal.aborted ? 'stopped' : 'done' });
    } catch (error) {
      if (signal.aborted) end({ kind: 'stopped' });
      else end({ kind: 'failed', failure: toErrorRecord(error) });
    } finally {
      running = undefined;
    }
  }

  const stop = async (): Promise<CollectionState> => {
    running?.stopping.abort();
    await running?.ended;
    return state;
  };
  return {
    state: () => state,
    start: (request) => {
      if (running !== undefined)
        throw new AstridError('sync/collecting', 'A collection runs already; stop it, or wait for its end.');
      state = { kind: 'running', ...request, startedAt: new Date().toISOString() };
      const stopping = new AbortController();
      running = { stopping, ended: Promise.resolve().then(() => run(request, stopping.signal)) };
      return state;
    },
    stop,
    close: async () => void (await stop()),
  };
}
