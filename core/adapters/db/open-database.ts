import { randomBytes } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type {
  CurationRules,
  CurationStore,
  LabelExchange,
  LabelQueueStore,
} from '../../domains/curation/index.ts';
import type { BlobLedger, ChangeStore, CutoutMirror, RawFileLedger } from '../../domains/sync/index.ts';
import type {
  AuditLog,
  BlobReader,
  CatalogRepository,
  DetectionRepository,
  EventLog,
  HoldingRepository,
  KeptAnswers,
  KeyRepository,
  LabelRepository,
  MovingObjectStore,
  ObjectNames,
  ObservationRepository,
  PlaneRepository,
  ReviewRepository,
  RunQueue,
  RunRepository,
  SettingRepository,
  StageRunRepository,
} from '../../pipeline/ports.ts';
import { AstridError } from '../../utils/errors.ts';
import { makeUuidV7 } from '../../utils/ids.ts';
import { type CommitNews, createConnection, type DatabaseLog, explainSqliteError } from './connection.ts';
import { lockWorkspace } from './lock-workspace.ts';
import { migrate, readMigrations } from './migrate.ts';
import { createAuditLog, createKeyRepository } from './repositories/access.ts';
import { type BlobReferences, createBlobReferences } from './repositories/blob-references.ts';
import { createCatalogRepository } from './repositories/catalog.ts';
import { createChangeStore } from './repositories/change-log.ts';
import { createCurationStore, createLabelRepository } from './repositories/curation.ts';
import { createCurationRules } from './repositories/curation-rules.ts';
import { createCutoutMirror, createCutoutReader } from './repositories/cutouts.ts';
import { createDetectionRepository } from './repositories/detection.ts';
import { createReviewRepository } from './repositories/differencing.ts';
import { createEventLog } from './repositories/events.ts';
import { createLabelExchange } from './repositories/exchange-labels.ts';
import { createHoldingRepository } from './repositories/holdings.ts';
import { createKeptAnswers } from './repositories/kept-answers.ts';
import { createLabelQueueStore } from './repositories/label-queue.ts';
import { createMovingObjectStore } from './repositories/moving-objects.ts';
import { createObjectNames } from './repositories/object-names.ts';
import { createObservationRepository } from './repositories/observations.ts';
import { createPlaneRepository } from './repositories/planes.ts';
import { createRawFileLedger } from './repositories/raw-files.ts';
import { createRunQueue } from './repositories/run-queue.ts';
import { createRunRepository } from './repositories/runs.ts';
import { createSettingRepository } from './repositories/settings.ts';
import { createBlobLedger } from './repositories/shared-blobs.ts';
import { createStageRunRepository } from './repositories/stage-runs.ts';
import { createTrainingSet, type TrainingSet } from './repositories/training-set.ts';

/** A workspace's database, open and held by this process alone. */
export interface WorkspaceDatabase {
  readonly schemaVersion: number;
  readonly runs: RunRepository;
  readonly queue: RunQueue;
  readonly stageRuns: StageRunRepository;
  readonly planes: PlaneRepository;
  readonly detections: DetectionRepository;
  readonly catalog: CatalogRepository;
  readonly cutouts: BlobReader;
  readonly labels: LabelRepository;
  readonly curation: CurationStore;
  readonly curationRules: CurationRules;
  readonly labelQueue: LabelQueueStore;
  readonly labelExchange: LabelExchange;
  readonly reviews: ReviewRepository;
  readonly events: EventLog;
  readonly settings: SettingRepository;
  readonly holdings: HoldingRepository;
  readonly observations: ObservationRepository;
  readonly keptAnswers: KeptAnswers;
  readonly changes: ChangeStore;
  readonly objectNames: ObjectNames;
  readonly movingObjects: MovingObjectStore;
  readonly rawFiles: RawFileLedger;
  readonly cutoutMirror: CutoutMirror;
  readonly blobLedger: BlobLedger;
  readonly trainingSet: TrainingSet;
  readonly blobReferences: BlobReferences;
  readonly keys: KeyRepository;
  readonly audit: AuditLog;
  /** What is told to and heard from those who joined the database. */
  readonly news: CommitNews;
  /** Close the file and let other processes have the workspace. */
  close(): void;
}

/** How long who writes waits for another thread's transaction, ms: nobody else has the workspace, so it ends. */
const WAIT_MS = 60_000;

const makeIdAt = (clock: () => Date) => () => makeUuidV7(clock().getTime(), randomBytes(10));

/** What `openDatabase` needs to know. */
export interface DatabaseOptions {
  /** The workspace; made if it is not there. */
  readonly folder: string;
  /** Where the numbered `.sql` files are. */
  readonly migrationsFolder: string;
  readonly log: DatabaseLog;
  readonly clock?: (() => Date) | undefined;
  readonly makeId?: (() => string) | undefined;
}

