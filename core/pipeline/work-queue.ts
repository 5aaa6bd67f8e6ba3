import { isAstridError, toErrorRecord } from '../utils/index.ts';
import type { RunClaim, RunQueue } from './ports.ts';
import {
  isInterruption,
  type LineOptions,
  type LineResults,
  type LineServices,
  runLine,
} from './run-line.ts';

/** How long a worker may be silent before another takes its run. */
const LEASE_MS = 30_000;
/** How long a worker with nothing to do waits before it looks again, and before it first tries a workspace again that failed it. */
const WAIT_MS = 2000;
/** How long it waits at most between two tries of a workspace that goes on failing. */
const LONGEST_WAIT_MS = 300_000;

/** Failures of the workspace that any pair would meet, and that pass without a change to the pair. */
const WORKSPACE_FAULTS: ReadonlySet<string> = new Set([
  'storage/disk-full',
  'storage/unwritable',
  'workspace/in-use',
  'workspace/unwritable',
]);

export interface WorkOptions extends Omit<LineOptions, 'claim' | 'signal'> {
  /** Stops the run: it goes back to the queue and is resumed at the next start. */
  readonly signal?: AbortSignal | undefined;
  /** Done before the line begins, e.g. files that are made first; how it fails is how the run fails. */
  readonly prepare?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** A workspace that cannot be written, e.g. on a full disk, puts the run back into the queue, behind the others, instead of ending it. */
  readonly staysQueued?: boolean | undefined;
}

/**
 * Run the line over a claimed run to its end, keeping the claim alive, and record how it ended.
 *
 * @returns the results, or `undefined` when the run was cancelled or taken over meanwhile.
 * @throws what the line throws, after it is recorded; internal/stopped or, where it stays queued, what the workspace failed of, after the run is back in the queue.
 */
export async function workClaim(
  services: LineServices & { readonly queue: RunQueue },
  claim: RunClaim,
  options: WorkOptions,
): Promise<LineResults | undefined> {
  const { queue, runs } = services;
  const controller = new AbortController();
  let gone = false;
  const stop = (): void => controller.abort();
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted) stop();
  const beat = setInterval(() => {
    queue.heartbeat(claim, LEASE_MS).then(
      (state) => {
        if (state === 'held') return;
        gone = true;
        stop();
      },
      // The database is going away: the line's own next write says why.
      () => stop(),
    );
  }, 1000);
  try {
    await options.prepare?.(controller.signal);
    const results = await runLine(services, { ...options, claim, signal: controller.signal });
    await runs.finish(claim.runId, claim.lease);
    return results;
  } catch (error) {
    if (isInterruption(error)) {
      if (gone || error.code === 'pipeline/lease-lost') return undefined;
      await queue.release(claim);
      throw error;
    }
    if (options.staysQueued && isFaultOfWorkspace(error)) {
      await queue.release(claim, { isBehind: true });
      throw error;
    }
    await runs.finish(claim.runId, claim.lease, toErrorRecord(error));
    throw error;
  } finally {
    clearInterval(beat);
    options.signal?.removeEventListener('abort', stop);
  }
}

function isFaultOfWorkspace(error: unknown): boolean {
  return isAstridError(error) && WORKSPACE_FAULTS.has(error.code);
}

/** A loop that takes up queued runs one after the other until it is closed. */
export interface QueueWorker {
  close(): Promise<void>;
}

/**
 * Start taking up queued runs.
 *
 * One run at a time: its stages use all threads. A failed run is recorded and the next one starts. Where the workspace
 * failed it, e.g. of a full disk, it stays queued: the next would fail of the same, so the worker waits, longer each time.
 */
export function startQueueWorker(
  services: LineServices & { readonly queue: RunQueue },
  options: {
    readonly worker: string;
    lineOptions(claim: RunClaim): Promise<Omit<WorkOptions, 'signal'>>;
    readonly onBug: (error: unknown) => void;
    /** Told once why the worker waits for the workspace, until that has let a run through. */
    readonly onWait?: ((error: unknown) => void) | undefined;
  },
): QueueWorker {
  const controller = new AbortController();
  let wake: (() => void) | undefined;
  const hearNews = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const unsubscribe = services.queue.subscribe(() => wake?.());

  const work = async (claim: RunClaim): Promise<void> => {
    let lineOptions: Omit<WorkOptions, 'signal'>;
    try {
      lineOptions = await options.lineOptions(claim);
    } catch (error) {
      await services.runs.finish(claim.runId, claim.lease, toErrorRecord(error));
      throw error;
    }
    const { signal } = controller;
    const results = await workClaim(services, claim, { ...lineOptions, signal, staysQueued: true });
    results?.letGo();
  };
  const loop = async (): Promise<void> => {
    let faults = 0;
    while (!controller.signal.aborted) {
      let woken = hearNews();
      let claim: RunClaim | undefined;
      try {
        claim = await services.queue.claim({ worker: options.worker, leaseMs: LEASE_MS });
        if (claim) await work(claim);
        faults = 0;
      } catch (error) {
        // An expected failure is in the record of the run, where its reader will look for it.
        if (toErrorRecord(error).code === 'internal/bug') options.onBug(error);
        if (isFaultOfWorkspace(error)) {
          // That its run was put back is no news.
          woken = hearNews();
          if (faults === 0) options.onWait?.(error);
          const waitMs = Math.min(LONGEST_WAIT_MS, WAIT_MS * 2 ** faults++);
          await Promise.race([woken, sleep(waitMs, controller.signal)]);
          continue;
        }
        faults = 0;
      }
      // The next run may do better at once.
      if (!claim) await Promise.race([woken, sleep(WAIT_MS, controller.signal)]);
    }
  };
  const running = loop().catch(options.onBug);
  return {
    close: async () => {
      controller.abort();
      wake?.();
      unsubscribe();
      await running;
    },
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
