import { fileURLToPath } from 'node:url';
import type { App } from '../app/index.ts';
import { chooseWorkspace, createApp, pathsOfCheckout } from '../app/index.ts';
import type { Console } from './console.ts';
import { ExitCode } from './exit.ts';

/** Root of the checkout that this command runs from. */
export const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Open a workspace for one command, and close it whatever happens.
 *
 * Ctrl-C stops the work in progress at the next safe point; a second one ends the process at once, which is
 * also safe: nothing is ever half-written.
 */
export async function withApp(
  options: { readonly workspace: string | undefined; readonly out: Console },
  work: (app: App, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await untilStopped(options.out, async (signal) => {
    const app = await createApp({
      host: 'direct',
      workspaceDir: chooseWorkspace(options.workspace),
      paths: pathsOfCheckout(CHECKOUT),
      worksQueue: false,
    });
    try {
      await work(app, signal);
    } finally {
      await app.close();
    }
  });
}

/** Run work that Ctrl-C, or the end of the terminal, stops cleanly. */
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
