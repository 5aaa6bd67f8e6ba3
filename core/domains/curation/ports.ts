import type { Page, PageRequest } from '../../utils/index.ts';
import type { ConsensusConfig } from './decide-consensus.ts';
import type { Rating } from './measure-agreement.ts';
import type {
  AdjudicationEvent,
  CandidateCuration,
  CommentEvent,
  CurationEvent,
  Curator,
  FlagEvent,
  LabelEvent,
  RetractionEvent,
  RevealEvent,
} from './model.ts';
import type { Taxonomy } from './taxonomy.ts';

type ByThem = 'curator' | 'at' | 'clock';

/** An event as a person asks for it; who, when and what the model said at that time is written by the store. */
export type NewCurationEvent =
  | Omit<LabelEvent, ByThem | 'score' | 'modelVersion' | 'taxonomyId' | 'taxonomyVersion'>
  | Omit<RetractionEvent, ByThem | 'candidateId'>
  | Omit<CommentEvent, ByThem>
  | Omit<FlagEvent, ByThem>
  | Omit<RevealEvent, ByThem | 'score' | 'modelVersion'>
  | Omit<AdjudicationEvent, ByThem>;

/** Everything people did, as an append-only history. A promise that resolved means: on disk. */
export interface CurationStore {
  /**
   * Record events of one curator, all or none; one that is there already is answered as it was stored.
   *
   * @throws detection/candidate-not-found, curation/label-id-reused, curation/label-not-found, curation/not-yours
   */
  record(curator: string, events: readonly NewCurationEvent[]): Promise<readonly CurationEvent[]>;
  /** What stands of candidates, in the order asked for. */
  fold(candidateIds: readonly string[]): Promise<readonly CandidateCuration[]>;
  /** Standing labels as words on candidates: of all, or of one field's; of those that a curator may know. */
  ratings(runId?: string, seenBy?: string): Promise<readonly Rating[]>;
  /** First labels beside repeats of the same curator on the same candidate; `curator` is `first` or `again`. */
  repeats(seenBy?: string): Promise<ReadonlyMap<string, readonly Rating[]>>;
  /** How many candidates are in each state of consensus. */
  countStates(): Promise<Readonly<Record<string, number>>>;
  /** Candidates whose labels differ, those that wait for a last word first. */
  listOpen(limit: number): Promise<readonly string[]>;
  /** Candidates with an adjudication, and its verdict. */
  listGold(): Promise<ReadonlyMap<string, string>>;
  /** Note that the posterior has settled candidates that labels alone leave open. */
  retire(candidateIds: readonly string[]): Promise<void>;
  /** Be told after labels, or what follows from them, have changed. @returns stops telling */
  subscribe(listener: () => void): () => void;
  /** Number of the newest event: what was computed from labels is right while it stays. */
  version(): Promise<number>;
  /** A curator's decisions that stand, newest first. @throws curation/bad-cursor */
  history(curator: string, query: PageRequest): Promise<Page<LabelEvent>>;
}

/** Who labels here, in what words, and by which rules. */
export interface CurationRules {
  /** By name. */
  listCurators(): Promise<readonly Curator[]>;
  /** Make a profile or change one. */
  saveCurator(curator: Curator): Promise<Curator>;
  /** Who labels now; a workspace without a profile gets one of this name. */
  currentCurator(defaultName: string): Promise<Curator>;
  /** @throws curation/curator-not-found */
  chooseCurator(id: string): Promise<Curator>;
  /** The taxonomy in use. */
  taxonomy(): Promise<Taxonomy>;
  /** Keep a new version and use it. @throws curation/bad-taxonomy, curation/taxonomy-version-taken */
  saveTaxonomy(taxonomy: Taxonomy): Promise<Taxonomy>;
  /** Standing labels by class. */
  countClasses(): Promise<ReadonlyMap<string, number>>;
  consensus(): Promise<ConsensusConfig>;
  /** Change the rules; the state of every labelled candidate follows. */
  setConsensus(config: ConsensusConfig): Promise<void>;
}

