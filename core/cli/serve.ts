import { spawn } from 'node:child_process';
import { chooseWorkspace, pathsOfCheckout } from '../app/paths.ts';
import { AstridError } from '../utils/index.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';
import { ensureBuilt } from './ensure-built.ts';
import { parseNumber } from './parse-number.ts';
import { untilStopped } from './until-stopped.ts';

interface ServeOptions {
  readonly port: string;
  readonly open: boolean;
  readonly workspace?: string;
}

/**
 * Serve the workstation on 127.0.0.1 until stopped; prints its address, token included, as the only line on stdout.
 *
 * @throws api/bad-port, api/port-in-use, workspace/in-use
 */
export async function runServe(options: ServeOptions, out: Console): Promise<void> {
  const port = parseNumber(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new AstridError('api/bad-port', `--port ${options.port} is not a port; choose 0 to 65535.`, {
      port: options.port,
    });
  }
  await ensureBuilt(out);
  const { createApp, listen } = await import('../app/index.ts');
  await untilStopped(out, async (signal) => {
    const app = await createApp({
      host: 'headless',
      workspaceDir: chooseWorkspace(options.workspace),
      paths: pathsOfCheckout(CHECKOUT),
      worksQueue: true,
    });
    try {
      const server = await listen({ fetch: app.fetch, port, keys: app.keys });
      out.print(server.url);
      if (options.open && process.stdout.isTTY) openBrowser(server.url);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await server.close();
    } finally {
      await app.close();
    }
  });
}

function openBrowser(url: string): void {
  // Without a display xdg-open falls back to a browser in this very terminal.
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return;
  const [command, ...before] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '']
        : ['xdg-open'];
  const child = spawn(command!, [...before, url], { stdio: 'ignore', detached: true });
  // No browser is no failure: the address is printed.
  child.on('error', () => undefined);
  child.unref();
}
