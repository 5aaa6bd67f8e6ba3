import { contextBridge, type IpcRendererEvent, ipcRenderer, webUtils } from 'electron';
import { type AstridBridge, CHANNELS, type MenuAction } from './bridge.ts';

const bridge: AstridBridge = {
  openFits: () => ipcRenderer.invoke(CHANNELS.openFits),
  openImage: () => ipcRenderer.invoke(CHANNELS.openImage),
  revealInFolder: (path) => ipcRenderer.invoke(CHANNELS.revealInFolder, path),
  pathOfDroppedFile: (file) => webUtils.getPathForFile(file),
  onMenu: (listener) => {
    const hear = (_event: IpcRendererEvent, action: MenuAction): void => listener(action);
    ipcRenderer.on(CHANNELS.menu, hear);
    return () => void ipcRenderer.off(CHANNELS.menu, hear);
  },
};

contextBridge.exposeInMainWorld('astrid', bridge);
