import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';
import { ensureBuilt } from './ensure-built.ts';
import { runServe } from './serve.ts';

/** Run `astrid open`. */
export async function runOpen(options: { readonly workspace?: string }, out: Console): Promise<void> {
  const electron = findElectron(out);
  if ('reason' in electron) {
    out.say(`${electron.reason}; serving the workstation to the browser instead.`);
    await runServe({ ...options, port: '0', open: true }, out);
    return;
  }
  await ensureBuilt(out);
  await openWindow(electron.path, options.workspace);
}

/** Find Electron's program, fetching it if this is the first start; or say in a few words why there can be no window. */
function findElectron(out: Console): { readonly path: string } | { readonly reason: string } {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return { reason: 'There is no display' };
  }
  if (process.getuid?.() === 0) return { reason: 'Electron does not run as root' };
  const folder = join(CHECKOUT, 'node_modules/electron');
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH) {
    const path = join(process.env.ELECTRON_OVERRIDE_DIST_PATH, 'electron');
    return existsSync(path)
      ? { path }
      : { reason: `Electron is not in ${process.env.ELECTRON_OVERRIDE_DIST_PATH}` };
  }
  if (!existsSync(join(folder, 'install.js'))) return { reason: 'Electron is not installed (npm ci)' };
  if (!existsSync(join(folder, 'path.txt'))) out.say("fetching Electron's program (once, about 100 MB)");
  const fetched = spawnSync(process.execPath, [join(folder, 'install.js')], {
    stdio: 'ignore',
    timeout: 600_000,
  });
  if (fetched.status !== 0) return { reason: "Electron's program could not be fetched" };
  return { path: join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8')) };
}

async function openWindow(electron: string, workspace: string | undefined): Promise<void> {
  const child = spawn(electron, [CHECKOUT], {
    stdio: 'inherit',
    env: { ...process.env, ...(workspace === undefined ? {} : { ASTRID_WORKSPACE: workspace }) },
  });
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  process.on('SIGINT', forward);
  process.on('SIGTERM', forward);
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
