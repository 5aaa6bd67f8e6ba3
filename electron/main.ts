import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { app, type BrowserWindow, dialog, protocol, session, shell } from 'electron';
import { LOCAL } from '../core/api/index.ts';
import { type App, chooseWorkspace, createApp, pathsOfCheckout } from '../core/app/index.ts';
import { isAstridError } from '../core/utils/index.ts';
import { answerWindow } from './answer-window.ts';
import { CHANNELS } from './bridge.ts';
import { buildMenu } from './menu.ts';
import { applyNavigationPolicy, applySessionPolicy, isOwnPage } from './navigation-policy.ts';
import { createSafeSecrets } from './safe-secrets.ts';
import { openWindow } from './window.ts';

/** Exit code of an expected failure, as on the command line. */
const EXPECTED_FAILURE = 3;

const root = app.getAppPath();
const workspaceDir = resolve(chooseWorkspace(undefined));
// Chromium's own files lie in the workspace: a workspace is open once, another may be open beside it.
const stateFolder = join(workspaceDir, 'window');

let core: App | undefined;
let window: BrowserWindow | undefined;
let stopping: Promise<void> | undefined;

protocol.registerSchemesAsPrivileged([
  {
    scheme: 'astrid',
    privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
  },
]);

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const isExpected = isAstridError(error);
  process.stderr.write(
    `${isExpected ? `${error.code}: ${message}` : String((error as Error)?.stack ?? error)}\n`,
  );
  // Nobody is there to close a dialog where there is no window system to show it.
  if (process.env.ASTRID_NO_DIALOG === undefined) dialog.showErrorBox('AstrID cannot go on', message);
  app.exit(isExpected ? EXPECTED_FAILURE : 1);
}

async function start(): Promise<void> {
  mkdirSync(stateFolder, { recursive: true });
  core = await createApp({
    host: 'electron',
    workspaceDir,
    paths: {
      ...pathsOfCheckout(root),
      workersDir: join(root, 'out', 'main', 'workers'),
      workersExtension: '.js',
    },
    worksQueue: true,
    secrets: createSafeSecrets(join(stateFolder, 'secrets.bin')),
  });
  const { fetch } = core;
  applySessionPolicy(session.defaultSession);
  protocol.handle('astrid', (request) =>
    isOwnPage(request.url) ? fetch(request, LOCAL) : new Response(null, { status: 404 }),
  );
  answerWindow(() => window);
  buildMenu({
    isDevelopment: !app.isPackaged,
    send: (action) => window?.webContents.send(CHANNELS.menu, action),
  });
  show();
}

function show(): void {
  // A second start is no reason to open a window before there is a door to load it through, or while all is closed.
  if (core === undefined || stopping !== undefined) return;
  if (window !== undefined) {
    if (window.isMinimized()) window.restore();
    window.focus();
    return;
  }
  window = openWindow({ preload: join(root, 'out', 'preload', 'preload.cjs'), stateFolder });
  window.on('closed', () => {
    window = undefined;
  });
}

/** End the line at its next safe point and let go of the workspace, then leave. */
async function stop(open: App): Promise<void> {
  await open.close();
  app.exit(0);
}

app.setPath('userData', stateFolder);
if (app.requestSingleInstanceLock()) {
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());
  app.on('second-instance', show);
  app.on('activate', show);
  const openOutside = (address: string): void => void shell.openExternal(address);
  app.on('web-contents-created', (_event, contents) => applyNavigationPolicy(contents, openOutside));
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  // The windows are closed by now and have written down where they were.
  app.on('will-quit', (event) => {
    if (core === undefined) return;
    // Also when asked again meanwhile: what is being closed is not cut off.
    event.preventDefault();
    stopping ??= stop(core).catch(fail);
  });
  app.whenReady().then(start).catch(fail);
} else {
  // The one that is running comes to the front.
  app.quit();
}
