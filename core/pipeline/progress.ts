import type { StageName } from './stage.ts';

/** How far a running stage is; told while it runs, never kept. */
export interface Progress {
  readonly runId: string;
  readonly stage: StageName;
  /** 0..1 */
  readonly fraction: number;
  readonly message: string;
}

/** What people hear of a line while it runs. */
export type ProgressListener = (progress: Progress) => void;
