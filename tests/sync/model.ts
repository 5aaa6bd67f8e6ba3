import type { Curator } from '../../core/domains/curation/index.ts';

/** What a simulated workstation is started with. */
export interface Setup {
  readonly folder: string;
  readonly url: string;
  readonly projectId: string;
  readonly seed: number;
  /** How far its clock is ahead, ms. */
  readonly skewMs: number;
  /** Share of messages that something happens to. */
  readonly faults: number;
}

/** What a simulated workstation is told to do. */
export type Command =
  | {
      readonly kind: 'process';
      readonly name: string;
      /** Whether a pair that was processed here is processed anew, as another run. */
      readonly isAgain: boolean;
    }
  | {
      readonly kind: 'curate';
      readonly what: 'label' | 'comment' | 'flag';
      readonly curator: string;
      readonly id: string;
      readonly at: number;
    }
  | { readonly kind: 'retract'; readonly curator: string; readonly id: string; readonly at: number }
  | { readonly kind: 'profile'; readonly curator: Curator }
  | { readonly kind: 'rules'; readonly repeatFraction?: number; readonly labelsWanted?: number }
  /** Save a filter, or forget it where it has no score. */
  | { readonly kind: 'filter'; readonly name: string; readonly score: number | undefined }
  /** Call a sky object by a name, or by none. */
  | { readonly kind: 'name'; readonly at: number; readonly name: string | undefined }
  | { readonly kind: 'settle' }
  | { readonly kind: 'exchange'; readonly batch: number; readonly isQuiet: boolean }
  | { readonly kind: 'state' };

/** All that workstations have to agree on. */
export interface SharedState {
  /** Label events by id, and what they say. */
  readonly events: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  readonly candidates: Readonly<Record<string, string>>;
  readonly runs: readonly string[];
  readonly taxonomies: readonly string[];
  readonly toSend: number;
  readonly held: number;
}

export type Answer =
  | { readonly kind: 'ready' | 'done' | 'cut' }
  | { readonly kind: 'made'; readonly ids: readonly string[] }
  | { readonly kind: 'state'; readonly state: SharedState }
  | { readonly kind: 'failed'; readonly message: string };
