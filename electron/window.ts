import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BrowserWindow, screen, shell } from 'electron';
import { applyNavigationPolicy, ORIGIN } from './navigation-policy.ts';
import { readWindowState, SMALLEST } from './window-bounds.ts';

/** Background of the first frame: the window's own, so that nothing flashes white at night. */
const BACKGROUND = '#0c0f13';

/** Open the window where it was last time; it shows itself once there is something to see. */
export function openWindow(options: {
  readonly preload: string;
  readonly stateFolder: string;
}): BrowserWindow {
  const stateFile = join(options.stateFolder, 'window.json');
  const { isMaximized, ...bounds } = readWindowState(
    readText(stateFile),
    screen.getAllDisplays().map(({ workArea }) => workArea),
  );
  const window = new BrowserWindow({
    ...bounds,
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    backgroundColor: BACKGROUND,
    title: 'AstrID',
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  });
  applyNavigationPolicy(window.webContents, (address) => void shell.openExternal(address));
  window.once('ready-to-show', () => {
    if (isMaximized) window.maximize();
    window.show();
  });
  let isLeft = false;
  window.on('close', () => {
    isLeft = true;
    const state = { ...window.getNormalBounds(), isMaximized: window.isMaximized() };
    try {
      writeFileSync(stateFile, JSON.stringify(state));
    } catch {
      // Where the window was is a comfort; a full disk must not keep it from closing.
    }
  });
  window.webContents.on('render-process-gone', () => {
    isLeft = true;
    // What is true is in the core: a window that crashed starts over and asks for it.
    if (!window.isDestroyed()) window.webContents.reload();
  });
  window.loadURL(`${ORIGIN}/`).catch((error: unknown) => {
    // Closed before it has loaded, or started over: nothing is wrong with the program.
    if (!isLeft && !window.isDestroyed()) throw error;
  });
  return window;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The first start has none.
    return undefined;
  }
}
