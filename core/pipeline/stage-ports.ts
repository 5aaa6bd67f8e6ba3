import type { Detection } from '../domains/detection/index.ts';
import type { ErrorRecord } from '../utils/errors.ts';
import type { Instant, Page, PageRequest, Sha256 } from './ports.ts';
import type { RunPatch, RunStatus } from './run-ports.ts';

/** What makes a stage's result reusable: all of it equal means the same output. Until a stage is done its `inputHash` may say less. */
export interface StageKey {
  readonly runId: string;
  readonly stage: string;
  readonly codeVersion: string;
  readonly configHash: string;
  readonly inputHash: string;
}

/** One execution of one stage. */
export interface StageRunRecord extends StageKey {
  readonly id: string;
  readonly status: 'running' | 'done' | 'failed';
  readonly startedAt: Instant;
  readonly finishedAt?: Instant | undefined;
  readonly seconds?: number | undefined;
  readonly error?: ErrorRecord | undefined;
  readonly metrics: Readonly<Record<string, number>>;
}

/** An execution of a stage with who did it and on what. */
export interface ExecutionRecord
  extends Pick<StageRunRecord, 'id' | 'runId' | 'stage' | 'status' | 'startedAt'> {
  readonly finishedAt?: Instant | undefined;
  readonly seconds?: number | undefined;
  readonly error?: ErrorRecord | undefined;
  /** Host and process; absent for what was done before workers were written down. */
  readonly worker?: string | undefined;
  readonly runStatus: RunStatus;
  readonly sciencePath: string;
  readonly object?: string | undefined;
}

/** A finished stage with what it made. */
export interface StageResult extends StageRunRecord {
  /** Plain data as given to `finish`: typed arrays, NaN and infinities come back as they were. */
  readonly output: unknown;
}

/** A plane of pixels that a run keeps as a blob: little-endian, row-major, first row at the bottom. */
export interface PlaneRecord {
  readonly kind: string;
  readonly sha256: Sha256;
  readonly width: number;
  readonly height: number;
  readonly dtype: 'float32' | 'uint16';
  readonly unit: string;
}

/** What the event log may speak of. */
export type EventKind =
  | 'run.queued'
  | 'run.finished'
  | 'run.failed'
  | 'run.cancelled'
  | 'stage.started'
  | 'stage.finished'
  | 'stage.failed'
  | 'observation.ingested'
  | 'observation.preprocessed'
  | 'detection.scored'
  | 'candidate.found'
  | 'detection.validated'
  | 'label.retracted'
  | 'candidate.noted'
  | 'labels.merged'
  | 'difference.reviewed'
  | 'review.retracted'
  | 'run.received'
  | 'object.named'
  | 'sync.exchanged';

/** Something to announce together with the data it speaks of. */
export interface NewEvent {
  readonly kind: EventKind;
  readonly candidateId?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/** A row of the event log. Ids rise by one and are never used twice. */
export interface EventRecord {
  readonly id: number;
  readonly kind: EventKind;
  readonly at: Instant;
  readonly runId?: string | undefined;
  readonly candidateId?: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Everything that becomes true when a stage ends well; written in one transaction. */
export interface FinishedStage {
  readonly stageRunId: string;
  readonly lease: string;
  readonly seconds: number;
  /** What went into it, where more is known of that than when it started. */
  readonly inputHash?: string | undefined;
  readonly metrics: Readonly<Record<string, number>>;
  /** Plain data for the next stages; pixels belong in planes. */
  readonly output: unknown;
  /** Planes made by the stage: each replaces the run's plane of its kind. Their blobs are stored already. */
  readonly planes?: readonly PlaneRecord[] | undefined;
  readonly run?: RunPatch | undefined;
  /** Announced after `stage.finished`. */
  readonly events?: readonly NewEvent[] | undefined;
}

/** A detection with its score, as a person will see it. */
export interface ScoredDetection {
  readonly detection: Detection;
  /** Real-bogus, 0..1. */
  readonly score: number;
  /** 1 is the best of the run; candidates before vetoed detections. */
  readonly rank: number;
  /** 3 x 63 x 63 little-endian floats: science, template, difference. */
  readonly triplet: Uint8Array;
}

/** The end of the stage that makes candidates. */
export interface FinishedCandidates extends FinishedStage {
  readonly modelVersion: string;
  readonly executionProvider: string;
  /** Every scored detection of the run, vetoed ones too: they replace the run's earlier ones. */
  readonly detections: readonly ScoredDetection[];
}

/** Executions of stages: what is done is found again, what was cut off is not. */
export interface StageRunRepository {
  /**
   * Record that a stage starts and announce `stage.started`; an execution of it that was cut off is closed as
   * failed with `pipeline/interrupted`.
   *
   * @throws pipeline/lease-lost
   */
  start(key: StageKey, lease: string): Promise<StageRunRecord>;
  /** Record that a stage is done with all it made, and announce `stage.finished`. @throws pipeline/lease-lost */
  finish(finished: FinishedStage): Promise<StageRunRecord>;
  /**
   * Like `finish`, and replace the run's detections and candidates; announces `candidate.found` for each new candidate.
   *
   * A detection within 2 px and of the same sign as one that was there keeps its id and with it its labels; one
   * that is gone is deleted, unless it bears a label: then it is kept, but no longer listed.
   *
   * @throws pipeline/lease-lost
   */
  finishWithCandidates(finished: FinishedCandidates): Promise<StageRunRecord>;
  /** Record that a stage failed and announce `stage.failed`. @throws pipeline/lease-lost */
  fail(failed: {
    readonly stageRunId: string;
    readonly lease: string;
    readonly seconds: number;
    readonly error: ErrorRecord;
  }): Promise<StageRunRecord>;
  /** Find the finished execution with exactly this key. */
  find(key: StageKey): Promise<StageResult | undefined>;
  /** The newest execution of each stage of each of these runs. */
  latest(runIds: readonly string[]): Promise<readonly StageRunRecord[]>;
  /** Executions that started after a moment, newest first. @throws pipeline/bad-cursor */
  listExecutions(query: PageRequest & { readonly since: Instant }): Promise<Page<ExecutionRecord>>;
}

/** Planes of runs. */
export interface PlaneRepository {
  /** The planes of one kind of several runs, by run. */
  ofKind(runIds: readonly string[], kind: string): Promise<ReadonlyMap<string, PlaneRecord>>;
  /** In order of kind. */
  list(runId: string): Promise<readonly PlaneRecord[]>;
  /** Tell what a blob holds, be it a plane or a triplet; shape is outermost first, e.g. (height, width). */
  describe(sha256: Sha256): Promise<BlobShape | undefined>;
}

/** How to read a blob's bytes as numbers. */
export interface BlobShape {
  readonly dtype: 'float32' | 'uint16';
  readonly shape: readonly number[];
  readonly unit: string;
}

/** The durable log of what happened, in the order in which it was committed. */
export interface EventLog {
  /** Events after an id, oldest first. */
  read(query: {
    readonly afterId: number;
    readonly limit: number;
    readonly runId?: string | undefined;
  }): Promise<readonly EventRecord[]>;
  /** Id of the newest event; 0 when there is none. */
  lastId(): Promise<number>;
  /** Be told after a commit that there are new events. @returns stops telling */
  subscribe(listener: () => void): () => void;
}
