import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openDatabase } from '../adapters/db/index.ts';
import { ImageFiles } from '../adapters/imaging/index.ts';
import type { SecretStore } from '../adapters/secrets/index.ts';
import { chainReaders, createFolderBlobStore } from '../adapters/storage/index.ts';
import { createFetch, type Fetch } from '../api/index.ts';
import type { CatalogRepository, ProcessReport } from '../pipeline/index.ts';
import type { TaskRunner } from '../utils/index.ts';
import { chooseSecrets } from './choose-secrets.ts';
import { createStagePorts, createThreads } from './compose-stages.ts';
import { createServices } from './create-services.ts';
import { type ExportedDataSet, exportDataSet } from './export-data-set.ts';
import { holdScorer } from './hold-scorer.ts';
import { type KeyRing, openKeyRing } from './keep-keys.ts';
import { startLineThread } from './line-thread.ts';
import { createLog, type Log } from './log.ts';
import { openWorkspaceCatalogs } from './open-workspace-catalogs.ts';
import type { AppPaths } from './paths.ts';
import { type PairRequest, processPair } from './process-pair.ts';
import { createProgressHub } from './progress-hub.ts';
import { settleDisputes } from './settle-disputes.ts';
import { createSyncService, type SyncService } from './sync-service.ts';
import { createSampDesk } from './talk-samp.ts';

export interface AppOptions {
  readonly host: 'electron' | 'headless' | 'direct';
  readonly workspaceDir: string;
  readonly paths: AppPaths;
  /** Whether queued runs are taken up here; a command that runs one pair does without. */
  readonly worksQueue: boolean;
  /** Where passwords and keys are kept; by default the environment, then an encrypted file of the workspace. */
  readonly secrets?: SecretStore | undefined;
  readonly log?: Log | undefined;
}

/** The program with a workspace open. */
export interface App {
  /** The one door: everything a client may ask. */
  readonly fetch: Fetch;
  readonly threads: TaskRunner;
  /** Run the line on one pair to its end. */
  processPair(request: PairRequest): Promise<ProcessReport>;
  /** Pixels of a candidate's triplet: 3 x 63 x 63. */
  readTriplet(candidateId: string): Promise<Float32Array>;
  readonly sync: SyncService;
  /** Write what people taught as a data set of DVC. */
  exportDataSet(folder: string, name: string, signal?: AbortSignal): Promise<ExportedDataSet>;
  readonly keys: KeyRing;
  /** Stop what runs (it is resumed at the next start), and let go of the workspace. */
  close(): Promise<void>;
}

/** Bring the catalogue up to date beside everything else. @returns what stops it. */
function prepareCatalog(catalog: CatalogRepository, log: Log): () => Promise<void> {
  const stopping = new AbortController();
  const work = (async () => {
    await catalog.associateRemaining(stopping.signal);
    await catalog.warm(stopping.signal);
  })().catch((error: unknown) => log.error({ err: error }, 'the catalogue was not prepared'));
  return async () => {
    stopping.abort();
    await work;
  };
}

/** A command's terminal is its user's: what keepers want to know stays off it unless asked for. */
function logLevelOf({ host }: AppOptions): string {
  return process.env.ASTRID_LOG ?? (host === 'direct' ? 'error' : 'warn');
}

/**
 * Build the program: the one place where adapters are made and joined.
 *
 * @throws workspace/in-use, workspace/newer-version, workspace/unwritable, storage/disk-full, detection/model-missing
 */
export async function createApp(options: AppOptions): Promise<App> {
  const log = options.log ?? createLog(logLevelOf(options));
  const workspaceDir = resolve(options.workspaceDir);
  const database = await openDatabase({
    folder: workspaceDir,
    migrationsFolder: options.paths.migrationsDir,
    log: log.child({ scope: 'db' }),
  });
  const closers: (() => Promise<unknown> | unknown)[] = [() => database.close()];
  const closeAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    // What cannot be closed, on a full disk for instance, must not keep the rest from letting go of the workspace.
    for (const closer of closers.reverse())
      try {
        await closer();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  };
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= closeAll();
    return closed;
  };
  try {
    const blobs = await createFolderBlobStore(resolve(workspaceDir, 'blobs'));
    const threads = createThreads(options.paths);
    closers.push(() => threads.close());
    const { modelsDir, workersDir, workersExtension } = options.paths;
    const held = await holdScorer({ modelsDir, workersDir, workersExtension }, database.settings);
    const { scorer } = held;
    closers.push(() => scorer.close());
    const catalogs = openWorkspaceCatalogs(workspaceDir);
    const ports = createStagePorts(threads, scorer, catalogs);
    const progress = createProgressHub();
    const closing = new AbortController();
    const lineServices = {
      ...database,
      blobs,
      ports,
      clock: () => performance.now() / 1000,
    };
    const images = new ImageFiles(resolve(workspaceDir, 'cache', 'unpacked'));
    closers.push(() => images.close());
    const sync = createSyncService({
      database,
      folder: blobs,
      secrets: options.secrets ?? chooseSecrets(workspaceDir),
      migrationsDir: resolve(options.paths.migrationsDir, '../postgres'),
      runsAlone: options.worksQueue,
    });
    closers.push(() => sync.close());
    const samp = createSampDesk({
      database,
      blobs: sync.pixels.blobs,
      inboxDir: resolve(workspaceDir, 'cache', 'samp'),
      version: options.paths.version,
      joinsAtOnce: options.host !== 'direct',
      environment: process.env.SAMP_HUB,
    });
    closers.push(() => samp.close());
    const keys = openKeyRing(database.keys);
    closers.push(() => keys.close());
    const line = options.worksQueue
      ? await startLineThread(
          {
            workspaceDir,
            paths: options.paths,
            worker: `${options.host}-${process.pid}`,
            logLevel: logLevelOf(options),
          },
          { database, held, onProgress: progress.tell },
        )
      : undefined;
    if (line !== undefined) closers.push(() => line.close());
    const services = createServices({
      host: options.host,
      database,
      sync,
      keys,
      blobs: chainReaders(sync.pixels.blobs, sync.pixels.cutouts),
      images,
      threads,
      line,
      scorer,
      models: held.registry,
      scorerState: held.state,
      samp,
      progress,
      catalogs,
      workspaceDir,
      paths: options.paths,
      log,
      closing: closing.signal,
    });
    closers.push(() => {
      closing.abort();
      progress.close();
    });
    const fetch = createFetch(services);
    if (options.host !== 'direct') {
      closers.push(prepareCatalog(database.catalog, log));
      closers.push(settleDisputes(database, log));
    }
    return {
      fetch,
      threads,
      processPair: (request) => processPair({ ...lineServices, scorer }, request),
      readTriplet: async (candidateId) => {
        const { tripletSha256 } = await database.detections.get(candidateId);
        const bytes = await database.cutouts.get(tripletSha256);
        return new Float32Array(bytes.slice().buffer);
      },
      sync,
      exportDataSet: (folder, name, signal) =>
        exportDataSet(
          { trainingSet: database.trainingSet, triplets: sync.pixels.cutouts },
          folder,
          name,
          signal,
        ),
      keys,
      close,
    };
  } catch (error) {
    await close().catch((later: unknown) => log.error({ err: later }, 'not all of the program was closed'));
    throw error;
  }
}
