import type { Cone, NearbyCatalog } from '../domains/catalog/index.ts';
import type { Completeness, Detection, Triplet } from '../domains/detection/index.ts';
import type { Difference, KeptDifference } from '../domains/differencing/index.ts';
import type { Exposure, Held } from '../domains/observations/index.ts';
import type {
  CalibratedExposure,
  CalibrationFrames,
  RegisteredTemplate,
} from '../domains/preprocessing/index.ts';
import type { ReadFile, StopSignal, TaskRunner } from '../utils/index.ts';
import type { LineConfig } from './config.ts';
import type { NewEvent, PlaneRecord, RunPatch, RunRecord, ScoredDetection } from './ports.ts';

/** What each step of the line makes. */
export interface StageOutputs {
  readonly ingest: Ingested;
  readonly preprocess: { readonly science: CalibratedExposure; readonly template: CalibratedExposure };
  readonly register: RegisteredTemplate;
  readonly difference: Difference;
  readonly detect: { readonly detections: readonly Detection[]; readonly triplets: readonly Triplet[] };
  readonly score: Scored;
  readonly persist: { readonly candidates: number; readonly vetoed: number };
  /** Absent where the configuration leaves it out. */
  readonly completeness: { readonly completeness?: Completeness | undefined };
}

export type StageName = keyof StageOutputs;

/** The same as a later stage finds it: pixels of large images may have gone to files. */
export interface HeldOutputs extends Omit<StageOutputs, 'preprocess' | 'register'> {
  readonly preprocess: {
    readonly science: Held<CalibratedExposure>;
    /** Only until it is registered, and in memory; absent where the rest was read back, as it is not kept. */
    readonly template?: CalibratedExposure | undefined;
  };
  readonly register: Held<RegisteredTemplate>;
}

/** The same as it is written. */
export interface KeptOutputs extends Omit<StageOutputs, 'preprocess' | 'difference'> {
  /** Once it is registered nobody asks for the template; who registers it again calibrates it again. */
  readonly preprocess: Pick<StageOutputs['preprocess'], 'science'>;
  /** Its fluxes follow from it. */
  readonly difference: KeptDifference;
}

/** The pair as read, with the fingerprint of each file. */
export interface Ingested {
  readonly science: Exposure;
  readonly template: Exposure;
  /** Frames to calibrate both with, where the configuration names them. */
  readonly calibration: CalibrationFrames;
  /** Fingerprint of each file that was read, by the name it was asked for with. */
  readonly fingerprints: Readonly<Record<string, string>>;
}

export interface Scored {
  readonly modelVersion: string;
  readonly executionProvider: string;
  /** Best first; candidates before vetoed detections. */
  readonly detections: readonly ScoredDetection[];
}

/** The world, as a stage sees it. */
export interface StagePorts {
  readonly tasks: TaskRunner;
  /** Read an exposure from disk on a thread; the file's sha256 comes with it. */
  readExposure(path: string, signal?: StopSignal): Promise<{ exposure: Exposure; sha256: string }>;
  /** Hash a file without reading what is in it; `undefined` where it cannot be read, which reading it explains. */
  fingerprint(path: string): Promise<string | undefined>;
  /** Score detections with the current model. */
  score(
    detections: readonly Detection[],
    triplets: readonly Triplet[],
  ): Promise<{ scores: readonly number[]; modelVersion: string; executionProvider: string }>;
  /** Name of the model that `score` will use, for the record of the configuration. */
  readonly modelVersion: string;
  /** Score at which that model calls a detection real. */
  readonly scoreThreshold: number;
  /** Read a part of a file, for images whose pixels are not in memory. */
  readonly readFile?: ReadFile | undefined;
  /** Give memory of images that nothing refers to back to the system, where this can be told. */
  freeMemory?(): void;
  /** Reference catalogues of the workspace; absent for lines that do without. */
  readonly catalogs?: CatalogPort | undefined;
}

/** Reference catalogues, as a stage sees them. */
export interface CatalogPort {
  /** Names the content of all of them, for the record of the configuration; `undefined` when there is none. */
  version(): string | undefined;
  /** Those with stars in a circle, the best for positions first; of each the brightest so many. */
  find(cone: Cone, limit: number): Promise<readonly NearbyCatalog[]>;
}

export interface StageContext {
  readonly run: RunRecord;
  readonly config: LineConfig;
  readonly ports: StagePorts;
  readonly signal?: StopSignal | undefined;
  /** What the stage is the last to need may be written over: nobody asks for it again. */
  readonly mayOverwrite?: boolean | undefined;
  /** Result of an earlier stage: in memory, or loaded from what was kept. */
  need<Name extends StageName>(stage: Name): Promise<HeldOutputs[Name]>;
  /** Tell how far the stage is, 0..1, in one short sentence. */
  report(fraction: number, message: string): void;
}

/** What becomes known when a stage ends, beside its result. */
export interface StageSummary {
  readonly metrics: Readonly<Record<string, number>>;
  readonly run?: RunPatch | undefined;
  readonly events?: readonly NewEvent[] | undefined;
  /** Sentences for the person who waits. */
  readonly notes?: readonly string[] | undefined;
}

/** One step of the line: load, one pure call, save. */
export interface Stage<Name extends StageName = StageName> {
  readonly name: Name;
  /** The part of the configuration that shapes the result; hashed into the record. */
  config(config: LineConfig, ports: StagePorts, run: RunRecord): unknown;
  /** Files that the stage reads: a result is used again only while they are what they were. */
  files?(config: LineConfig, run: RunRecord): readonly string[];
  run(context: StageContext): Promise<StageOutputs[Name]>;
  summarise(output: StageOutputs[Name], context: StageContext): StageSummary | Promise<StageSummary>;
  /**
   * What is kept of the result: `everything`, or `nothing` where making it again costs no more than reading it back;
   * then it is made again when a later stage asks for it.
   */
  readonly keeps: 'everything' | 'nothing';
  /** Pick of `everything` what is written; all of it if absent. */
  pick?(output: StageOutputs[Name]): KeptOutputs[Name];
  /** Complete what was read back, of which more may have been written once. */
  complete?(kept: KeptOutputs[Name]): StageOutputs[Name];
  /**
   * Results that no later stage looks at once this one has run: their memory is used again. E.g. `ingest`, or
   * `preprocess.template`.
   */
  readonly lastToNeed?: readonly string[] | undefined;
  /** Images that later stages read from files once they are on disk, if they are large, by their path in the result; '' is all of it. */
  readonly images?: readonly string[] | undefined;
  /** Planes that the screen shows, by their path in the result. */
  readonly planes?: readonly ShownPlane[] | undefined;
}

/** A plane of a result that the screen shows. */
export interface ShownPlane {
  /** E.g. `science.science`: the object that holds width, height and data. */
  readonly path: string;
  readonly kind: PlaneRecord['kind'];
  readonly unit: string;
}

/** Add to a run what a stage learnt of it. */
export function learn(run: RunRecord, patch: RunPatch): RunRecord {
  const learnt = Object.entries(patch).map(([field, value]) => [field, value ?? undefined]);
  return { ...run, ...Object.fromEntries(learnt), gradeReasons: patch.gradeReasons ?? run.gradeReasons };
}
