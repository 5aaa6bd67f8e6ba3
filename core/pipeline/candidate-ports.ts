import type { Confidence, Purpose, Verdict } from '../domains/curation/index.ts';
import type { Detection } from '../domains/detection/index.ts';
import type { Instant, Page, PageRequest, Sha256 } from './ports.ts';

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
