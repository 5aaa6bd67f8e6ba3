import type { Console } from './console.ts';
import { ExitCode } from './exit.ts';

/**
 * Run work that Ctrl-C, or the end of the terminal, stops at its next safe point.
 *
 * A second Ctrl-C ends the process at once, which is also safe: nothing is ever half-written.
 */
export async function untilStopped(
  out: Console,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  let askedAt: number | undefined;
  const stop = (): void => {
    // A terminal sends Ctrl-C to this process and to its launcher, which passes it on: that is one request.
    if (askedAt !== undefined && performance.now() - askedAt > 500) process.exit(ExitCode.stopped);
    if (askedAt !== undefined) return;
    askedAt = performance.now();
    out.complain('stopping; press Ctrl-C again to end at once');
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    await work(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
