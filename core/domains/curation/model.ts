/** A person's verdict. */
export type Verdict = 'real' | 'bogus' | 'unsure';

/** How sure a person is of a verdict. */
export type Confidence = 'low' | 'mid' | 'high';

/** What every event of curation says: who, of what, when. Events are never changed. */
export interface CurationEventBase {
  /** UUIDv7, made where the event was made. */
  readonly id: string;
  readonly candidateId: string;
  /** Id of the curator's profile. */
  readonly curator: string;
  /** When it was recorded: ISO 8601 in UTC, by the clock of that machine. */
  readonly at: string;
  /** Its place in the order of all machines' events: a stamp of a hybrid logical clock. */
  readonly clock: string;
}

/** Why a candidate was shown: `gold` and `repeat` measure the curator, not the candidate. */
export type Purpose = 'work' | 'gold' | 'repeat';

/** A verdict, and everything under which it came about. */
export interface LabelEvent extends CurationEventBase {
  readonly kind: 'label';
  readonly verdict: Verdict;
  /** A class of the taxonomy that was in use. */
  readonly classId?: string | undefined;
  readonly taxonomyId?: string | undefined;
  readonly taxonomyVersion?: number | undefined;
  readonly confidence?: Confidence | undefined;
  /** In the curator's own words. */
  readonly reason?: string | undefined;
  readonly purpose: Purpose;
  /** Time the candidate was on screen, ms. */
  readonly decisionMs?: number | undefined;
  /** Whether the model's score had been seen. */
  readonly scoreVisible: boolean;
  /** The model's score at that time, seen or not. */
  readonly score?: number | undefined;
  readonly modelVersion?: string | undefined;
  /** Hash of how the pixels were shown: stretch, limits, zoom. */
  readonly viewHash?: string | undefined;
}

/** Takes back an earlier event of the same curator. */
export interface RetractionEvent extends CurationEventBase {
  readonly kind: 'retraction';
  readonly retractsId: string;
}

/** A remark for others. */
export interface CommentEvent extends CurationEventBase {
  readonly kind: 'comment';
  readonly text: string;
}

/** Sets or clears a curator's mark for follow-up. */
export interface FlagEvent extends CurationEventBase {
  readonly kind: 'flag';
  readonly isSet: boolean;
}

/** The model's score was shown to a curator. */
export interface RevealEvent extends CurationEventBase {
  readonly kind: 'reveal';
  readonly score: number;
  readonly modelVersion: string;
}

/** The last word on a candidate, given with all labels and comments in view. */
export interface AdjudicationEvent extends CurationEventBase {
  readonly kind: 'adjudication';
  readonly verdict: Verdict;
  readonly classId?: string | undefined;
  readonly text?: string | undefined;
}

/** One thing a person did to a candidate. */
export type CurationEvent =
  | LabelEvent
  | RetractionEvent
  | CommentEvent
  | FlagEvent
  | RevealEvent
  | AdjudicationEvent;

/** What all events of one candidate come to. */
export interface CandidateCuration {
  readonly candidateId: string;
  /** The newest label of each curator that was not taken back, oldest first. */
  readonly labels: readonly LabelEvent[];
  /** Oldest first. */
  readonly comments: readonly CommentEvent[];
  /** Curators whose mark for follow-up is set, in order of their ids. */
  readonly flaggedBy: readonly string[];
  /** Curators who saw the score, in order of their ids. */
  readonly revealedTo: readonly string[];
  /** The newest adjudication that was not taken back. */
  readonly adjudication?: AdjudicationEvent | undefined;
}

/** How a person appears to others: never by colour alone. */
export interface Curator {
  /** UUIDv7: the same person has the same on every machine the workspace went to. */
  readonly id: string;
  readonly name: string;
  /** Two or three capitals, for tight places. */
  readonly shortId: string;
  /** 0 to 7: which of the house's eight colours. */
  readonly colour: number;
  readonly shape: CuratorShape;
}

/** Shapes of curators' marks. */
export const CURATOR_SHAPES = ['disc', 'square', 'triangle', 'diamond', 'hexagon', 'cross'] as const;
export type CuratorShape = (typeof CURATOR_SHAPES)[number];
