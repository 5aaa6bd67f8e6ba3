import type { StopSignal } from './errors.ts';

/**
 * A named pure function that may run on another thread.
 *
 * Input and output survive structured clone; pixels in them are views of SharedArrayBuffer, so that
 * crossing a thread shares them instead of copying.
 */
export interface Task<Input, Output> {
  /** `context.verb-object`, unique in the program. */
  readonly name: string;
  /** What it leaves lying about for the garbage collector beside planes, bytes; absent where nobody measured it. */
  readonly litterBytes?: number | undefined;
  run(input: Input, context: TaskContext): Output | Promise<Output>;
}

export interface TaskContext {
  readonly signal?: StopSignal | undefined;
  /** For tasks whose input names files instead of holding what is in them. */
  readonly readFile?: ReadFile | undefined;
}

/** Fill `into` with the bytes of a file from `start` on. @throws storage/not-found, storage/corrupted where it ends before */
export type ReadFile = (path: string, start: number, into: Uint8Array) => void;

/** Where tasks run: on a pool of threads, or inline in tests. */
export interface TaskRunner {
  run<Input, Output>(task: Task<Input, Output>, input: Input, context?: TaskContext): Promise<Output>;
  /** How many tasks run at once. */
  readonly concurrency: number;
}

/** Run every task on the calling thread, in order. */
export function createInlineRunner(): TaskRunner {
  return {
    concurrency: 1,
    run: async (task, input, context = {}) => task.run(input, context),
  };
}
