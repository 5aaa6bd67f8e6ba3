/** What the person may choose in Electron's menu. */
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

/** What Electron adds to the window; absent in a browser. */
export interface AstridBridge {
  /** Let the person choose a science image and a template in the system's file dialog. */
  openFits(): Promise<{ sciencePath: string; templatePath: string } | undefined>;
  /** Let the person choose one FITS image to look at. */
  openImage(): Promise<string | undefined>;
  /** Where a file that was dropped on the window is; empty for one that is not on a disk. */
  pathOfDroppedFile(file: File): string;
  /** Show a file in the system's file manager. */
  revealInFolder(path: string): Promise<void>;
  /** Hear what the person chooses in the menu. @returns what stops it */
  onMenu(listener: (action: MenuAction) => void): () => void;
}

declare global {
  interface Window {
    readonly astrid?: AstridBridge;
  }
}

/** The bridge to Electron, if this window is one of its windows. */
export function findBridge(): AstridBridge | undefined {
  return window.astrid;
}
