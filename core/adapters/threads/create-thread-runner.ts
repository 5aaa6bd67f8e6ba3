import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Piscina } from 'piscina';
import { addIdleMemory, countBytesMade, dropIdlePlanes, takeIdleMemory } from '../../kernels/index.ts';
import {
  LARGE_IMAGE_PX,
  largestImagePx,
  packLists,
  type TaskReply,
  unpackLists,
} from '../../pipeline/tasks.ts';
import type { Task, TaskContext, TaskRunner } from '../../utils/index.ts';
import { AstridError, fromErrorRecord } from '../../utils/index.ts';

/** Which thread entry holds the tasks of a word: `preprocessing.*` runs in `workers/preprocess`. */
const ENTRY_OF_WORD: Readonly<Record<string, string>> = {
  observations: 'ingest',
  preprocessing: 'preprocess',
  differencing: 'difference',
  detection: 'detect',
  catalog: 'catalog',
};

/** How far threads stand back behind the host, of 19. */
const NICE = 10;
/**
 * Memory of a thread for objects that die young, MB. In 24 twenty megabytes a pair of 2048 px grew old, none of them alive
 * at its end, and the heap was collected whole every four pairs; in 12 several times a pair. More gains nothing.
 */
const YOUNG_MB = 48;
/**
 * By how much heaps grow before V8 collects all that is in one, per cent, while images are small. What it collects then
 * is also code: that of functions made within functions, of loops compiled while they ran, and what was compiled for
 * objects of which none is alive; the pairs after it compile it again, at up to 0.5 s of processor. For large images
 * their memory is worth more: as V8 will (0). V8 asks this of the whole process, the host's heap too.
 */
const HEAP_GROWING_PERCENT = { small: 1000, large: 0 } as const;
/** Memory of planes that nobody has asked for so long goes back to the system, ms. */
const IDLE_MS = 30_000;
/** Smaller than that are stamps, which tell nothing of the images they were cut from. */
const LEAST_IMAGE_PX = 1 << 16;

export interface ThreadRunnerOptions {
  /** Folder of the thread entries, and how their names end: `.ts` from source, `.js` when bundled. */
  readonly workersDir: string;
  readonly extension: '.ts' | '.js';
  readonly threads: number;
}

/** Threads of a pool, and its tasks. */
export interface PoolState {
  readonly threads: number;
  readonly most: number;
  readonly running: number;
  readonly waiting: number;
  /** Since the start. */
  readonly finished: number;
}

/** A pool of threads that runs pixel tasks; `close` ends the threads. */
export interface ThreadRunner extends TaskRunner {
  /** What the pool is at. */
  state(): PoolState;
  close(): Promise<void>;
}

/**
 * Make a pool of threads for tasks.
 *
 * A stop request ends the thread that runs the task, so even a long loop stops at once.
 *
 * @throws internal/stopped when the context's signal is aborted
 */
export function createThreadRunner(options: ThreadRunnerOptions): ThreadRunner {
  // Threads that start from now on can collect their garbage: see serveTasks.
  setFlagsFromString('--expose-gc');
  let images: keyof typeof HEAP_GROWING_PERCENT | undefined;
  const letHeapsGrow = (imagePx: number): void => {
    const now = imagePx >= LARGE_IMAGE_PX ? 'large' : 'small';
    if (imagePx < LEAST_IMAGE_PX || now === images) return;
    images = now;
    setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT[now]}`);
  };
  // What each task asked for the last time: it will again.
  const needs = new Map<string, readonly number[]>();
  let resting: ReturnType<typeof setTimeout> | undefined;
  const pool = new Piscina({
    filename: join(options.workersDir, `preprocess${options.extension}`),
    minThreads: 0,
    maxThreads: options.threads,
    idleTimeout: 60_000,
    concurrentTasksPerWorker: 1,
    recordTiming: false,
    // A thread that waits must be able to collect what its last task left.
    atomics: 'disabled',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    // Who waits for an answer goes first: on two cores, two busy threads made the host's own wait for 0.2 s.
    niceIncrement: NICE,
  });
  let underway = 0;
  let finished = 0;
  return {
    state: () => ({
      threads: pool.threads.length,
      most: options.threads,
      running: Math.max(0, underway - pool.queueSize),
      waiting: pool.queueSize,
      finished,
    }),
    concurrency: options.threads,
    run: async <Input, Output>(task: Task<Input, Output>, input: Input, context: TaskContext = {}) => {
      const entry = ENTRY_OF_WORD[task.name.slice(0, task.name.indexOf('.'))];
      if (entry === undefined) throw new Error(`no thread entry runs ${task.name}`);
      const filename = join(options.workersDir, `${entry}${options.extension}`);
      const signal = context.signal as AbortSignal | undefined;
      let reply: TaskReply;
      underway++;
      clearTimeout(resting);
      letHeapsGrow(largestImagePx(input));
      if (images === 'large') dropIdlePlanes();
      const lent = takeIdleMemory(needs.get(task.name) ?? []);
      try {
        reply = await pool.run(
          { name: task.name, input: packLists(input), lent },
          signal ? { filename, signal } : { filename },
        );
      } catch (error) {
        if (context.signal?.aborted) throw new AstridError('internal/stopped', 'Stopped on request.');
        throw error;
      } finally {
        underway--;
        finished++;
        if (underway === 0) resting = setTimeout(dropIdlePlanes, IDLE_MS).unref();
      }
      addIdleMemory(reply.memory.idle);
      needs.set(task.name, reply.memory.asked);
      countBytesMade(reply.memory.made);
      if (!reply.ok) throw fromErrorRecord(reply.error);
      const imagePx = largestImagePx(reply.value);
      if (imagePx >= LARGE_IMAGE_PX) letHeapsGrow(imagePx);
      return unpackLists(reply.value) as Output;
    },
    close: () => {
      clearTimeout(resting);
      return pool.destroy();
    },
  };
}
