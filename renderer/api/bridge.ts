/** What Electron adds to the window; absent in a browser. */
export interface AstridBridge {
  /** Let the person choose a science image and a template in the system's file dialog. */
  openFits(): Promise<{ sciencePath: string; templatePath: string } | undefined>;
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
