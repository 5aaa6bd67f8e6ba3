import type {
  BlobReader,
  DetectionRepository,
  EventLog,
  LabelRepository,
  PlaneRepository,
  Progress,
  ReviewRepository,
  RunPoint,
  RunRecord,
  RunRepository,
  SettingRepository,
  StageRunRepository,
} from '../pipeline/index.ts';
import type { Finding } from './contract/index.ts';

/** What a client asks for when it queues a pair. */
export interface PairToQueue {
  readonly id?: string | undefined;
  readonly sciencePath: string;
  readonly templatePath: string;
  readonly allowBandMismatch: boolean;
}

/** What the door can set in motion. Each is done when its promise resolves. */
export interface Commands {
  createRun(pair: PairToQueue): Promise<RunRecord>;
  /** Simulate the sample night if it is not there yet, and queue its fields; asked again, it gives the same runs. */
  createSampleNight(): Promise<readonly RunRecord[]>;
  cancelRun(id: string): Promise<RunRecord>;
  retryRun(id: string): Promise<RunRecord>;
  /** Measure a place in every finished run that covers it. @throws internal/stopped */
  measureOverRuns(
    place: { readonly raDeg: number; readonly decDeg: number },
    signal?: AbortSignal,
  ): Promise<readonly RunPoint[]>;
}

/** What this workstation is made of. */
export interface SystemFacts {
  readonly version: string;
  readonly host: 'electron' | 'headless' | 'direct';
  readonly workspace: string;
  readonly startedAt: string;
  readonly threads: number;
  readonly executionProvider?: string | undefined;
  readonly modelVersion?: string | undefined;
  readonly findings: readonly Finding[];
}

/** What the door keeps its log in. */
export interface DoorLog {
  error(facts: object, message: string): void;
}

/** Everything the door needs of the program behind it. */
export interface Services {
  readonly runs: Pick<RunRepository, 'get' | 'list'>;
  readonly stageRuns: Pick<StageRunRepository, 'latest'>;
  readonly planes: PlaneRepository;
  readonly detections: DetectionRepository;
  readonly labels: LabelRepository;
  readonly reviews: ReviewRepository;
  readonly events: EventLog;
  readonly settings: SettingRepository;
  /** Progress inside running stages; told, never kept. @returns stops telling */
  readonly progress: { subscribe(listener: (progress: Progress) => void): () => void };
  readonly blobs: BlobReader;
  readonly commands: Commands;
  system(): Promise<SystemFacts>;
  readonly schemaVersion: number;
  /** Who labels on this workstation. */
  readonly curator: string;
  /** The built window's folder. */
  readonly rendererDir: string;
  readonly log: DoorLog;
  /** Aborted when the program closes: streams that are open end. */
  readonly closing: AbortSignal;
}
