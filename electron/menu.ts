import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuAction } from './bridge.ts';

/** Put up the menu; what concerns the work goes to the window as an action. */
export function buildMenu(options: {
  readonly isDevelopment: boolean;
  readonly send: (action: MenuAction) => void;
}): void {
  const act = (label: string, action: MenuAction, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => options.send(action),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
    {
      label: '&File',
      submenu: [
        act('&Open a FITS image to look at it…', 'open-image', 'CmdOrCtrl+O'),
        act('Process a &pair of FITS files…', 'open-pair', 'CmdOrCtrl+Shift+O'),
        { type: 'separator' },
        process.platform === 'darwin' ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        act('&Queue', 'show-queue'),
        act('&Field', 'show-field'),
        act('&Labelling', 'show-label'),
        act('&Settings', 'show-settings'),
        { type: 'separator' },
        act('&Larger', 'larger'),
        act('S&maller', 'smaller'),
        act('&Usual size', 'usual-size'),
        { role: 'togglefullscreen' },
        ...(options.isDevelopment
          ? [{ type: 'separator' as const }, { role: 'toggleDevTools' as const }]
          : []),
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [act('&Keys', 'show-keys')] },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
