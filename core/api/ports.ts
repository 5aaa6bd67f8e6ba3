import type { ExportName, MovingObjects, ReferenceStars, RowFilter } from '../domains/catalog/index.ts';
import type { CurationRules, CurationStore, LabelQueueStore } from '../domains/curation/index.ts';
import type { Header, SkyLattice } from '../domains/observations/index.ts';
import type { ChangeStore, MirrorAnswer, SyncStatus } from '../domains/sync/index.ts';
import type {
  AuditLog,
  BlobReader,
  CatalogRepository,
  DetectionRepository,
  EventLog,
  ExportFormat,
  HoldingRepository,
  KeptAnswers,
  KeyRecord,
  LabelRepository,
  MovingObjectStore,
  ObjectNames,
  ObservationRepository,
  PlaneRepository,
  Progress,
  ReviewRepository,
  RunPoint,
  RunRecord,
  RunRepository,
  SettingRepository,
  StageRunRepository,
} from '../pipeline/index.ts';
import type { ErrorRecord } from '../utils/index.ts';
import type { Principal } from './access.ts';
import type {
  CollectionRequest,
  ConnectionRequest,
  Finding,
  FoundedProject,
  ImageFile,
  ImageHdu,
  Member,
  Model,
  ModelRun,
  NewApiKey,
  NewProject,
  Resources,
  SampNews,
  SampState,
  SampTable,
  SyncConnection,
  SyncState,
  Team,
  Throughput,
  Workers,
} from './contract/index.ts';

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
  /** Ask a service over the network which known bodies were over an image, and keep the answer. */
  findMovingObjects(runId: string, observatory: string, signal?: AbortSignal): Promise<MovingObjects>;
  /** Measure a place in every finished run that covers it. @throws internal/stopped */
  measureOverRuns(
    place: { readonly raDeg: number; readonly decDeg: number },
    signal?: AbortSignal,
  ): Promise<readonly RunPoint[]>;
}

/** Looks into FITS files where they lie; the paths are those that a person named. */
export interface ImageReader {
  open(path: string): Promise<ImageFileFacts>;
  readHeader(path: string, hdu: number): Promise<Header>;
  readSky(path: string, hdu: number): Promise<SkyLattice>;
  readPixels(path: string, query: PixelQuery, signal?: AbortSignal): Promise<QueriedPixels>;
}

/** A FITS file as it is now; what its members mean is in the contract. */
export interface ImageFileFacts extends Omit<ImageFile, 'name' | 'hdus' | 'problem'> {
  readonly hdus: readonly (Omit<ImageHdu, 'shape' | 'physical'> & {
    readonly shape: readonly number[];
    readonly physical?:
      | { readonly scale: readonly [number, number]; readonly offset: readonly [number, number] }
      | undefined;
  })[];
  readonly problem?: { readonly code: string; readonly message: string } | undefined;
}

/** Which pixels of which image. */
export interface PixelQuery {
  readonly hdu: number;
  /** Slice of a cube, zero-based. */
  readonly slice: number;
  readonly region: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  };
  readonly stepX: number;
  readonly stepY: number;
  /** `mean` averages the finite pixels of each block of `stepX` x `stepX`. */
  readonly reduce: 'nearest' | 'mean';
  /** What the asker knows of the file; a file that changed is refused. */
  readonly revision?: string | undefined;
  /** Filled instead of fresh memory, where it has as many pixels as are asked for. */
  readonly target?: Float32Array<ArrayBuffer> | undefined;
}

/** Pixels as asked for: row-major, first row at the bottom. */
export interface QueriedPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array<ArrayBuffer>;
  readonly unit: string;
}

/** What a part is cut from: an image of a run, or one that lies in a file. */
export type CutSource =
  | { readonly kind: 'run'; readonly runId: string; readonly plane: string }
  | { readonly kind: 'file'; readonly path: string; readonly hdu: number; readonly slice: number };

/** Cuts FITS images out of images. */
export interface ImageCutter {
  /** The sides of what is cut from. @throws pipeline/run-not-found, observations/no-image and as `openFits` */
  sidesOf(source: CutSource): Promise<{ readonly width: number; readonly height: number }>;
  /** A FITS file of the part, its coordinates those of the sky under it. */
  cut(
    source: CutSource,
    region: PixelQuery['region'],
  ): Promise<{ readonly name: string; readonly bytes: Uint8Array }>;
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
  /** Where everything lies. */
  readonly folders: readonly {
    readonly name: string;
    readonly path: string;
    readonly bytes?: number | undefined;
    readonly note?: string | undefined;
  }[];
  readonly findings: readonly Finding[];
}

