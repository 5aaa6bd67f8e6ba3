import type { Completeness } from '../domains/detection/index.ts';
import type { StarScore } from '../domains/differencing/index.ts';
import type { RegistrationResidual } from '../domains/preprocessing/index.ts';
import type { ErrorRecord } from '../utils/errors.ts';
import type { Instant, Page, PageRequest } from './ports.ts';

/** Where a run is in its life; the last three are final until a retry queues it again. */
export type RunStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** What the screen says of an exposure without opening it. */
export interface ExposureSummary {
  readonly path: string;
  readonly name: string;
  readonly object?: string | undefined;
  readonly instrument?: string | undefined;
  readonly band?: string | undefined;
  readonly exposureS?: number | undefined;
  readonly midpointMjdTai?: number | undefined;
  readonly width: number;
  readonly height: number;
  readonly fwhmPx?: number | undefined;
  readonly seeingArcsec?: number | undefined;
  readonly center?: { readonly raDeg: number; readonly decDeg: number } | undefined;
}

/** Sky positions at pixels (i * stepPx, j * stepPx); row-major, `columns * rows` of each, degrees ICRS. */
export interface SkyLattice {
  readonly stepPx: number;
  readonly columns: number;
  readonly rows: number;
  readonly raDeg: readonly number[];
  readonly decDeg: readonly number[];
  readonly pixelScaleArcsec: number;
}

/** What the field view says of the registration. */
export interface RegistrationSummary {
  readonly method: string;
  readonly matched: number;
  readonly rmsPx: number;
  readonly overlap: number;
  /** Side of a science pixel in template px; absent in runs made before it was kept. */
  readonly templateScale?: number | undefined;
  /** Of the best measured stars, at most 400: the template's star less the science image's, science px. */
  readonly residuals?: readonly RegistrationResidual[] | undefined;
}

/** What injected stars say of an image's depth, without the stars themselves. */
export type CompletenessSummary = Omit<Completeness, 'injections'>;

/** What constant stars left in the score image. */
export type StarScores = readonly StarScore[];

/** What a run knows of its pair, as its stages learnt it. */
export interface RunFindings {
  readonly science?: ExposureSummary | undefined;
  readonly template?: ExposureSummary | undefined;
  readonly grade?: 'green' | 'yellow' | 'red' | undefined;
  readonly gradeReasons?: readonly string[] | undefined;
  readonly sky?: SkyLattice | undefined;
  readonly registration?: RegistrationSummary | undefined;
  readonly difference?: Readonly<Record<string, number | string>> | undefined;
  /** What constant stars left in the score image, brightest first; at most 400. */
  readonly starScores?: StarScores | undefined;
  readonly completeness?: CompletenessSummary | undefined;
}

/** What a stage learnt of its run; fields that are absent stay as they are, and `null` says that there is none. */
export type RunPatch = { readonly [Field in keyof RunFindings]?: RunFindings[Field] | null };

/** What is asked for when a pair is queued; kept with the run, so that a resumed run does the same. */
export interface RunOptions {
  readonly allowBandMismatch: boolean;
  /** Overrides of the line's configuration, as parsed from the user's file. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

/** One passage of the line over one pair. */
export interface RunRecord extends RunFindings {
  readonly id: string;
  readonly createdAt: Instant;
  readonly status: RunStatus;
  readonly sciencePath: string;
  readonly templatePath: string;
  readonly options: RunOptions;
  readonly gradeReasons: readonly string[];
  /** Candidates that passed the vetoes. */
  readonly candidateCount: number;
  /** Candidates with a label that was not taken back, vetoed or not. */
  readonly labelledCount: number;
  /** How often a worker has taken the run up. */
  readonly attempts: number;
  /** Login whose workstation made it, where it is another's: its images are not here. */
  readonly origin?: string | undefined;
  readonly error?: ErrorRecord | undefined;
}

/** A pair to queue. */
export interface NewRun {
  /** UUIDv7; made when absent. */
  readonly id?: string | undefined;
  readonly sciencePath: string;
  readonly templatePath: string;
  readonly options: RunOptions;
}

/** One thing that is asked of a run; excluded, runs of which it is true are left out. */
export type RunCondition = { readonly isExcluded: boolean } & (
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'status' | 'grade' | 'band'; readonly is: string }
  | { readonly kind: 'is'; readonly is: 'labelled' | 'unlabelled' }
  | {
      readonly kind: 'night' | 'candidates' | 'seeing';
      readonly comparison: '<' | '=' | '>';
      /** Night: modified Julian day of its evening; seeing: arcsec. */
      readonly value: number;
    }
);

