import { userInfo } from 'node:os';
import type { WorkspaceDatabase } from '../adapters/db/index.ts';
import type { ImageFiles } from '../adapters/imaging/index.ts';
import type { Scorer } from '../adapters/ml/index.ts';
import type { PoolState, ThreadRunner } from '../adapters/threads/index.ts';
import type { KeyDesk, ModelRegistry, SampDesk, Services } from '../api/ports.ts';
import { type BlobReader, measureOverRuns, type RunRecord } from '../pipeline/index.ts';
import { createImageCutter } from './cut-image.ts';
import { examineSystem } from './examine-system.ts';
import { exportTable } from './export-table.ts';
import { findMovingObjects } from './find-moving-objects.ts';
import type { LineThread } from './line-thread.ts';
import { listFolders } from './list-folders.ts';
import type { Log } from './log.ts';
import { createLoopMeter, measureDatabase } from './measure-loop.ts';
import { createResourceMeter } from './measure-resources.ts';
import type { CatalogStore } from './open-workspace-catalogs.ts';
import type { AppPaths } from './paths.ts';
import type { ProgressHub } from './progress-hub.ts';
import { listModelRuns } from './read-model-runs.ts';
import { queueSampleNight } from './sample-night.ts';
import type { SyncService } from './sync-service.ts';

export interface ServiceParts {
  readonly host: 'electron' | 'headless' | 'direct';
  readonly database: WorkspaceDatabase;
  readonly sync: SyncService;
  readonly keys: KeyDesk;
  readonly blobs: BlobReader;
  readonly images: ImageFiles;
  readonly threads: ThreadRunner;
  /** Takes up queued runs; absent where nobody does. */
  readonly line: LineThread | undefined;
  readonly scorer: Scorer;
  readonly models: ModelRegistry;
  readonly scorerState: () => PoolState;
  readonly samp: SampDesk;
  readonly progress: ProgressHub;
  readonly catalogs: CatalogStore;
  readonly workspaceDir: string;
  readonly paths: AppPaths;
  readonly log: Log;
  readonly closing: AbortSignal;
}

/** A person waits for an archive: it is given up sooner than a command would, ms. */
const ARCHIVE_MS = 45_000;

/** Most stars around a place that are of interest: the brightest. */
const NEIGHBOURS = 200;

/** Join the parts of the program as the door wants them. */
export function createServices(parts: ServiceParts): Services {
  const { database, scorer, threads, workspaceDir, paths } = parts;
  const startedAt = new Date().toISOString();
  let sampleNight: Promise<readonly RunRecord[]> | undefined;

  return {
    ...database,
    sync: parts.sync,
    access: parts.keys,
    exportTable: (name, format, filter, seenBy) =>
      exportTable(database.catalog.seenBy(seenBy), name, format, filter),
    samp: parts.samp,
    progress: parts.progress,
    blobs: parts.blobs,
    findAway: (addresses) => parts.sync.pixels.findAway(addresses),
    images: parts.images,
    cutter: createImageCutter({ ...database, blobs: parts.blobs, images: parts.images }),
    commands: {
      createRun: ({ id, sciencePath, templatePath, allowBandMismatch }) =>
        database.runs.create({ id, sciencePath, templatePath, options: { allowBandMismatch } }),
      createSampleNight: () => {
        sampleNight ??= queueSampleNight(database, workspaceDir).finally(() => {
          sampleNight = undefined;
        });
        return sampleNight;
      },
      cancelRun: (id) => database.runs.cancel(id),
      retryRun: (id) => database.runs.retry(id),
      findMovingObjects: (runId, observatory, signal) =>
        findMovingObjects(database, runId, observatory, {
          fetch: globalThis.fetch,
          timeoutMs: ARCHIVE_MS,
          signal: signal ? AbortSignal.any([signal, parts.closing]) : parts.closing,
        }),
      measureOverRuns: (place, signal) =>
        measureOverRuns(
          place,
          { ...database, blobs: parts.blobs, tasks: threads },
          signal ? AbortSignal.any([signal, parts.closing]) : parts.closing,
        ),
    },
    system: async () => ({
      version: paths.version,
      host: parts.host,
      workspace: workspaceDir,
      startedAt,
      threads: threads.concurrency,
      executionProvider: scorer.executionProvider,
      modelVersion: scorer.modelVersion,
      folders: await listFolders(workspaceDir, paths),
      findings: await examineSystem(workspaceDir, paths, scorer),
    }),
    resources: createResourceMeter(workspaceDir),
    pools: () => [
      { name: 'pixels', ...together(threads.state(), parts.line?.state()) },
      { name: 'scores', ...parts.scorerState() },
    ],
    loopDelay: createLoopMeter(parts.closing),
    databaseBytes: () => measureDatabase(workspaceDir),
    models: parts.models,
    readModelRuns: listModelRuns,
    curator: userInfo().username,
    starsAround: async ({ raDeg, decDeg }, radiusDeg, limit = NEIGHBOURS) => {
      const names = (await parts.catalogs.list()).map(({ name }) => name);
      return Promise.all(
        names.map(async (name) => ({
          name,
          stars: await parts.catalogs.cone(name, { raDeg, decDeg, radiusDeg }, limit),
        })),
      );
    },
    rendererDir: paths.rendererDir,
    log: parts.log.child({ scope: 'api' }),
    closing: parts.closing,
  };
}

/** What the threads of the line and those of the host are at. */
function together(host: PoolState, line: PoolState | undefined): PoolState {
  if (line === undefined) return host;
  return {
    threads: host.threads + line.threads,
    most: host.most + line.most,
    running: host.running + line.running,
    waiting: host.waiting + line.waiting,
    finished: host.finished + line.finished,
  };
}
