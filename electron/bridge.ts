/** What the menu may ask of the window. */
export type MenuAction =
  | 'open-image'
  | 'open-pair'
  | 'show-queue'
  | 'show-field'
  | 'show-label'
  | 'show-settings'
  | 'show-keys'
  | 'larger'
  | 'smaller'
  | 'usual-size';

/** What Electron adds to the window: the few things that a browser cannot do. */
export interface AstridBridge {
  /** Let the person choose a science image and a template in the system's file dialog; `undefined` if they think better of it. */
  openFits(): Promise<{ readonly sciencePath: string; readonly templatePath: string } | undefined>;
  /** Let the person choose one FITS image to look at; `undefined` if they think better of it. */
  openImage(): Promise<string | undefined>;
  /** Show a file in the system's file manager. */
  revealInFolder(path: string): Promise<void>;
  /** Where a file that was dropped on the window is; empty for one that is not on a disk. */
  pathOfDroppedFile(file: File): string;
  /** Hear what the person chooses in the menu. @returns stops hearing */
  onMenu(listener: (action: MenuAction) => void): () => void;
}

/** Names of the messages between the window and the main process. */
export const CHANNELS = {
  openFits: 'astrid:open-fits',
  openImage: 'astrid:open-image',
  revealInFolder: 'astrid:reveal-in-folder',
  menu: 'astrid:menu',
} as const;