/** What a list of runs may be in the order of. */
export type RunOrder = 'created' | 'night' | 'name' | 'seeing' | 'candidates';

/** Which runs; newest first unless another order is asked for. */
export interface RunQuery extends PageRequest {
  readonly status?: RunStatus | undefined;
  /** All of these hold. */
  readonly conditions?: readonly RunCondition[] | undefined;
  readonly order?: RunOrder | undefined;
  readonly isAscending?: boolean | undefined;
  /** Skip that many: a list that is scrolled anywhere has no cursor for it. */
  readonly offset?: number | undefined;
}

/** One night of the queue. */
export interface NightRecord {
  /** Modified Julian day of its evening: from noon to noon UTC. */
  readonly nightMjd: number;
  readonly runs: number;
  readonly done: number;
  readonly failed: number;
  readonly candidates: number;
}

/** Runs and what became of them. Each change writes its event in the same transaction. */
export interface RunRepository {
  /**
   * Queue a pair and announce `run.queued`; the same id and pair again returns the first run unchanged.
   *
   * @throws pipeline/run-id-reused when the id belongs to another pair
   */
  create(run: NewRun): Promise<RunRecord>;
  /** @throws pipeline/run-not-found */
  get(id: string): Promise<RunRecord>;
  /** @throws pipeline/bad-cursor */
  list(query: RunQuery): Promise<Page<RunRecord>>;
  /** All nights that there are runs of, newest first. */
  listNights(): Promise<readonly NightRecord[]>;
  /**
   * End a run that is running: `run.finished`, or `run.failed` when there is an error.
   *
   * @param lease the token of the claim: a worker that lost its run cannot end it.
   * @throws pipeline/run-not-found, pipeline/lease-lost
   */
  finish(id: string, lease: string, error?: ErrorRecord): Promise<RunRecord>;
  /** Stop a queued or running run and announce `run.cancelled`; an ended run is returned as it is. @throws pipeline/run-not-found */
  cancel(id: string): Promise<RunRecord>;
  /** Queue an ended run again and announce `run.queued`; a queued or running run is returned as it is. @throws pipeline/run-not-found */
  retry(id: string): Promise<RunRecord>;
}

/** A run taken up by a worker; the token proves it in every write. */
export interface RunClaim {
  readonly runId: string;
  readonly lease: string;
}

/** The durable queue of runs: what was queued and not ended is found again after any crash. */
export interface RunQueue {
  /**
   * Take the oldest run that is queued, or whose worker has not been heard of for its lease; `undefined` if there
   * is none. With `runId`, only that run.
   */
  claim(options: {
    readonly worker: string;
    readonly leaseMs: number;
    readonly runId?: string | undefined;
  }): Promise<RunClaim | undefined>;
  /** Keep a claim alive. `cancelled`: stop working; `lost`: another worker has it, stop working and write nothing. */
  heartbeat(claim: RunClaim, leaseMs: number): Promise<'held' | 'cancelled' | 'lost'>;
  /** Give an unfinished run back to the queue, in its place or behind those that wait: the program is closing, or cannot go on with it now. */
  release(claim: RunClaim, options?: { readonly isBehind: boolean }): Promise<void>;
  /**
   * Give every run that is claimed back, behind those that wait: right after a start, when no worker of this workspace
   * can be alive. A run whose worker died for the second time since it was queued ends as failed with
   * `pipeline/killed-the-program`.
   *
   * @returns how many were claimed
   */
  recover(): Promise<number>;
  /** Be told when a run may have become claimable. @returns stops telling */
  subscribe(listener: () => void): () => void;
}
