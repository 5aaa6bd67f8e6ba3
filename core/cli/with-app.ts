import { type App, chooseWorkspace, createApp, pathsOfCheckout } from '../app/index.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';
import { untilStopped } from './until-stopped.ts';

/** Open a workspace for one command that Ctrl-C stops, and close it whatever happens. */
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
