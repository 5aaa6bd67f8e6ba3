import {
  addIdleMemory,
  keepScratch,
  takeBytesMade,
  takeIdleMemory,
  takeSizesAsked,
} from '../kernels/index.ts';
import type { ErrorRecord, Task, TaskContext } from '../utils/index.ts';
import { toErrorRecord } from '../utils/index.ts';
import { packLists, unpackLists } from './pack-lists.ts';

export { packLists, unpackLists };

/** What crosses to a thread: which task, and its input. */
export interface TaskMessage {
  readonly name: string;
  /** Its lists may be packed. */
  readonly input: unknown;
  /** Idle memory for the planes that it will make. */
  readonly lent?: readonly SharedArrayBuffer[] | undefined;
}

/** What comes back: a value, its lists packed, or the error as data, because a thread's error loses its class and its facts. */
export type TaskReply = { readonly memory: TaskMemory } & (
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorRecord }
);

/** What a task did with memory of planes. */
export interface TaskMemory {
  /** Nobody uses it any more. */
  readonly idle: readonly SharedArrayBuffer[];
  /** Sizes that it asked for. */
  readonly asked: readonly number[];
  /** Bytes in fresh memory. */
  readonly made: number;
}

// A list of tasks holds tasks of many inputs; each is only ever called with its own, by name.
// biome-ignore lint/suspicious/noExplicitAny: the one place where inputs of all tasks meet
type AnyTask = Task<any, unknown>;

/** Images of fewer pixels are small: half of 4096 x 4096. */
export const LARGE_IMAGE_PX = 1 << 23;
/** What a thread may leave lying about before it collects its garbage, bytes. */
const LITTER_BYTES = 64 << 20;
/**
 * The same in planes while all images are small. To collect costs more than it seems: V8 throws away the code it has compiled
 * for objects of which none is alive at that moment, between two tasks nearly all of it, and compiles it again.
 */
const PLANES_OF_SMALL_BYTES = 256 << 20;
/** What a thread keeps of scratch memory from one task on small images to the next, bytes: what calibrating 2048 x 2048 px takes. */
const SCRATCH_OF_SMALL_BYTES = 112 << 20;
/** Who has waited so long for the next task may as well collect, ms. */
const IDLE_MS = 30_000;
/** What a task leaves of small things where it does not say, bytes: lists of stars, messages. */
const TASK_LITTER_BYTES = 12 << 20;
/** Bytes of planes, of other things, and whether any image was large, since the last collection. */
let planes = 0;
let things = 0;
let isLarge = false;
let idle: ReturnType<typeof setTimeout> | undefined;

const isDue = (): boolean => (isLarge ? planes + things >= LITTER_BYTES : planes >= PLANES_OF_SMALL_BYTES);

/**
 * Let go of the planes of earlier tasks, before the next one makes its own and when there is none to come.
 *
 * V8 does not collect for the sake of memory that threads share, however much of it is garbage: after one exposure of
 * 4096 px a thread held 600 MB. Only threads that were started with their collector in reach (`gc`) do so.
 */
function collectLitter(): void {
  planes = 0;
  things = 0;
  isLarge = false;
  (globalThis as { readonly gc?: () => void }).gc?.();
}

/** Hold nothing while nobody asks for anything. */
function rest(): void {
  keepScratch(0);
  if (planes + things >= LITTER_BYTES) collectLitter();
}

/** Pixels of the largest image that a message speaks of, in memory or in a file, 0 where of none; lists hold none. */
export function largestImagePx(message: unknown): number {
  if (message === null || typeof message !== 'object') return 0;
  if (ArrayBuffer.isView(message) || Array.isArray(message)) return 0;
  const { width, height } = message as { readonly width?: unknown; readonly height?: unknown };
  if (typeof width === 'number' && typeof height === 'number') return width * height;
  return Math.max(0, ...Object.values(message).map(largestImagePx));
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
    clearTimeout(idle);
    isLarge ||= largestImagePx(message.input) >= LARGE_IMAGE_PX;
    if (isDue()) collectLitter();
    keepScratch(isLarge ? 0 : SCRATCH_OF_SMALL_BYTES);
    addIdleMemory(message.lent ?? []);
    const task = byName.get(message.name);
    let result: { readonly ok: true; value: unknown } | { readonly ok: false; error: ErrorRecord };
    try {
      if (!task) throw new Error(`this thread has no task named ${message.name}`);
      const value = await task.run(unpackLists(message.input), context);
      isLarge ||= largestImagePx(value) >= LARGE_IMAGE_PX;
      result = { ok: true, value: packLists(value) };
    } catch (error) {
      result = { ok: false, error: toErrorRecord(error) };
    }
    const made = takeBytesMade();
    planes += made;
    things += task?.litterBytes ?? TASK_LITTER_BYTES;
    afterEach();
    // Once the answer is on its way nothing here refers to what was made.
    if (isDue()) setTimeout(collectLitter);
    else idle = setTimeout(rest, IDLE_MS);
    // What large images leave goes back to the system.
    const left = takeIdleMemory();
    return { ...result, memory: { idle: isLarge ? [] : left, asked: takeSizesAsked(), made } };
  };
}
