import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { WorkspaceDatabase } from '../adapters/db/index.ts';
import type { PoolState } from '../adapters/threads/index.ts';
import type { ProgressListener } from '../pipeline/index.ts';
import { toErrorRecord } from '../utils/index.ts';
import type { LineScorer } from './compose-stages.ts';
import type { HeldScorer } from './hold-scorer.ts';
import type { FromLine, LineSetting, ModelInUse, ToLine } from './work-line.ts';

/** The thread that takes up queued runs, as the host sees it. */
export interface LineThread {
  /** What its pool of threads is at; absent while there is none. */
  state(): PoolState | undefined;
  /** Stop what runs (it is resumed at the next start) and end the thread. */
  close(): Promise<void>;
}

/** Objects that die young get more by default, and are hardly collected faster in it. */
const YOUNG_MB = 12;

/** Take up queued runs on a thread of their own, which is there once a run waits. */
export async function startLineThread(
  setting: LineSetting,
  services: {
    readonly database: Pick<WorkspaceDatabase, 'runs' | 'queue' | 'news'>;
    readonly held: Pick<HeldScorer, 'settle'> & { readonly scorer: LineScorer };
    readonly onProgress: ProgressListener;
  },
): Promise<LineThread> {
  const { database, held, onProgress } = services;
  const { workersDir, workersExtension } = setting.paths;
  let pool: PoolState | undefined;
  let worker: Worker | undefined;
  let ended: Promise<void> = Promise.resolve();
  const tell = (message: ToLine): void => worker?.postMessage(message);

  const answer = (id: number, work: Promise<unknown>): void => {
    work.then(
      (value) => tell({ kind: 'answer', id, value }),
      (error: unknown) => tell({ kind: 'failure', id, error: toErrorRecord(error) }),
    );
  };
  const settle = async (): Promise<ModelInUse> => {
    await held.settle();
    const { modelVersion, threshold } = held.scorer;
    return { modelVersion, threshold };
  };
  const hear = (message: FromLine): void => {
    switch (message.kind) {
      case 'news':
        database.news.hear(message.topics);
        break;
      case 'progress':
        onProgress(message.progress);
        break;
      case 'pool':
        pool = message.state;
        break;
      case 'settle':
        answer(message.id, settle());
        break;
      case 'score':
        answer(message.id, held.scorer.score(message.detections, []));
        break;
    }
  };
  const start = (): void => {
    if (worker !== undefined) return;
    worker = new Worker(join(workersDir, `line${workersExtension}`), {
      workerData: setting,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker.on('message', hear);
    // What is not caught there is a bug of the program, as it is here.
    worker.on('error', (error) => {
      throw error;
    });
    ended = new Promise((resolve) => worker!.once('exit', () => resolve()));
  };
  const stopListening = database.queue.subscribe(start);
  const stopTelling = database.news.subscribe((topics) => tell({ kind: 'news', topics }));
  const { items } = await database.runs.list({ status: 'queued', limit: 1 });
  if (items.length > 0) start();
  return {
    state: () => pool,
    close: async () => {
      stopListening();
      stopTelling();
      tell({ kind: 'close' });
      await ended;
    },
  };
}