/**
 * Open a workspace's database, making or migrating it as needed.
 *
 * Runs that a dead process left running are queued again.
 *
 * @throws workspace/in-use, workspace/newer-version, workspace/unwritable, workspace/corrupted, storage/disk-full
 */
export async function openDatabase(options: DatabaseOptions): Promise<WorkspaceDatabase> {
  const { folder, log } = options;
  const clock = options.clock ?? (() => new Date());
  const makeId = options.makeId ?? makeIdAt(clock);
  const migrations = readMigrations(options.migrationsFolder);
  makeFolder(folder);
  const lock = lockWorkspace(folder);
  const file = join(folder, 'workspace.sqlite');
  let sqlite: Database.Database | undefined;
  try {
    // A clean close removes the write-ahead log: one that is left means that the last process died.
    const diedBefore = (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
    sqlite = new Database(file, { timeout: WAIT_MS });
    configure(sqlite);
    if (diedBefore) checkIntegrity(sqlite, file);
    const schemaVersion = migrate(sqlite, migrations, file);
    const connection = createConnection(sqlite, { file, clock, makeId, log });
    const open = sqlite;
    const queue = createRunQueue(connection);
    await queue.recover();
    return {
      schemaVersion,
      runs: createRunRepository(connection),
      queue,
      stageRuns: createStageRunRepository(connection),
      planes: createPlaneRepository(connection),
      detections: createDetectionRepository(connection),
      catalog: createCatalogRepository(connection),
      cutouts: createCutoutReader(connection),
      labels: createLabelRepository(connection),
      curation: createCurationStore(connection),
      curationRules: createCurationRules(connection),
      labelQueue: createLabelQueueStore(connection),
      labelExchange: createLabelExchange(connection),
      reviews: createReviewRepository(connection),
      events: createEventLog(connection),
      settings: createSettingRepository(connection),
      holdings: createHoldingRepository(connection),
      observations: createObservationRepository(connection),
      keptAnswers: createKeptAnswers(connection),
      changes: createChangeStore(connection),
      objectNames: createObjectNames(connection),
      movingObjects: createMovingObjectStore(connection),
      rawFiles: createRawFileLedger(connection),
      cutoutMirror: createCutoutMirror(connection),
      blobLedger: createBlobLedger(connection),
      trainingSet: createTrainingSet(connection),
      blobReferences: createBlobReferences(connection),
      keys: createKeyRepository(connection),
      audit: createAuditLog(connection),
      news: connection.news,
      close: () => {
        open.close();
        lock.release();
      },
    };
  } catch (error) {
    sqlite?.close();
    lock.release();
    throw explainSqliteError(error, file);
  }
}

/** What the thread that runs the line needs of the database that its process holds. */
export type JoinedDatabase = Pick<WorkspaceDatabase, 'runs' | 'queue' | 'stageRuns' | 'news' | 'close'>;

/**
 * Open a further connection to a workspace's database, on another thread of the process that holds it.
 *
 * Readers never wait; who writes waits for the other's transaction to end.
 */
export function joinDatabase({ folder, log }: Pick<DatabaseOptions, 'folder' | 'log'>): JoinedDatabase {
  const file = join(folder, 'workspace.sqlite');
  const sqlite = new Database(file, { timeout: WAIT_MS, fileMustExist: true });
  configure(sqlite);
  const clock = () => new Date();
  const connection = createConnection(sqlite, { file, clock, makeId: makeIdAt(clock), log });
  return {
    runs: createRunRepository(connection),
    queue: createRunQueue(connection),
    stageRuns: createStageRunRepository(connection),
    news: connection.news,
    close: () => sqlite.close(),
  };
}

/** A commit is on the platter before it is reported (`FULL`), and readers never wait for writers (`WAL`). */
function configure(sqlite: Database.Database): void {
  // Only a file that is made now takes it: triplets of 47 kB fill pages of 16 kB better than of 4.
  sqlite.pragma('page_size = 16384');
  sqlite.pragma('journal_mode = WAL');
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('foreign_keys = ON');
  sqlite.pragma('temp_store = MEMORY');
  // SQLite's own 2 MB are 125 such pages: a queue that passes over labelled candidates needs more at hand.
  sqlite.pragma('cache_size = -32768');
}

function checkIntegrity(sqlite: Database.Database, file: string): void {
  const found = sqlite.pragma('quick_check(1)', { simple: true });
  if (found === 'ok') return;
  throw new AstridError(
    'workspace/corrupted',
    `${file} is damaged (${String(found)}); put back a copy of it, or choose another workspace.`,
    { file, found },
  );
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC')
      throw new AstridError('storage/disk-full', `There is no space left to make ${folder}; free some.`, {
        folder,
      });
    throw new AstridError(
      'workspace/unwritable',
      `The workspace ${folder} cannot be made (${code ?? String(error)}); check the path and its permissions, or choose another with --workspace.`,
      { folder, reason: code },
    );
  }
}
