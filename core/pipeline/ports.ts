import type { Confidence, Purpose, Verdict } from '../domains/curation/index.ts';
import type { Completeness, Detection } from '../domains/detection/index.ts';
import type { StarScore } from '../domains/differencing/index.ts';
import type { RegistrationResidual } from '../domains/preprocessing/index.ts';
import type { ErrorRecord } from '../utils/errors.ts';

export type * from './access-ports.ts';
export type * from './catalog-ports.ts';

/** A moment: ISO 8601 in UTC with milliseconds, e.g. `2026-03-01T04:05:06.789Z`; text order is time order. */
export type Instant = string;

/** The address of bytes: their SHA-256, 64 hex digits in lower case. */
export type Sha256 = string;

/** How a list is paged: `cursor` is what the page before called `nextCursor`. */
export interface PageRequest {
  readonly cursor?: string | undefined;
  /** 1..1000. */
  readonly limit: number;
}

/** A page of rows; no `nextCursor` on the last one. */
export interface Page<Row> {
  readonly items: readonly Row[];
  readonly nextCursor?: string | undefined;
  /** Rows that match, all pages together. */
  readonly total: number;
}

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

/** What a stage learnt of its run; fields that are absent stay as they are. */
export interface RunPatch {
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

/** What is asked for when a pair is queued; kept with the run, so that a resumed run does the same. */
export interface RunOptions {
  readonly allowBandMismatch: boolean;
  /** Overrides of the line's configuration, as parsed from the user's file. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

/** One passage of the line over one pair. */
export interface RunRecord extends RunPatch {
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
  /** Give an unfinished run back to the queue: the program is closing. */
  release(claim: RunClaim): Promise<void>;
  /** Give every run that is claimed back: right after a start, when no worker of this workspace can be alive. @returns how many */
  recover(): Promise<number>;
  /** Be told when a run may have become claimable. @returns stops telling */
  subscribe(listener: () => void): () => void;
}

/** What makes a stage's result reusable: all of it equal means the same output. */
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
  /** Executions that started after a moment, newest first. */
  listExecutions(query: {
    readonly since: Instant;
    readonly limit: number;
  }): Promise<readonly ExecutionRecord[]>;
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

/** One verdict of one person on one candidate; never changed, only taken back. */
export interface LabelRecord {
  readonly id: string;
  readonly candidateId: string;
  readonly verdict: Verdict;
  readonly classId?: string | undefined;
  readonly confidence?: Confidence | undefined;
  readonly reason?: string | undefined;
  readonly curator: string;
  readonly purpose: Purpose;
  readonly decidedAt: Instant;
  readonly decisionMs?: number | undefined;
  readonly scoreVisible: boolean;
}

/** A scored detection as it is kept. */
export interface CandidateRecord extends Detection {
  readonly id: string;
  readonly runId: string;
  readonly rank: number;
  readonly score: number;
  readonly modelVersion: string;
  readonly executionProvider: string;
  readonly tripletSha256: Sha256;
  /** The newest label that was not taken back. */
  readonly label?: LabelRecord | undefined;
}

/** Which candidates, best first. */
export interface CandidateQuery extends PageRequest {
  readonly runId?: string | undefined;
  readonly labelled?: boolean | undefined;
  readonly verdict?: Verdict | undefined;
  /** True asks for the vetoed detections instead of the candidates. */
  readonly vetoed: boolean;
  readonly minScore?: number | undefined;
  readonly order: 'score' | 'snr' | 'rank';
  /** The curator who asks; everything is told where nobody does. */
  readonly seenBy?: string | undefined;
}

/** How the candidates of a model lie in one step of score. */
export interface ScoreBin {
  /** The bin's number: scores from `bin / bins` on. */
  readonly bin: number;
  readonly verdict?: Verdict | undefined;
  readonly count: number;
}

/** A candidate in the fewest words: for lists of ten thousand names. */
export interface CandidateName {
  readonly id: string;
  readonly runId: string;
  readonly rank: number;
  readonly score: number;
  readonly snr: number;
  readonly raDeg?: number | undefined;
  readonly decDeg?: number | undefined;
}

/**
 * Candidates and vetoed detections, to read; `finishWithCandidates` writes them.
 *
 * `seenBy` is the curator who asks: what others said of a candidate before they judged it is not told.
 */
export interface DetectionRepository {
  /** Candidates of a model by score and standing verdict. */
  countScores(modelVersion: string, bins: number, seenBy?: string): Promise<readonly ScoreBin[]>;
  /** Names of candidates, best score first. */
  listNames(limit: number): Promise<readonly CandidateName[]>;
  /** @throws detection/candidate-not-found */
  get(id: string, seenBy?: string): Promise<CandidateRecord>;
  /** @throws detection/bad-cursor */
  list(query: CandidateQuery): Promise<Page<CandidateRecord>>;
}

/** A verdict to append; `id` is made by the client, so that sending it twice stores it once. */
export interface NewLabel {
  readonly id: string;
  readonly candidateId: string;
  readonly verdict: Verdict;
  readonly classId?: string | undefined;
  readonly confidence?: 'low' | 'mid' | 'high' | undefined;
  readonly reason?: string | undefined;
  readonly curator: string;
  readonly decisionMs?: number | undefined;
  readonly scoreVisible: boolean;
}

/** Which labels, newest first; those taken back are left out. */
export interface LabelQuery extends PageRequest {
  readonly candidateId?: string | undefined;
  readonly runId?: string | undefined;
  readonly curator?: string | undefined;
  /** The curator who asks: labels that they may not know yet are left out; none are where nobody does. */
  readonly seenBy?: string | undefined;
}

/** That a label was taken back. */
export interface Retraction {
  readonly id: string;
  readonly labelId: string;
  readonly candidateId: string;
  readonly retractedAt: Instant;
}

/** Verdicts as an append-only history. A promise that resolved means: on disk. */
export interface LabelRepository {
  /** Append a verdict and announce `detection.validated`. @throws detection/candidate-not-found, curation/label-id-reused */
  append(label: NewLabel): Promise<LabelRecord>;
  /**
   * Take a label back and announce `label.retracted`; a second time answers as the first.
   *
   * @param curator who asks; not given, the label's own.
   * @throws curation/label-not-found, curation/label-id-reused, curation/not-yours
   */
  retract(labelId: string, retractionId: string, curator?: string): Promise<Retraction>;
  /** @throws curation/bad-cursor */
  list(query: LabelQuery): Promise<Page<LabelRecord>>;
}

/** A person's word on the difference of one run. */
export type ReviewDecision = 'accepted' | 'rejected';

/** One decision of one person on one difference; never changed, only taken back. */
export interface ReviewRecord {
  readonly id: string;
  readonly runId: string;
  readonly decision: ReviewDecision;
  readonly comment?: string | undefined;
  readonly curator: string;
  readonly decidedAt: Instant;
}

/** A decision to append; `id` is made by the client, so that sending it twice stores it once. */
export interface NewReview {
  readonly id: string;
  readonly runId: string;
  readonly decision: ReviewDecision;
  readonly comment?: string | undefined;
  readonly curator: string;
}

/** That a decision was taken back. */
export interface ReviewRetraction {
  readonly id: string;
  readonly reviewId: string;
  readonly runId: string;
  readonly retractedAt: Instant;
}

/** Decisions on differences as an append-only history. A promise that resolved means: on disk. */
export interface ReviewRepository {
  /** Append a decision and announce `difference.reviewed`. @throws pipeline/run-not-found, differencing/review-id-reused */
  append(review: NewReview): Promise<ReviewRecord>;
  /** Take a decision back and announce `review.retracted`; a second time answers as the first. @throws differencing/review-not-found, differencing/review-id-reused */
  retract(reviewId: string, retractionId: string): Promise<ReviewRetraction>;
  /** Those that stand, newest first. @throws differencing/bad-cursor */
  list(query: PageRequest & { readonly runId?: string | undefined }): Promise<Page<ReviewRecord>>;
  /** The newest that stands of each of these runs that has one. */
  latest(runIds: readonly string[]): Promise<readonly ReviewRecord[]>;
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

/** What a workspace holds, counted. */
export interface HoldingRepository {
  count(): Promise<{
    /** Events of labels by kind: all of them are kept for ever. */
    readonly labelEvents: readonly { readonly kind: string; readonly count: number }[];
    readonly curators: number;
    readonly events: number;
    readonly lastLabelAt?: Instant | undefined;
    readonly lastEventAt?: Instant | undefined;
    readonly runs: number;
  }>;
  /** Runs by what became of them. */
  countRuns(): Promise<Readonly<Record<RunStatus, number>>>;
  /** Blobs that the database knows of, by kind; bytes that are not here count as missing. */
  countBlobs(): Promise<
    readonly {
      readonly kind: string;
      readonly count: number;
      readonly bytes: number;
      readonly missing: number;
    }[]
  >;
}

/** An exposure that the line has read here. */
export interface ObservationRecord extends ExposureSummary {
  readonly firstSeenAt: Instant;
  /** The newest run that read it. */
  readonly lastRunId: string;
  readonly isScience: boolean;
  readonly isTemplate: boolean;
}

/** Exposures that the line has read, the newest first. */
export interface ObservationRepository {
  /** @throws observations/bad-cursor */
  list(
    query: PageRequest & {
      readonly band?: string | undefined;
      readonly object?: string | undefined;
      /** Of the middle of the exposure, both included. */
      readonly fromMjdTai?: number | undefined;
      readonly toMjdTai?: number | undefined;
    },
  ): Promise<Page<ObservationRecord>>;
}

/** Whose request, and the key that came with it. */
export interface RequestKey {
  readonly principal: string;
  readonly key: string;
}

/** An answer as it was given. */
export interface KeptAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Answers to requests that bear a key: sent again within a day, such a request is answered and not carried out again. */
export interface KeptAnswers {
  /**
   * Note that a request begins.
   *
   * @returns `begun` with an id for what it makes, the same one if a process died in the midst of it; `answered`; or
   *   `other` where the key came with another request before.
   */
  begin(
    request: RequestKey & { readonly requestSha256: Sha256 },
  ): Promise<
    | { readonly kind: 'begun'; readonly madeId: string }
    | ({ readonly kind: 'answered' } & KeptAnswer)
    | { readonly kind: 'other' }
  >;
  keep(request: RequestKey, answer: KeptAnswer): Promise<void>;
}

/** Small facts of the workspace by name, e.g. that the sample night was made. */
export interface SettingRepository {
  /** JSON data, or `undefined`. */
  get(key: string): Promise<unknown>;
  /** Keep a fact; `null` forgets it. */
  set(key: string, value: unknown): Promise<void>;
}

/** Bytes by their address. */
export interface BlobReader {
  /** Size in bytes, or `undefined` where there is no such blob. */
  size(sha256: Sha256): Promise<number | undefined>;
  /**
   * Read a whole blob and check it against its address.
   *
   * The bytes begin at offset 0 of a SharedArrayBuffer of their own: planes viewed on it are shared with threads.
   *
   * @throws storage/not-found, storage/corrupted
   */
  get(sha256: Sha256): Promise<Uint8Array>;
  /** Stream bytes `start` to `end` (exclusive) in chunks, unchecked. @throws storage/not-found */
  openRange(sha256: Sha256, start: number, end: number): AsyncIterable<Uint8Array>;
  /**
   * Read pieces that lie at equal distances, one after another, unchecked.
   *
   * @throws storage/not-found, storage/corrupted where they reach beyond the end
   */
  readRows(sha256: Sha256, rows: BlobRows): Promise<Uint8Array<ArrayBuffer>>;
}

/** Equal pieces of a blob at equal distances: the rows of a rectangle. Bytes. */
export interface BlobRows {
  readonly start: number;
  readonly rowBytes: number;
  /** From the start of one piece to the next. */
  readonly stride: number;
  readonly count: number;
}

/** Content-addressed bytes that survive a crash once stored. */
export interface BlobStore extends BlobReader {
  /**
   * Store bytes; bytes that are there already cost only their hash.
   *
   * When the promise resolves they are on disk under their address, whole; a crash before leaves nothing there.
   *
   * @throws storage/disk-full, storage/unwritable
   */
  put(bytes: Uint8Array): Promise<Sha256>;
  has(sha256: Sha256): Promise<boolean>;
  /** Where a blob is as a file of this machine, which threads may read themselves; absent where blobs are no files. */
  path?(sha256: Sha256): string;
}
