import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';

/** Electron's program: what the tests' environment names, else the installed one; `undefined` where there is none. */
export function findElectron(): string | undefined {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? 'node_modules/electron/dist';
  const program = join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron');
  const hasDisplay =
    process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
  return hasDisplay && existsSync(program) ? program : undefined;
}

/** The workstation in Electron, with its window open. */
export interface LaunchedElectron {
  readonly app: ElectronApplication;
  readonly page: Page;
}

/** Start the built workstation in Electron over a workspace; its window is still to come. */
export function startElectron(program: string, workspace: string): Promise<ElectronApplication> {
  return _electron.launch({
    executablePath: program,
    // Software rendering gives WebGL2 everywhere; root needs no-sandbox (tests only).
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      process.cwd(),
    ],
    env: { ...process.env, ASTRID_WORKSPACE: workspace, ASTRID_NO_DIALOG: '1' } as Record<string, string>,
  });
}

/** Start it, and wait for its window. */
export async function launchElectron(program: string, workspace: string): Promise<LaunchedElectron> {
  const app = await startElectron(program, workspace);
  const page = await app.firstWindow();
  await page.waitForLoadState();
  return { app, page };
}
