import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openDatabase, type WorkspaceDatabase } from '../../core/adapters/db/index.ts';
import { ImageFiles } from '../../core/adapters/imaging/index.ts';
import { chainReaders, createFolderBlobStore } from '../../core/adapters/storage/index.ts';
import { createFetch, LOCAL, type Principal, type Services } from '../../core/api/index.ts';
import { chooseSecrets } from '../../core/app/choose-secrets.ts';
import { createImageCutter } from '../../core/app/cut-image.ts';
import { exportTable } from '../../core/app/export-table.ts';
import { findMovingObjects } from '../../core/app/find-moving-objects.ts';
import { type KeyRing, openKeyRing } from '../../core/app/keep-keys.ts';
import { listModelRuns } from '../../core/app/read-model-runs.ts';
import { createSyncService } from '../../core/app/sync-service.ts';
import { createSampDesk } from '../../core/app/talk-samp.ts';
import { measureOverRuns, type Progress } from '../../core/pipeline/index.ts';
import { createInlineRunner } from '../../core/utils/index.ts';
import { MIGRATIONS, type Seed, seedWorkspace, writeWindow } from './seed-workspace.ts';
import { makeTemporaryFolder, type WhenDone } from './temporary-workspace.ts';

/** A door over a seeded workspace: real database, real blobs, no line that runs. */
export interface Workstation {
  /** As the person at the machine, unless another principal is told. */
  readonly fetch: (request: Request, principal?: Principal) => Promise<Response>;
  readonly database: WorkspaceDatabase;
  readonly keys: KeyRing;
  readonly seed: Seed;
  readonly rendererDir: string;
  /** The workspace. */
  readonly folder: string;
  /** What the door told its log. */
  readonly bugs: readonly object[];
  tellProgress(progress: Progress): void;
  /** Begin to close: streams end. */
  close(): void;
}

/** Open a door, for one test unless told otherwise. */
export async function openWorkstation(
  options: {
    readonly heartbeatMs?: number;
    readonly change?: (services: Services) => Services;
    readonly whenDone?: WhenDone;
    /** Of the host: none is known where secrets cannot be kept. */
    readonly environment?: NodeJS.ProcessEnv;
  } = {},
): Promise<Workstation> {
  const whenDone = options.whenDone ?? onTestFinished;
  const folder = makeTemporaryFolder(whenDone);
  const rendererDir = join(folder, 'window');
  writeWindow(rendererDir);
  const seed = await seedWorkspace(folder);
  const database = await openDatabase({
    folder,
    migrationsFolder: MIGRATIONS,
    log: { warn: () => undefined },
  });
  const blobs = await createFolderBlobStore(join(folder, 'blobs'));
  const listeners = new Set<(progress: Progress) => void>();
  const samp = createSampDesk({
    database,
    blobs,
    inboxDir: join(folder, 'samp'),
    version: '0.0.0',
    joinsAtOnce: false,
    home: folder,
  });
  const keys = openKeyRing(database.keys);
  const closing = new AbortController();
  const bugs: object[] = [];
  const images = new ImageFiles(join(folder, 'cache'));
  const services: Services = {
    ...database,
    exportTable: (name, format, filter, seenBy) =>
      exportTable(database.catalog.seenBy(seenBy), name, format, filter),
    blobs: chainReaders(blobs, database.cutouts),
    findAway: async () => new Set(),
    images,
    cutter: createImageCutter({ ...database, blobs, images }),
    samp,
    access: keys,
    sync: createSyncService({
      database,
      folder: blobs,
      secrets: chooseSecrets(folder, options.environment ?? {}),
      migrationsDir: 'migrations/postgres',
      runsAlone: false,
    }),
    progress: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    commands: {
      createRun: ({ allowBandMismatch, ...pair }) =>
        database.runs.create({ ...pair, options: { allowBandMismatch } }),
      createSampleNight: async () => (await database.runs.list({ limit: 10 })).items,
      cancelRun: database.runs.cancel,
      retryRun: database.runs.retry,
      findMovingObjects: (runId, observatory, signal) =>
        findMovingObjects(database, runId, observatory, { fetch: globalThis.fetch, pauseMs: 0, signal }),
      measureOverRuns: (place, signal) =>
        measureOverRuns(place, { ...database, blobs, tasks: createInlineRunner() }, signal),
    },
    readModelRuns: listModelRuns,
    system: async () => ({
      version: '0.0.0',
      host: 'direct',
      workspace: folder,
      startedAt: new Date(0).toISOString(),
      threads: 1,
      folders: [],
      findings: [{ name: 'SQLite', state: 'ok', message: 'works' }],
    }),
    resources: async () => ({
      at: new Date(0).toISOString(),
      cores: 1,
      cpuPercent: 0,
      load1: 0,
      programBytes: 1,
      freeBytes: 1,
      totalBytes: 2,
      diskFreeBytes: 1,
      diskTotalBytes: 2,
      gpus: [],
    }),
    pools: () => [{ name: 'pixels', threads: 0, most: 1, running: 0, waiting: 0, finished: 0 }],
    loopDelay: () => ({ median: 0, p99: 0.001, most: 0.002 }),
    databaseBytes: async () => 4096,
    models: {
      score: async (rows) => ({
        scores: rows.map(() => 0.25),
        modelVersion: 'model-2',
        executionProvider: 'cpu',
        threshold: 0.5,
      }),
      list: async () => [],
      choices: () => [],
      promote: async () => [],
      measure: async () => ({ modelVersion: 'model-1', executionProvider: 'cpu', rows: 1, seconds: 1 }),
    },
    curator: 'tester',
    starsAround: async () => [],
    rendererDir,
    log: { error: (facts) => void bugs.push(facts) },
    closing: closing.signal,
  };
  whenDone(() => {
    closing.abort();
    void samp.close();
    void keys.close();
    void images.close();
    database.close();
  });
  const fetch = createFetch(options.change?.(services) ?? services, { heartbeatMs: options.heartbeatMs });
  return {
    fetch: (request, principal = LOCAL) => fetch(request, principal),
    database,
    keys,
    seed,
    rendererDir,
    folder,
    bugs,
    tellProgress: (progress) => {
      for (const listener of listeners) listener(progress);
    },
    close: () => closing.abort(),
  };
}
