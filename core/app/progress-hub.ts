import type { Progress, ProgressListener } from '../pipeline/index.ts';

/** Passes the progress of running lines on to whoever listens. */
export interface ProgressHub {
  readonly tell: ProgressListener;
  /** @returns stops telling */
  subscribe(listener: ProgressListener): () => void;
  close(): void;
}

/** Make a hub; a listener that throws is a bug and is not caught. */
export function createProgressHub(): ProgressHub {
  const listeners = new Set<ProgressListener>();
  return {
    tell: (progress: Progress) => {
      for (const listener of listeners) listener(progress);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => listeners.clear(),
  };
}