/** What a candidate is compared by when labels come from a workspace that made its own ids. */
export interface CandidatePlace {
  readonly id: string;
  readonly scienceName: string;
  readonly templateName: string;
  /** How many runs of the same two files came before its own where it was made; absent is 0. */
  readonly nthOfPair?: number | undefined;
  readonly xPx: number;
  readonly yPx: number;
  readonly isNegative: boolean;
}

/** One line of a file of labels. */
export type LabelLine =
  | { readonly line: 'header'; readonly format: 'astrid-labels'; readonly version: 1 }
  | ({ readonly line: 'curator'; readonly clock: string } & Curator)
  | { readonly line: 'taxonomy'; readonly taxonomy: Taxonomy }
  | ({ readonly line: 'candidate' } & CandidatePlace)
  | { readonly line: 'event'; readonly event: CurationEvent };

/** What came of importing labels. */
export interface ImportReport {
  readonly events: number;
  readonly added: number;
  readonly curators: number;
  /** Candidates that were found here under another id. */
  readonly matched: number;
  /** Candidates that are not here; their events are kept and wait for them. */
  readonly waiting: number;
  /** Events whose id is here with other contents, which no two machines make: what is here stays. */
  readonly clashes: number;
}

/** Labels on their way between workspaces. */
export interface LabelExchange {
  /** Everything there is, as lines. */
  export(): AsyncIterable<LabelLine>;
  /** Merge another workspace's lines into this one, in one transaction; what is there already is passed over. */
  import(lines: readonly LabelLine[]): Promise<ImportReport>;
}

/** How a queue is ordered; each puts first what is most worth a look by its measure. */
export type QueueOrder = 'score' | 'uncertainty' | 'novelty' | 'gain' | 'snr';

/** What candidates must have, or must not have; nothing given matches all. */
export interface QueueTraits {
  readonly verdicts?: readonly string[] | undefined;
  readonly classIds?: readonly string[] | undefined;
  readonly runIds?: readonly string[] | undefined;
  readonly bands?: readonly string[] | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly isFlagged?: boolean | undefined;
  readonly labelledByMe?: boolean | undefined;
  readonly labelledByAnyone?: boolean | undefined;
  readonly consensus?: readonly string[] | undefined;
}

/** Which candidates a queue holds. */
export interface QueueFilter {
  readonly include?: QueueTraits | undefined;
  readonly exclude?: QueueTraits | undefined;
  readonly score?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined;
  readonly snr?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined;
  /** Detections that a rule vetoed, instead of candidates. */
  readonly vetoed?: boolean | undefined;
}

/** One place of a list. */
export interface QueueRow {
  readonly candidateId: string;
  readonly runId: string;
}

/** A page of a queue. */
export interface QueuePage {
  readonly items: readonly QueueRow[];
  /** There may be more, even where this page is short: only so many rows are passed over at a time. */
  readonly nextCursor?: string | undefined;
}

/** Lists of what is to be labelled. */
export interface LabelQueueStore {
  /** @throws curation/bad-cursor */
  list(query: {
    readonly curator: string;
    readonly order: QueueOrder;
    readonly filter: QueueFilter;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<QueuePage>;
  /** How many rows match among the first so many; `isAtLeast` where there are more than were looked at. */
  count(query: {
    readonly curator: string;
    readonly filter: QueueFilter;
  }): Promise<{ readonly count: number; readonly isAtLeast: boolean }>;
  /** What a curator has judged, oldest first. */
  listJudged(curator: string, limit: number): Promise<readonly string[]>;
  /** Candidates whose novelty and gain are not worked out yet, with what they are worked out from. */
  listUnranked(limit: number): Promise<readonly RankInput[]>;
  /** A sample of all candidates, and of those that bear labels. */
  sampleFeatures(count: number): Promise<{
    readonly population: readonly RankInput[];
    readonly seen: readonly RankInput[];
  }>;
  keepRanks(
    ranks: readonly { readonly id: string; readonly novelty: number; readonly gain: number }[],
  ): Promise<void>;
  /** Let all ranks be worked out again. */
  forgetRanks(): Promise<void>;
}

/** What a candidate is ranked by. */
export interface RankInput {
  readonly id: string;
  readonly score: number;
  readonly features: Readonly<Record<string, number>>;
}
