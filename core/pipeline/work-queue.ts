import { toErrorRecord } from '../utils/index.ts';
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

export interface WorkOptions extends Omit<LineOptions, 'claim' | 'signal'> {
  /** Stops the run: it goes back to the queue and is resumed at the next start. */
  readonly signal?: AbortSignal | undefined;
  /** Done before the line begins, e.g. files that are made first; how it fails is how the run fails. */
  readonly prepare?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/**
 * Run the line over a claimed run to its end, keeping the claim alive, and record how it ended.
 *
 * @returns the results, or `undefined` when the run was cancelled or taken over meanwhile.
 * @throws what the line throws, after it is recorded; internal/stopped after the run is back in the queue.
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
    await runs.finish(claim.runId, claim.lease, toErrorRecord(error));
    throw error;
  } finally {
    clearInterval(beat);
    options.signal?.removeEventListener('abort', stop);
  }
}

/** A loop that takes up queued runs one after the other until it is closed. */
export interface QueueWorker {
  close(): Promise<void>;
}

/**
 * Start taking up queued runs.
 *
 * One run at a time: its stages use all threads. A failed run is recorded and the next one starts.
 */
export function startQueueWorker(
  services: LineServices & { readonly queue: RunQueue },
  options: {
    readonly worker: string;
    lineOptions(claim: RunClaim): Promise<Omit<WorkOptions, 'signal'>>;
    readonly onBug: (error: unknown) => void;
  },
): QueueWorker {
  const controller = new AbortController();
  let wake: (() => void) | undefined;
  const unsubscribe = services.queue.subscribe(() => wake?.());

  const work = async (claim: RunClaim): Promise<void> => {
    let lineOptions: Omit<WorkOptions, 'signal'>;
    try {
      lineOptions = await options.lineOptions(claim);
    } catch (error) {
      await services.runs.finish(claim.runId, claim.lease, toErrorRecord(error));
      throw error;
    }
    const results = await workClaim(services, claim, { ...lineOptions, signal: controller.signal });
    results?.letGo();
  };
  const loop = async (): Promise<void> => {
    while (!controller.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      let claim: RunClaim | undefined;
      try {
        claim = await services.queue.claim({ worker: options.worker, leaseMs: LEASE_MS });
        if (claim) {
          await work(claim);
          continue;
        }
      } catch (error) {
        // An expected failure is in the record of the run, where its reader will look for it.
        if (toErrorRecord(error).code === 'internal/bug') options.onBug(error);
        // The next run may do better at once; a workspace that cannot even be asked (a full disk) needs time.
        if (claim) continue;
      }
      await Promise.race([woken, sleep(2000, controller.signal)]);
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
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