/** The score models that are installed, and which of them scores. */
export interface ModelRegistry {
  /** Every version of every model, newest first. */
  list(): Promise<readonly Model[]>;
  /** Versions in the order in which they were chosen. */
  choices(): readonly { readonly version: string; readonly at: string }[];
  /** Choose the version that scores from the next run on. @throws detection/model-missing, detection/model-corrupt */
  promote(name: string, version: string): Promise<readonly Model[]>;
  /** Measure how fast the model in use scores here. @throws detection/model-missing */
  measure(): Promise<Throughput>;
  /** Score rows of features with the model in use. @throws detection/model-missing, detection/features-missing */
  score(rows: readonly Readonly<Record<string, number>>[]): Promise<ModelScores>;
}

/** Scores as a model says them, with what made them. */
export interface ModelScores {
  readonly scores: readonly number[];
  readonly modelVersion: string;
  readonly executionProvider: string;
  readonly threshold: number;
}

/** How late the core came to what was due, s. */
export interface LoopDelay {
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

/** Speaks with other programs on this machine. */
export interface SampDesk {
  state(): Promise<SampState>;
  switch(isOn: boolean): Promise<SampState>;
  /** @returns how many programs were told @throws api/samp-no-hub, pipeline/run-not-found, pipeline/no-plane */
  sendImage(runId: string, plane: string, to?: string): Promise<number>;
  /** @param seenBy the curator whose eyes the table is for. @throws api/samp-no-hub, pipeline/run-not-found */
  sendCandidates(runId: string, seenBy: string, to?: string): Promise<number>;
  /** @throws api/samp-no-hub */
  pointAt(place: { readonly raDeg: number; readonly decDeg: number }, to?: string): Promise<number>;
  /** A table that was received. @throws api/samp-table-not-found */
  table(id: string): Promise<SampTable>;
  /** Be told what others send. @returns stops telling */
  subscribe(listener: (news: SampNews) => void): () => void;
}

/** What the door keeps its log in. */
export interface DoorLog {
  error(facts: object, message: string): void;
}

/** Sharing, as the door needs it. */
export interface SyncDesk {
  connection(): Promise<(SyncConnection & { readonly authority?: string | undefined }) | undefined>;
  activity(): SyncState['activity'];
  /** Where passwords and keys are kept, in words. */
  readonly secretsKept: string;
  lastError(): ErrorRecord | undefined;
  status(): Promise<
    SyncStatus &
      Pick<SyncState, 'cutoutsToSend' | 'cutoutsToFetch' | 'imagesToSend' | 'local'> & {
        readonly arrivals: readonly SyncState['arrivals'][number][];
      }
  >;
  /** @throws pipeline/run-not-found, sync/no-images, sync/mirror-never */
  mirrorRun(runId: string): Promise<MirrorAnswer>;
  /** @throws pipeline/run-not-found, storage/elsewhere */
  keepRun(runId: string, isKept: boolean): Promise<void>;
  listProjects(address: Pick<ConnectionRequest, 'catalogueUrl' | 'authority'>): Promise<
    readonly {
      readonly id: string;
      readonly name: string;
      readonly role: 'viewer' | 'labeller' | 'operator' | 'admin';
    }[]
  >;
  examine(request: ConnectionRequest): Promise<
    readonly {
      readonly name: 'catalogue' | 'bucket';
      readonly state: 'ok' | 'failed';
      readonly message: string;
      readonly error?: ErrorRecord | undefined;
    }[]
  >;
  connect(request: ConnectionRequest): Promise<SyncConnection & { readonly authority?: string | undefined }>;
  disconnect(): Promise<void>;
  exchange(signal?: AbortSignal): Promise<{
    readonly sent: number;
    readonly refused: number;
    readonly received: number;
    readonly cutoutsSent: number;
    readonly cutoutsFetched: number;
    readonly cutoutsMissing: number;
    readonly imagesSent: number;
    readonly imagesDamaged: number;
    readonly evicted: number;
  }>;
  readonly changes: ChangeStore;
  readonly team: TeamDesk;
  /** Collects pixels that nobody refers to, one collection at a time. */
  readonly collection: {
    state(): unknown;
    /** @throws sync/collecting */
    start(request: CollectionRequest): unknown;
    stop(): Promise<unknown>;
  };
}

/** Projects and who is in them, as the door needs it. */
export interface TeamDesk {
  /** @throws sync/not-connected, sync/not-a-member */
  read(): Promise<Omit<Team, 'items'> & { readonly members: readonly Member[] }>;
  /** @returns the password of a login that was made for it @throws sync/admins-only, sync/last-admin */
  letIn(login: string, role: Member['role']): Promise<string | undefined>;
  /** @throws sync/admins-only, sync/last-admin, sync/member-not-found */
  shutOut(login: string): Promise<void>;
  /** @throws sync/owner-only, sync/admins-only, sync/project-exists */
  createProject(wanted: NewProject): Promise<FoundedProject>;
}

/** Makes and revokes the keys of programs. */
export interface KeyDesk {
  /** Newest first. */
  list(): Promise<readonly KeyRecord[]>;
  /** @returns the key itself beside its record: it is told once and kept nowhere. */
  create(wanted: NewApiKey, by: Principal): Promise<{ readonly key: string; readonly record: KeyRecord }>;
  /** @throws api/key-not-found */
  revoke(id: string): Promise<KeyRecord>;
}

/** What every procedure is told of a request. */
export interface Asking {
  readonly principal: Principal;
  /** An id for what a request makes: the same one when a request that bears a key is carried out again. */
  readonly madeId?: string | undefined;
}

/** Everything the door needs of the program behind it. */
export interface Services {
  readonly runs: Pick<RunRepository, 'get' | 'list' | 'listNights'>;
  readonly stageRuns: Pick<StageRunRepository, 'latest' | 'listExecutions'>;
  readonly planes: PlaneRepository;
  readonly detections: DetectionRepository;
  /** Nobody reads it without saying whose eyes it is for. */
  readonly catalog: Pick<CatalogRepository, 'seenBy' | 'listDepths'>;
  /** Write a table as a stream of bytes, as a curator may see it. @throws catalog/unknown-column, catalog/no-regions */
  exportTable(
    name: ExportName,
    format: ExportFormat,
    filter: RowFilter,
    seenBy: string,
  ): AsyncIterator<Uint8Array>;
  readonly objectNames: ObjectNames;
  readonly movingObjects: Pick<MovingObjectStore, 'get'>;
  readonly labels: LabelRepository;
  readonly curation: CurationStore;
  readonly curationRules: CurationRules;
  readonly labelQueue: LabelQueueStore;
  readonly reviews: ReviewRepository;
  readonly events: EventLog;
  readonly settings: SettingRepository;
  readonly holdings: HoldingRepository;
  readonly observations: ObservationRepository;
  readonly keptAnswers: KeptAnswers;
  readonly sync: SyncDesk;
  readonly samp: SampDesk;
  readonly access: KeyDesk;
  readonly audit: AuditLog;
  /** Progress inside running stages; told, never kept. @returns stops telling */
  readonly progress: { subscribe(listener: (progress: Progress) => void): () => void };
  /** Those that lie elsewhere are fetched when they are read. */
  readonly blobs: BlobReader;
  /** Which of some blobs lie elsewhere, and would be fetched. */
  findAway(addresses: readonly string[]): Promise<ReadonlySet<string>>;
  readonly images: ImageReader;
  readonly cutter: ImageCutter;
  readonly commands: Commands;
  system(): Promise<SystemFacts>;
  /** What the machine is busy with now. */
  resources(): Promise<Resources>;
  /** Threads that compute, and their tasks. */
  pools(): Workers['pools'];
  /** Since it was last asked. */
  loopDelay(): LoopDelay;
  /** Of the database with its log. */
  databaseBytes(): Promise<number>;
  readonly models: ModelRegistry;
  /** Read what MLflow keeps in a folder of this machine. @throws storage/not-mlflow */
  readModelRuns(folder: string): Promise<readonly ModelRun[]>;
  readonly schemaVersion: number;
  /** The name of the first profile of a workspace that has none. */
  readonly curator: string;
  /** Stars of the imported catalogues around a place, by catalogue. */
  starsAround(
    place: { readonly raDeg: number; readonly decDeg: number },
    radiusDeg: number,
    /** The brightest so many of each catalogue; 200 when absent. */
    limit?: number,
  ): Promise<readonly { readonly name: string; readonly stars: ReferenceStars }[]>;
  /** The built window's folder. */
  readonly rendererDir: string;
  readonly log: DoorLog;
  /** Aborted when the program closes: streams that are open end. */
  readonly closing: AbortSignal;
}
