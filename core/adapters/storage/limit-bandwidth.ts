import type { Pace } from './bucket-store.ts';

/**
 * Hold all transfers together to so many bytes a second; a moment's worth may go at once.
 *
 * @param bytesPerSecond read again for every transfer, so that it can be changed while they run; `undefined` is no
 *   limit.
 */
export function limitBandwidth(
  bytesPerSecond: () => number | undefined,
  { nowMs, sleep }: { nowMs(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> },
): Pace {
  // The moment at which all that was let through would have been sent at the allowed speed.
  let busyUntilMs = 0;
  return async (bytes, signal) => {
    const speed = bytesPerSecond();
    if (speed === undefined) return;
    const now = nowMs();
    const startMs = Math.max(now, busyUntilMs);
    busyUntilMs = startMs + (bytes / speed) * 1000;
    if (startMs > now) await sleep(startMs - now, signal);
    signal?.throwIfAborted();
  };
}
