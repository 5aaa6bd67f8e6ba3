import { isAbsolute } from 'node:path';
import { type BrowserWindow, dialog, type IpcMainInvokeEvent, ipcMain, shell } from 'electron';
import { CHANNELS } from './bridge.ts';
import { isOwnPage } from './navigation-policy.ts';

const FITS_FILTERS = [
  { name: 'FITS images', extensions: ['fits', 'fit', 'fts', 'fz', 'gz'] },
  { name: 'All files', extensions: ['*'] },
];

/** Answer what the window asks of the system; a page that is not the program's gets no answer. */
export function answerWindow(window: () => BrowserWindow | undefined): void {
  const handle = <Result>(channel: string, answer: (...given: unknown[]) => Promise<Result>): void => {
    ipcMain.handle(channel, (event: IpcMainInvokeEvent, ...given: unknown[]) => {
      if (!isOwnPage(event.senderFrame?.url ?? '')) throw new Error('only a page of AstrID may ask this');
      return answer(...given);
    });
  };

  handle(CHANNELS.openFits, async () => {
    const sciencePath = await chooseFits(window(), 'Choose the science image');
    if (sciencePath === undefined) return undefined;
    const templatePath = await chooseFits(window(), 'Choose the template it is compared with');
    return templatePath === undefined ? undefined : { sciencePath, templatePath };
  });
  handle(CHANNELS.openImage, () => chooseFits(window(), 'Choose a FITS image to look at'));
  handle(CHANNELS.revealInFolder, async (path) => {
    if (typeof path === 'string' && isAbsolute(path)) shell.showItemInFolder(path);
  });
}

async function chooseFits(window: BrowserWindow | undefined, title: string): Promise<string | undefined> {
  const options = { title, message: title, filters: FITS_FILTERS, properties: ['openFile' as const] };
  const { filePaths } = await (window === undefined
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(window, options));
  return filePaths[0];
}
