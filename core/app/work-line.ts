import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { MessagePort } from 'node:worker_threads';
import { joinDatabase, type Topic } from '../adapters/db/index.ts';
import { joinFolderBlobStore } from '../adapters/storage/index.ts';
import type { PoolState } from '../adapters/threads/index.ts';
import type { Detection } from '../domains/detection/index.ts';
import { type Progress, startQueueWorker } from '../pipeline/index.ts';
import { type ErrorRecord, fromErrorRecord } from '../utils/index.ts';
import { createStagePorts, createThreads, type LineScorer } from './compose-stages.ts';
import { createLog } from './log.ts';
import { openWorkspaceCatalogs } from './open-workspace-catalogs.ts';
import { parseLineConfig } from './parse-config.ts';
import type { AppPaths } from './paths.ts';
import { makeSampleFiles } from './sample-night.ts';

/** What the thread of the line is started with. */
export interface LineSetting {
  readonly workspaceDir: string;
  readonly paths: AppPaths;
  /** Who is said to work on a run. */
  readonly worker: string;
  readonly logLevel: string;
}

/** The score model that is in use. */
export interface ModelInUse {
  readonly modelVersion: string;
  readonly threshold: number;
}

/** What the host tells the thread of the line. */
export type ToLine =
  | { readonly kind: 'news'; readonly topics: readonly Topic[] }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: ErrorRecord }
  | { readonly kind: 'close' };

/** What the thread of the line tells the host, and asks of it. */
export type FromLine =
  | { readonly kind: 'news'; readonly topics: readonly Topic[] }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'pool'; readonly state: PoolState }
  /** Answered with the `ModelInUse` of the run that begins. */
  | { readonly kind: 'settle'; readonly id: number }
  /** Answered with the `Scores`. */
  | { readonly kind: 'score'; readonly id: number; readonly detections: readonly Detection[] };

/** How often it is told what the threads are at, where that has changed, ms. */
const POOL_MS = 250;

/**
 * Take up queued runs on this thread until the host says that it closes.
 *
 * The line has a thread, a heap and a connection to the database of its own: what it assembles, hashes, collects and
 * commits keeps nobody waiting who asks the host. Only the score model stays with the host.
 */
export function workLine(port: MessagePort, setting: LineSetting): void {
  const tell = (message: FromLine): void => port.postMessage(message);
  const log = createLog(setting.logLevel);
  const database = joinDatabase({ folder: setting.workspaceDir, log: log.child({ scope: 'db' }) });
  const threads = createThreads(setting.paths);

  const asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  const ask = <Value>(question: { kind: 'settle' } | { kind: 'score'; detections: readonly Detection[] }) =>
    new Promise<Value>((resolve, reject) => {
      const id = ++lastId;
      asked.set(id, { resolve: resolve as (value: unknown) => void, reject });
      tell({ ...question, id });
    });

  let model: ModelInUse = { modelVersion: 'none', threshold: 1 };
  const scorer: LineScorer = {
    get modelVersion() {
      return model.modelVersion;
    },
    get threshold() {
      return model.threshold;
    },
    // Models look at features: pixels need not cross.
    score: (detections) => ask({ kind: 'score', detections }),
  };
  const worker = startQueueWorker(
    {
      ...database,
      blobs: joinFolderBlobStore(resolve(setting.workspaceDir, 'blobs')),
      ports: createStagePorts(threads, scorer, openWorkspaceCatalogs(setting.workspaceDir)),
      clock: () => performance.now() / 1000,
    },
    {
      worker: setting.worker,
      lineOptions: async ({ runId }) => {
        model = await ask<ModelInUse>({ kind: 'settle' });
        const run = await database.runs.get(runId);
        const onProgress = (progress: Progress): void => tell({ kind: 'progress', progress });
        return {
          config: parseLineConfig(run.options.config),
          onProgress,
          prepare: (signal) =>
            makeSampleFiles(setting.workspaceDir, run.sciencePath, threads, signal, () =>
              onProgress({ runId, stage: 'ingest', fraction: 0, message: 'simulating the field' }),
            ),
        };
      },
      onBug: (error) => log.error({ err: error }, 'a run failed of a bug'),
      onWait: (error) =>
        log.warn({ err: error }, 'runs wait until the workspace can be written; they go on by themselves'),
    },
  );

  const stopTelling = database.news.subscribe((topics) => tell({ kind: 'news', topics }));
  let told = '';
  const watch = setInterval(() => {
    const state = threads.state();
    if (JSON.stringify(state) === told) return;
    told = JSON.stringify(state);
    tell({ kind: 'pool', state });
  }, POOL_MS);

  const close = async (): Promise<void> => {
    await worker.close();
    clearInterval(watch);
    stopTelling();
    await threads.close();
    database.close();
    port.close();
  };
  port.on('message', (message: ToLine) => {
    switch (message.kind) {
      case 'news':
        database.news.hear(message.topics);
        break;
      case 'answer':
      case 'failure': {
        const waiting = asked.get(message.id);
        asked.delete(message.id);
        if (message.kind === 'answer') waiting?.resolve(message.value);
        else waiting?.reject(fromErrorRecord(message.error));
        break;
      }
      case 'close':
        void close();
        break;
    }
  });
}
