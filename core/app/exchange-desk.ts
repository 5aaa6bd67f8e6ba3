import { AstridError, throwIfStopped } from '../utils/index.ts';

/** One exchange at a time, and none while the connection changes. */
export interface ExchangeDesk<Report> {
  /**
   * Exchange, or wait for the exchange that runs.
   *
   * @param signal ends this waiting; the exchange goes on for whoever else waits.
   * @throws internal/stopped where the connection changed meanwhile or the program ends; what the exchange throws
   */
  exchange(signal?: AbortSignal): Promise<Report>;
  /** Do work while nothing is exchanged: what runs is stopped first, what is asked for meanwhile begins afterwards. */
  pause<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Stop what runs and wait for its end; nothing begins any more. */
  close(): Promise<void>;
}

/**
 * Make the desk that carries out exchanges.
 *
 * An exchange speaks with the catalogue and the bucket that were connected when it began, and writes down here what
 * they have: were the connection changed under it, what it writes down would be taken for what the new ones have.
 *
 * @param exchange throws soon after its signal aborts, unless it was done by then.
 */
export function createExchangeDesk<Report>(
  exchange: (signal: AbortSignal) => Promise<Report>,
): ExchangeDesk<Report> {
  let running: { readonly ended: Promise<Report>; readonly stopping: AbortController } | undefined;
  let paused: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  function begin(): NonNullable<typeof running> {
    const stopping = new AbortController();
    if (isClosed) stopping.abort();
    const run = async (): Promise<Report> => {
      try {
        throwIfStopped(stopping.signal);
        return await exchange(stopping.signal);
      } catch (error) {
        // What is cut off fails in the words of whatever was being done.
        throwIfStopped(stopping.signal);
        throw error;
      } finally {
        if (running === mine) running = undefined;
      }
    };
    const mine = { ended: paused.then(run), stopping };
    // Its failure is told to whoever still waits.
    mine.ended.catch(() => undefined);
    return mine;
  }

  const pause = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const underway = running;
    // Whoever asks from now on is answered by an exchange that begins after the work.
    running = undefined;
    underway?.stopping.abort();
    const done = paused.then(async () => {
      await underway?.ended.catch(() => undefined);
      return work();
    });
    paused = done.catch(() => undefined);
    return done;
  };

  return {
    exchange: (signal) => {
      running ??= begin();
      return signal === undefined ? running.ended : waitFor(running.ended, signal);
    },
    pause,
    close: async () => {
      isClosed = true;
      await pause(async () => undefined);
    },
  };
}

function waitFor<Result>(ended: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const leave = (): void =>
      reject(new AstridError('internal/stopped', 'Stopped waiting; what was exchanged until now is kept.'));
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    ended.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
