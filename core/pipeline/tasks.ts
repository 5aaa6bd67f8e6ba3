import { takeBytesMade } from '../kernels/index.ts';
import type { ErrorRecord, Task, TaskContext } from '../utils/index.ts';
import { toErrorRecord } from '../utils/index.ts';

/** What crosses to a thread: which task, and its input. */
export interface TaskMessage {
  readonly name: string;
  readonly input: unknown;
}

/** What comes back: a value, or the error as data, because a thread's error loses its class and its facts. */
export type TaskReply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorRecord };

// A list of tasks holds tasks of many inputs; each is only ever called with its own, by name.
// biome-ignore lint/suspicious/noExplicitAny: the one place where inputs of all tasks meet
type AnyTask = Task<any, unknown>;

/** What a thread may leave lying about before it collects its garbage, bytes of planes. */
const LITTER_BYTES = 64 << 20;
/** What a task leaves of small things where it does not say, bytes: lists of stars, messages. */
const TASK_LITTER_BYTES = 12 << 20;
let litter = 0;

/**
 * Let go of the planes of earlier tasks, before the next one makes its own and when there is none to come.
 *
 * V8 does not collect for the sake of memory that threads share, however much of it is garbage: after one exposure of
 * 4096 px a thread held 600 MB. Only threads that were started with their collector in reach (`gc`) do so.
 */
function collectLitter(): void {
  if (litter < LITTER_BYTES) return;
  litter = 0;
  (globalThis as { readonly gc?: () => void }).gc?.();
}

/**
 * Make a thread's entry: it answers messages that name one of its tasks.
 *
 * @param afterEach called when a task is over, however it ended.
 */
export function serveTasks(
  tasks: readonly AnyTask[],
  context: TaskContext = {},
  afterEach: () => void = () => undefined,
) {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  return async (message: TaskMessage): Promise<TaskReply> => {
    collectLitter();
    const task = byName.get(message.name);
    try {
      if (!task) throw new Error(`this thread has no task named ${message.name}`);
      return { ok: true, value: await task.run(message.input, context) };
    } catch (error) {
      return { ok: false, error: toErrorRecord(error) };
    } finally {
      litter += takeBytesMade() + (task?.litterBytes ?? TASK_LITTER_BYTES);
      afterEach();
      // Once the answer is on its way nothing here refers to what was made.
      if (litter >= LITTER_BYTES) setTimeout(collectLitter);
    }
  };
}
